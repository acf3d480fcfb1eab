/** A stream with more receivers than `crowdAbove`: who hears pairs of packets, and that nobody hears anything twice or not at all. */
import { expect, test } from 'vitest';
import type { AudioPacket } from '../../../src/media/audio-packet.ts';
import { Relay } from '../../../src/media/relay.ts';
import { Stream } from '../../../src/media/stream.ts';
import { FakeSink } from '../../fakes/fake-sink.ts';
import { framesOf } from '../../support/opus-frames.ts';
import { quietLog } from '../../support/quiet-log.ts';

const HYBRID = 14 << 3;

function packetOf(n: number, timestamp = n * 480): AudioPacket {
  return {
    sequenceNumber: n,
    timestamp,
    marker: false,
    payload: Buffer.from([HYBRID, n, n, n]),
    levelDbov: undefined,
  };
}

const open = (crowdAbove: number, now?: () => number): Stream =>
  new Stream({ id: 'kitchen', name: 'Kitchen', crowdAbove, ...(now && { now }) });

/** The number in each frame, one list for each packet. */
const heard = (sink: FakeSink): number[][] => sink.heard.map(({ payload }) => framesOf(payload).map(([, n]) => n!));

function join(stream: Stream, count: number): FakeSink[] {
  const sinks = Array.from({ length: count }, () => new FakeSink());
  for (const sink of sinks) expect(stream.attachReceiver(sink)).toBe(true);
  return sinks;
}

function say(stream: Stream, from: number, to: number): void {
  for (let n = from; n <= to; n += 1) stream.write(packetOf(n));
}

test('as many as `crowdAbove` get each packet as it came', () => {
  const stream = open(3);
  const sinks = join(stream, 3);
  say(stream, 1, 4);
  for (const sink of sinks) expect(heard(sink)).toEqual([[1], [2], [3], [4]]);
});

test('a talk that begins in front of more sends pairs to all of them, and originals to whatever else takes it', () => {
  const stream = open(3);
  const recording = Object.assign(new FakeSink(), { takesBacklog: true });
  stream.attach(recording);
  const sinks = join(stream, 4);
  const plain = new FakeSink();
  stream.attach(plain);
  say(stream, 1, 4);
  for (const sink of sinks) {
    expect(heard(sink)).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(sink.events).toEqual(['attached kitchen']);
  }
  expect(heard(recording)).toEqual([[1], [2], [3], [4]]);
  expect(heard(plain)).toEqual([[1], [2], [3], [4]]);
  expect(stream.sinkCount).toBe(6);
  expect([stream.packetsIn, stream.packetsOut]).toEqual([4, 2 * 4 + 4 * 2]);
  // One Buffer for all of them.
  expect(sinks[0]?.heard[0]).toBe(sinks[3]?.heard[0]);
});

test('while a talk runs nobody is moved: who comes when there are enough hears pairs', () => {
  const stream = open(2);
  const first = join(stream, 2);
  say(stream, 1, 2);
  const [third, fourth] = join(stream, 2);
  say(stream, 3, 6);
  for (const sink of first) expect(heard(sink)).toEqual([[1], [2], [3], [4], [5], [6]]);
  for (const sink of [third!, fourth!]) {
    expect(heard(sink)).toEqual([
      [3, 4],
      [5, 6],
    ]);
  }
  stream.detach(first[0]!);
  stream.detach(third!);
  const [fifth] = join(stream, 1);
  say(stream, 7, 8);
  expect(heard(fourth!).at(-1)).toEqual([7, 8]);
  // Three of them would be more than two.
  expect(stream.sinkCount).toBe(3);
  expect(heard(fifth!)).toEqual([[7, 8]]);
  expect(third!.events).toEqual(['attached kitchen', 'detached kitchen']);
  expect(heard(third!)).toHaveLength(2);
});

test('a talk that ends on half a pair is heard to its last word, and only then are they told', () => {
  const stream = open(1);
  const sinks = join(stream, 2);
  say(stream, 1, 3);
  const order: string[] = [];
  Object.assign(sinks[0]!, { write: () => order.push('heard'), detached: () => order.push('detached') });
  stream.end();
  expect(heard(sinks[1]!)).toEqual([[1, 2], [3]]);
  expect(order).toEqual(['heard', 'detached']);
  expect(stream.sinkCount).toBe(0);
});

test('a backlog is left out for a crowd, too, and it is told before the next packet', () => {
  let nowMs = 0;
  const stream = open(1, () => nowMs);
  const sinks = join(stream, 2);
  const said: unknown[] = [];
  Object.assign(sinks[0]!, {
    write: ({ payload }: AudioPacket) => said.push(...framesOf(payload).map(([, n]) => n)),
    skipped: () => said.push('skipped'),
  });
  for (let n = 1; n <= 5; n += 1, nowMs += 10) stream.write(packetOf(n));
  // 2 s of it at once, then at its pace again.
  nowMs += 2000;
  for (let n = 6; n <= 205; n += 1) stream.write(packetOf(n));
  for (let n = 206; n <= 215; n += 1, nowMs += 10) stream.write(packetOf(n));
  const at = said.indexOf('skipped');
  expect(stream.packetsStale).toBeGreaterThan(100);
  expect(at).toBeGreaterThan(4);
  expect(said.slice(0, 5)).toEqual([1, 2, 3, 4, 5]);
  const after = said.slice(at + 1) as number[];
  expect(after).toEqual(after.map((_, i) => after[0]! + i));
  expect(after.at(-1)).toBeGreaterThanOrEqual(214);
  stream.end();
});

test('a crowd member that throws disturbs no other', () => {
  const errors: unknown[] = [];
  const stream = new Stream({ id: 'kitchen', name: 'Kitchen', crowdAbove: 1, onSinkError: (e) => errors.push(e) });
  const [failing, good] = join(stream, 2);
  failing!.failing = true;
  say(stream, 1, 4);
  expect(heard(good!)).toEqual([
    [1, 2],
    [3, 4],
  ]);
  expect([stream.sinkErrors, errors.length]).toEqual([2, 1]);
});

test('when the last of the crowd leaves nothing is paired any more; the next one begins anew', () => {
  const stream = open(0);
  const [only] = join(stream, 1);
  say(stream, 1, 3);
  stream.detach(only!);
  expect(heard(only!)).toEqual([[1, 2]]);
  const [next] = join(stream, 1);
  say(stream, 4, 5);
  expect(heard(next!)).toEqual([[4, 5]]);
});

test('a relay hands its limit to each talk; the default is 100', () => {
  const hears = (relay: Relay, receivers: number): number => {
    const stream = relay.start({ id: 'kitchen', name: 'Kitchen' });
    const [sink] = join(stream, receivers);
    say(stream, 1, 4);
    relay.end(stream, 'stopped');
    return sink!.heard.length;
  };
  const log = quietLog();
  expect(hears(new Relay({ log, crowdAbove: 2 }), 3)).toBe(2);
  expect(hears(new Relay({ log }), 100)).toBe(4);
  expect(hears(new Relay({ log }), 101)).toBe(2);
});
