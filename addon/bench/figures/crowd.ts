/** One stream, hundreds of receivers, the server on one core: how late the last of them gets a packet, and what it costs. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { startServer } from '../../test/support/server.ts';
import type { Receivers } from '../processes/receivers.ts';
import type { Sender } from '../processes/sender.ts';
import { lostIn, type SinkLog } from '../support/bare-sink.ts';
import { Child } from '../support/child.ts';
import { delay } from '../support/clock.ts';
import { NONE, type Figure } from '../support/figure.ts';
import { readStoodStillMs, readUsage } from '../support/metrics.ts';
import { pair, round, spread, windows } from '../support/statistics.ts';
import { numberedIndex } from '../support/voices.ts';

const SERVER = join(import.meta.dirname, '../../src/main.ts');
const IMPORTS = ['../typescript.mjs', '../processes/raised-limits.ts'];
const COUNTS = [100, 200, 300, 400, 500];
/** Those who hear share one process: two, so that they are not what is measured. */
const PROCESSES = 2;
const WINDOWS = 5;
const WINDOW_MS = 1000;
const SETTLE_MS = 2000;
/** The next one is due by then, or the one after it. */
const LATE_MS = 20;

interface Window {
  delaysMs: number[];
  lost: number;
  packetsPerReceiver: number;
  usPerPacket: number;
  serverStoodStillMs: number;
  hearersStoodStillMs: number;
}

export async function crowd(): Promise<Figure[]> {
  // Who speaks and hears has the other core, and what is started from here inherits it.
  const cores = execFileSync('taskset', ['-pc', String(process.pid)], { encoding: 'utf8' })
    .replace(/^.*: /s, '')
    .trim();
  pin('1');
  const imports = IMPORTS.map((file) => `--import ${new URL(file, import.meta.url).href}`).join(' ');
  const server = await startServer(
    { ANNOUNCED_ADDRESS: '127.0.0.1', NODE_OPTIONS: imports },
    ['taskset', '-c', '0'],
    SERVER,
  );
  const sender = new Child<Sender>('processes/sender.ts');
  const receivers = Array.from({ length: PROCESSES }, () => new Child<Receivers>('processes/receivers.ts'));
  try {
    await sender.call('talk', { port: server.port, name: 'Bench', saying: 'numbered' });
    const figures: Figure[] = [];
    let joined = 0;
    for (const count of COUNTS) {
      const more = (count - joined) / PROCESSES;
      await Promise.all(receivers.map((process) => process.call('join', { port: server.port, count: more })));
      joined = count;
      // They came while somebody spoke; what is measured is a talk that begins in front of them.
      await sender.call('talkAgain', undefined);
      await delay(SETTLE_MS);
      figures.push(await measure(server.port, sender, receivers, count));
      process.stderr.write(`crowd: ${count}: ${figures.at(-1)!.ours}\n`);
    }
    return figures;
  } finally {
    await Promise.all([sender, ...receivers].map((process) => process.close()));
    await server.stop();
    pin(cores);
  }
}

function pin(cores: string): void {
  execFileSync('taskset', ['-apc', cores, String(process.pid)], { stdio: 'ignore' });
}

async function measure(
  port: number,
  sender: Child<Sender>,
  receivers: readonly Child<Receivers>[],
  count: number,
): Promise<Figure> {
  const measured: Window[] = [];
  for (let i = 0; i < WINDOWS; i += 1) measured.push(await measureWindow(port, sender, receivers, count));
  const delays = spread(
    measured.flatMap(({ delaysMs }) => delaysMs),
    'packets',
  );
  const late = measured.flatMap(({ delaysMs }) => delaysMs).filter((ms) => ms > LATE_MS).length;
  const lost = measured.reduce((sum, window) => sum + window.lost, 0);
  const sums = measured.map(({ packetsPerReceiver }) => packetsPerReceiver);
  const packetsASecond = (sums.reduce((sum, packets) => sum + packets, 0) * 1000) / (WINDOWS * WINDOW_MS);
  const standstills = measured.map(({ serverStoodStillMs, hearersStoodStillMs }) => ({
    serverStoodStillMs,
    hearersStoodStillMs,
  }));
  const server = Math.max(...standstills.map(({ serverStoodStillMs }) => serverStoodStillMs));
  const hearers = Math.max(...standstills.map(({ hearersStoodStillMs }) => hearersStoodStillMs));
  const costs = measured.map(({ usPerPacket }) => usPerPacket);
  return {
    what: `${count} receivers of one stream, the server on one core`,
    ours: `${late} of ${delays.count} packets later than ${LATE_MS} ms, ${lost} lost; ${pair(delays, 'ms')}, at most ${round(delays.max)}`,
    goal: count === 500 ? 'none late' : NONE,
    python: NONE,
    control: `CPU per packet: ${windows(costs, 'us')}; ${round(packetsASecond)} packets a second to each; stood still at most: server ${round(server)} ms, hearers ${round(hearers)} ms`,
    data: { count, delays, late, lost, packetsASecond, usPerPacket: costs, standstills },
  };
}

async function measureWindow(
  port: number,
  sender: Child<Sender>,
  receivers: readonly Child<Receivers>[],
  count: number,
): Promise<Window> {
  const take = async (): Promise<{ sinks: SinkLog[]; hearersStoodStillMs: number }> => {
    const taken = await Promise.all(receivers.map((process) => process.call('take', undefined)));
    return {
      sinks: taken.flatMap(({ sinks }) => sinks),
      hearersStoodStillMs: Math.max(...taken.map(({ stoodStillMs }) => stoodStillMs)),
    };
  };
  await take();
  const before = await readUsage(port);
  await delay(WINDOW_MS);
  const serverStoodStillMs = await readStoodStillMs(port);
  const after = await readUsage(port);
  const { sinks, hearersStoodStillMs } = await take();
  const { sentAtMs } = await sender.call('sent', undefined);
  const silent = sinks.filter(({ arrivedAtMs }) => arrivedAtMs.length === 0).length;
  if (silent > 0 || sinks.length !== count) throw new Error(`${silent} of ${sinks.length} receivers hear nothing`);
  const delaysMs = sinks.flatMap(({ arrivedAtMs, payloadBytes }) =>
    arrivedAtMs.flatMap((at, i) => {
      const found = numberedIndex(sentAtMs, payloadBytes[i]!, at);
      return found === undefined ? [] : [at - sentAtMs[found.index]!];
    }),
  );
  return {
    delaysMs,
    serverStoodStillMs,
    hearersStoodStillMs,
    packetsPerReceiver: delaysMs.length / count,
    lost: sinks.reduce((sum, { sequenceNumbers }) => sum + lostIn(sequenceNumbers), 0),
    usPerPacket: ((after.cpuSeconds - before.cpuSeconds) * 1e6) / delaysMs.length,
  };
}
