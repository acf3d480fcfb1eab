/**
 * The delay the relay adds: sender, server and receivers are three processes, each packet goes to the server and, half a
 * frame later, over a direct connection from the same sender to the same receiving process.
 */
import { startServer, type TestServer } from '../../test/support/server.ts';
import type { Listeners } from '../processes/listeners.ts';
import type { Receivers } from '../processes/receivers.ts';
import type { Sender } from '../processes/sender.ts';
import { lostIn } from '../support/bare-sink.ts';
import { Child } from '../support/child.ts';
import { delay } from '../support/clock.ts';
import { NONE, type Figure } from '../support/figure.ts';
import { median, pair, quantile, round, spread } from '../support/statistics.ts';
import { sentIndex } from '../support/voices.ts';

const WINDOWS = 5;
const WINDOW_MS = 2500;
const SETTLE_MS = 500;
/** By receivers. */
const GOALS: Record<number, string> = { 1: '<= 4 ms p50', 20: '<= 2 / 5 ms', 100: '<= 10 ms p99' };

interface Window {
  relayMs: number[];
  directMs: number[];
  lost: number;
}

export async function relay(): Promise<Figure[]> {
  const server = await startServer({ ANNOUNCED_ADDRESS: '127.0.0.1' });
  const sender = new Child<Sender>('processes/sender.ts');
  const receivers = new Child<Receivers>('processes/receivers.ts');
  let listeners: Child<Listeners> | undefined;
  try {
    await sender.call('talk', { port: server.port, name: 'Bench', saying: 'speech' });
    await connectDirectly(sender, receivers);
    const figures: Figure[] = [];
    let joined = 0;
    for (const count of [1, 20, 100]) {
      await receivers.call('join', { port: server.port, count: count - joined });
      joined = count;
      figures.push(await measure(sender, receivers, count, false));
      listeners = new Child<Listeners>('processes/listeners.ts');
      await listeners.call('play', { url: latestUrl(server), count: 1 });
      figures.push(await measure(sender, receivers, count, true));
      await listeners.close();
    }
    return figures;
  } finally {
    await Promise.all([sender.close(), receivers.close(), listeners?.close()]);
    await server.stop();
  }
}

export function latestUrl(server: TestServer): string {
  const url = new URL(server.latestMp3Url);
  url.hostname = '127.0.0.1';
  return url.href;
}

async function connectDirectly(sender: Child<Sender>, receivers: Child<Receivers>): Promise<void> {
  const offer = await sender.call('directOffer', undefined);
  const answer = await receivers.call('directAnswer', { offer });
  await Promise.all([sender.call('directAnswer', { answer }), receivers.call('tapDirect', undefined)]);
}

async function measure(
  sender: Child<Sender>,
  receivers: Child<Receivers>,
  count: number,
  withMp3: boolean,
): Promise<Figure> {
  await delay(SETTLE_MS);
  await receivers.call('take', undefined);
  const windows: Window[] = [];
  for (let i = 0; i < WINDOWS; i += 1) windows.push(await measureWindow(sender, receivers, count));
  // Above the typical direct packet of the same window; so the p99 holds the machine's own hiccups too.
  const added = windows.map(({ relayMs, directMs }) => relayMs.map((ms) => ms - median(directMs)));
  const medians = added.map((ms) => median(ms));
  const all = spread(added.flat(), 'relayed packets');
  const direct = spread(
    windows.flatMap(({ directMs }) => directMs),
    'direct packets',
  );
  const lost = windows.reduce((sum, window) => sum + window.lost, 0);
  const range = `${round(Math.min(...medians))} to ${round(Math.max(...medians))}`;
  return {
    what: `delay added, ${count} receiver${count === 1 ? '' : 's'}${withMp3 ? ' + 1 MP3 listener' : ''}`,
    ours: `${pair({ p50: median(medians), p99: all.p99 }, 'ms')} (windows ${range}${lost > 0 ? `, ${lost} lost` : ''})`,
    goal: GOALS[count] ?? NONE,
    python: count === 20 && !withMp3 ? '95 ms' : NONE,
    control: `direct: ${pair(direct, 'ms')}`,
    data: {
      addedMs: { ...all, p50OfWindows: medians },
      directMs: direct,
      relayedP99OfWindows: windows.map(({ relayMs }) => quantile(relayMs, 0.99)),
      lost,
    },
  };
}

async function measureWindow(sender: Child<Sender>, receivers: Child<Receivers>, count: number): Promise<Window> {
  await delay(WINDOW_MS);
  const [arrived, { sentAtMs, directAtMs }] = [
    await receivers.call('take', undefined),
    await sender.call('sent', undefined),
  ];
  const silent = arrived.sinks.filter((sink) => sink.arrivedAtMs.length === 0).length;
  if (silent > 0 || arrived.sinks.length !== count) throw new Error(`${silent} of ${count} receivers hear nothing`);
  const delays = (sent: number[], sink: { arrivedAtMs: number[]; payloadBytes: number[] }): number[] =>
    sink.arrivedAtMs.flatMap((at, i) => {
      const index = sentIndex(sent, sink.payloadBytes[i]!, at);
      return index === undefined ? [] : [at - sent[index]!];
    });
  return {
    relayMs: arrived.sinks.flatMap((sink) => delays(sentAtMs, sink)),
    directMs: arrived.direct ? delays(directAtMs, arrived.direct) : [],
    lost: arrived.sinks.reduce((sum, sink) => sum + lostIn(sink.sequenceNumbers), 0),
  };
}
