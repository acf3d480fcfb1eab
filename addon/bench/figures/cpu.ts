/** CPU and memory of the server's process alone, by receivers of one stream; beside it the floor of Node on this machine. */
import { startServer, type TestServer } from '../../test/support/server.ts';
import type { Floor } from '../processes/floor.ts';
import type { PlainRelay } from '../processes/plain-relay.ts';
import type { Receivers } from '../processes/receivers.ts';
import type { Sender } from '../processes/sender.ts';
import { lostIn } from '../support/bare-sink.ts';
import { Child } from '../support/child.ts';
import { delay } from '../support/clock.ts';
import { NONE, type Figure } from '../support/figure.ts';
import { readMemory, WITH_INSPECTOR, type Memory } from '../support/memory.ts';
import { readUsage } from '../support/metrics.ts';
import { median, round, windows } from '../support/statistics.ts';

const WINDOWS = 5;
const WINDOW_MS = 2200;
const SETTLE_MS = 1500;
const FLOOR_MS = 4000;
const COUNTS = [20, 100];

interface Measured {
  count: number;
  usPerPacket: number[];
  cpuOfACore: number;
  packetsPerSecond: number;
  /** Of one receiver in one window. */
  packetsOfAReceiver: { least: number; most: number }[];
  memory: Memory;
  lost: number;
}

export async function cpu(): Promise<Figure[]> {
  const server = await startServer({ ANNOUNCED_ADDRESS: '127.0.0.1', ...WITH_INSPECTOR });
  const sender = new Child<Sender>('processes/sender.ts');
  const receivers = new Child<Receivers>('processes/receivers.ts');
  const floor = new Child<Floor>('processes/floor.ts');
  const controls: { floorUs: number; plainUs: number }[] = [];
  try {
    await sender.call('talk', { port: server.port, name: 'Bench', saying: 'speech' });
    await delay(SETTLE_MS);
    const alone = await readMemory(server);
    const measured: Measured[] = [];
    let joined = 0;
    for (const count of COUNTS) {
      const ports = await receivers.call('openPlain', { count });
      const { usPerPacket } = await floor.call('run', { ports, durationMs: FLOOR_MS });
      if ((await receivers.call('closePlain', undefined)) === 0) throw new Error('the floor sent nothing');
      controls.push({ floorUs: usPerPacket, plainUs: await plainWerift(receivers, count) });
      await receivers.call('join', { port: server.port, count: count - joined });
      joined = count;
      measured.push(await measure(server, receivers, count));
    }
    return [...measured.map((one, i) => cpuFigure(one, controls[i]!)), memoryFigure(measured, alone)];
  } finally {
    await Promise.all([sender.close(), receivers.close(), floor.close()]);
    await server.stop();
  }
}

/** In a process of its own, which ends before ours is measured. */
async function plainWerift(receivers: Child<Receivers>, count: number): Promise<number> {
  const plain = new Child<PlainRelay>('processes/plain-relay.ts');
  try {
    const answers: string[] = [];
    for (const offer of await receivers.call('offerWerift', { count })) {
      answers.push(await plain.call('answer', { offer }));
    }
    await receivers.call('acceptWerift', { answers });
    await plain.call('run', { durationMs: SETTLE_MS });
    const { usPerPacket } = await plain.call('run', { durationMs: FLOOR_MS });
    if ((await receivers.call('closeWerift', undefined)) === 0) throw new Error('plain werift sent nothing');
    return usPerPacket;
  } finally {
    await plain.close();
  }
}

async function measure(server: TestServer, receivers: Child<Receivers>, count: number): Promise<Measured> {
  await delay(SETTLE_MS);
  await receivers.call('take', undefined);
  const usPerPacket: number[] = [];
  const packetsOfAReceiver: Measured['packetsOfAReceiver'] = [];
  let [cpuSeconds, elapsedMs, delivered, lost] = [0, 0, 0, 0];
  for (let i = 0; i < WINDOWS; i += 1) {
    const before = await readUsage(server.port);
    await receivers.call('take', undefined);
    await delay(WINDOW_MS);
    const after = await readUsage(server.port);
    const { sinks } = await receivers.call('take', undefined);
    const counts = sinks.map((sink) => sink.sequenceNumbers.length);
    packetsOfAReceiver.push({ least: Math.min(...counts), most: Math.max(...counts) });
    if (counts.includes(0)) throw new Error('a receiver hears nothing');
    const packets = counts.reduce((sum, one) => sum + one, 0);
    const used = after.cpuSeconds - before.cpuSeconds;
    usPerPacket.push((used * 1e6) / packets);
    cpuSeconds += used;
    elapsedMs += after.atMs - before.atMs;
    delivered += packets;
    lost += sinks.reduce((sum, sink) => sum + lostIn(sink.sequenceNumbers), 0);
  }
  return {
    count,
    usPerPacket,
    cpuOfACore: cpuSeconds / (elapsedMs / 1000),
    packetsPerSecond: delivered / (elapsedMs / 1000),
    packetsOfAReceiver,
    memory: await readMemory(server),
    lost,
  };
}

function cpuFigure(measured: Measured, control: { floorUs: number; plainUs: number }): Figure {
  const { count, usPerPacket, cpuOfACore, packetsPerSecond, lost } = measured;
  const share = `${round(cpuOfACore * 100)} % of a core at ${packetsPerSecond.toFixed(0)}/s`;
  return {
    what: `CPU per packet delivered, ${count} receivers`,
    ours: `${windows(usPerPacket, 'us')}, ${share}${lost > 0 ? `, ${lost} lost` : ''}`,
    goal: count === 100 ? '<= 45 us' : NONE,
    python: count === 20 ? '630 us' : NONE,
    control: `plain werift: ${round(control.plainUs)} us; AES-GCM + send in Node: ${round(control.floorUs)} us`,
    data: { ...measured, medianUs: median(usPerPacket), ...control },
  };
}

function memoryFigure(measured: Measured[], alone: Memory): Figure {
  const [few, many] = [measured[0]!, measured.at(-1)!];
  const megabytes = (bytes: number): string => round(bytes / 1e6);
  const each = (key: keyof Memory): string =>
    megabytes((many.memory[key] - few.memory[key]) / (many.count - few.count));
  return {
    what: `memory per receiver, from ${few.count} to ${many.count}`,
    ours: `${each('liveBytes')} MB live, ${each('residentBytes')} MB resident`,
    goal: '<= 0.2 MB',
    python: '0.3 MB',
    control: `resident, one sender alone: ${megabytes(alone.residentBytes)} MB`,
    data: { alone, measured: measured.map(({ count, memory }) => ({ count, ...memory })) },
  };
}
