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
import { readUsage } from '../support/metrics.ts';
import { pair, round, spread, windows } from '../support/statistics.ts';
import { sentIndex } from '../support/voices.ts';

const SERVER = join(import.meta.dirname, '../../src/main.ts');
const IMPORTS = ['../typescript.mjs', '../processes/raised-limits.ts'];
const COUNTS = [100, 200, 300, 400, 500];
/** Those who hear share one process: two, so that they are not what is measured. */
const PROCESSES = 2;
const WINDOWS = 5;
const WINDOW_MS = 1000;
const SETTLE_MS = 2000;
/** The next one is due by then. */
const LATE_MS = 20;

interface Window {
  delaysMs: number[];
  lost: number;
  usPerPacket: number;
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
    await sender.call('talk', { port: server.port, name: 'Bench', saying: 'speech' });
    const figures: Figure[] = [];
    let joined = 0;
    for (const count of COUNTS) {
      const more = (count - joined) / PROCESSES;
      await Promise.all(receivers.map((process) => process.call('join', { port: server.port, count: more })));
      joined = count;
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
  const costs = measured.map(({ usPerPacket }) => usPerPacket);
  return {
    what: `${count} receivers of one stream, the server on one core`,
    ours: `${late} of ${delays.count} packets later than ${LATE_MS} ms, ${lost} lost; ${pair(delays, 'ms')}, at most ${round(delays.max)}`,
    goal: count === 500 ? 'none late' : NONE,
    python: NONE,
    control: `CPU per packet: ${windows(costs, 'us')}`,
    data: { count, delays, late, lost, usPerPacket: costs },
  };
}

async function measureWindow(
  port: number,
  sender: Child<Sender>,
  receivers: readonly Child<Receivers>[],
  count: number,
): Promise<Window> {
  const take = async (): Promise<SinkLog[]> => {
    return (await Promise.all(receivers.map((process) => process.call('take', undefined)))).flatMap(
      ({ sinks }) => sinks,
    );
  };
  await take();
  const before = await readUsage(port);
  await delay(WINDOW_MS);
  const after = await readUsage(port);
  const sinks = await take();
  const { sentAtMs } = await sender.call('sent', undefined);
  const silent = sinks.filter(({ arrivedAtMs }) => arrivedAtMs.length === 0).length;
  if (silent > 0 || sinks.length !== count) throw new Error(`${silent} of ${sinks.length} receivers hear nothing`);
  const delaysMs = sinks.flatMap(({ arrivedAtMs, payloadBytes }) =>
    arrivedAtMs.flatMap((at, i) => {
      const index = sentIndex(sentAtMs, payloadBytes[i]!, at);
      return index === undefined ? [] : [at - sentAtMs[index]!];
    }),
  );
  return {
    delaysMs,
    lost: sinks.reduce((sum, { sequenceNumbers }) => sum + lostIn(sequenceNumbers), 0),
    usPerPacket: ((after.cpuSeconds - before.cpuSeconds) * 1e6) / delaysMs.length,
  };
}
