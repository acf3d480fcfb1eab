import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AudioPacket } from '../../../src/media/audio-packet.ts';
import { PacketPairs } from '../../../src/media/packet-pairs.ts';
import { framesOf } from '../../support/opus-frames.ts';

const FRAME_TICKS = 480;
const HYBRID = 14 << 3;
const WIDE_BAND = 8 << 3;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Its frame tells its number. */
function packetOf(n: number, toc = HYBRID, more: Partial<AudioPacket> = {}): AudioPacket {
  const payload = Buffer.alloc(5 + (n % 3), toc);
  payload.writeUInt32BE(n, 1);
  const timestamp = (n * FRAME_TICKS) >>> 0;
  return { sequenceNumber: n & 0xffff, timestamp, marker: false, payload, levelDbov: undefined, ...more };
}

function numbersIn({ payload }: AudioPacket): number[] {
  return framesOf(payload).map((frame) => frame.readUInt32BE(1));
}

function open(): { pairs: PacketPairs; out: AudioPacket[]; write: (...numbers: number[]) => void } {
  const out: AudioPacket[] = [];
  const pairs = new PacketPairs((packet) => out.push(packet));
  const write = (...numbers: number[]): void => {
    for (const n of numbers) pairs.write(packetOf(n));
  };
  return { pairs, out, write };
}

/** Sequence number, first frame's place in time, and the frames, each from the first packet on. */
const told = (out: readonly AudioPacket[]): unknown[] =>
  out.map((packet) => [packet.sequenceNumber, packet.timestamp / FRAME_TICKS, numbersIn(packet)]);

test('two become one, under the number and the time of the first', () => {
  const { out, write } = open();
  write(10, 11, 12, 13, 14, 15);
  expect(told(out)).toEqual([
    [10, 10, [10, 11]],
    [11, 12, [12, 13]],
    [12, 14, [14, 15]],
  ]);
});

test('a lost packet is one gap, and its neighbour goes out alone', () => {
  const { out, write } = open();
  write(10, 11, 12, 14, 15, 16, 17);
  expect(told(out)).toEqual([
    [10, 10, [10, 11]],
    [11, 12, [12]],
    [13, 14, [14, 15]],
    [14, 16, [16, 17]],
  ]);
});

test('one that comes late, or once more, takes the number left for it, or none', () => {
  const { out, write } = open();
  write(10, 11, 12, 14, 15, 16, 17, 13, 13, 12, 16, 18, 19);
  expect(told(out)).toEqual([
    [10, 10, [10, 11]],
    [11, 12, [12]],
    [13, 14, [14, 15]],
    [14, 16, [16, 17]],
    [12, 13, [13]],
    [15, 18, [18, 19]],
  ]);
});

test('one that comes twice while it waits goes out once', () => {
  const { out, write } = open();
  write(10, 10, 11);
  expect(told(out)).toEqual([[10, 10, [10, 11]]]);
});

test('it waits 15 ms at most, and what has come by then is looked at first', () => {
  const { out, write } = open();
  write(10);
  vi.advanceTimersByTime(14);
  expect(out).toEqual([]);
  vi.advanceTimersByTime(2);
  expect(told(out)).toEqual([[10, 10, [10]]]);
  write(11, 12);
  expect(told(out).slice(1)).toEqual([[11, 11, [11, 12]]]);

  write(13);
  // The time is up in the turn of the loop that brings its partner.
  setTimeout(() => write(14), 15);
  vi.advanceTimersByTime(15);
  vi.runAllTimers();
  expect(told(out).slice(2)).toEqual([[12, 13, [13, 14]]]);
});

test('another mode, a pause and a marker part two packets', () => {
  const { pairs, out } = open();
  pairs.write(packetOf(1));
  pairs.write(packetOf(2, WIDE_BAND));
  pairs.write(packetOf(3, WIDE_BAND, { timestamp: 30 * FRAME_TICKS }));
  pairs.write(packetOf(4, WIDE_BAND, { timestamp: 31 * FRAME_TICKS, marker: true }));
  pairs.flush();
  expect(out.map(numbersIn)).toEqual([[1], [2], [3], [4]]);
  expect(out.map(({ sequenceNumber, marker }) => [sequenceNumber, marker])).toEqual([
    [1, false],
    [2, false],
    [3, false],
    [4, true],
  ]);
});

test('packets of 20 ms and those of DTX are passed on at once', () => {
  const { pairs, out } = open();
  const ofTwenty = packetOf(1, 15 << 3);
  pairs.write(ofTwenty);
  pairs.write({ ...packetOf(2), payload: Buffer.from([HYBRID]) });
  expect(out).toEqual([ofTwenty, expect.objectContaining({ sequenceNumber: 2, payload: Buffer.from([HYBRID]) })]);
});

test('the louder of two is the level of both', () => {
  const { pairs, out } = open();
  pairs.write(packetOf(1, HYBRID, { levelDbov: -40 }));
  pairs.write(packetOf(2, HYBRID, { levelDbov: -20 }));
  expect(out[0]?.levelDbov).toBe(-20);
});

test('a source that begins anew, before or behind, is no loss', () => {
  const { out, write } = open();
  write(10, 11, 12, 60_000, 60_001, 3_000_005, 3_000_006, 700, 701);
  expect(out.map(numbersIn)).toEqual([[10, 11], [12], [60_000, 60_001], [3_000_005, 3_000_006], [700, 701]]);
});

test('numbers go on by one over all wraps', () => {
  vi.useRealTimers();
  const { out, write } = open();
  for (let n = 65_000; n < 200_000; n += 1) write(n);
  const wrong = out.filter(
    ({ sequenceNumber, timestamp }, i) =>
      i > 0 &&
      (((sequenceNumber - out[i - 1]!.sequenceNumber) & 0xffff) !== 1 ||
        (timestamp - out[i - 1]!.timestamp) >>> 0 !== 2 * FRAME_TICKS),
  );
  expect([out.length, wrong]).toEqual([67_500, []]);
});

test('nothing goes out after close', () => {
  const { pairs, out, write } = open();
  write(1);
  pairs.close();
  vi.runAllTimers();
  expect(out).toEqual([]);
});

interface Fate {
  lost: boolean;
  twice: boolean;
  /** Packets that overtake it. */
  late: number;
  isWide: boolean;
  /** Nothing comes for so long before it. */
  pauseMs: number;
}

const fates = fc.array(
  fc.record<Fate>({
    lost: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    twice: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    late: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 12 })),
    isWide: fc.integer({ min: 0, max: 19 }).map((n) => n === 0),
    pauseMs: fc.constantFrom(0, 0, 0, 10, 40),
  }),
  { minLength: 1, maxLength: 60 },
);

test('any order, loss and repetition: each frame that came is there once, in its place, and each that did not is one gap', () => {
  fc.assert(
    fc.property(fates, fc.integer({ min: 0, max: 200_000 }), (each, first) => {
      const { pairs, out } = open();
      let isWide = false;
      const arriving = each
        .flatMap((fate, i) => {
          isWide = fate.isWide !== isWide;
          const packet = packetOf(first + i, isWide ? WIDE_BAND : HYBRID);
          const once = { packet, at: i + fate.late, pauseMs: fate.pauseMs };
          if (fate.lost) return [];
          return fate.twice ? [once, { ...once, at: once.at + 2 }] : [once];
        })
        .sort((a, b) => a.at - b.at);
      for (const { packet, pauseMs } of arriving) {
        vi.advanceTimersByTime(pauseMs);
        pairs.write(packet);
      }
      vi.runAllTimers();

      const begin = arriving[0]?.packet;
      if (!begin) return;
      // What came after something later had begun the run has no place in it.
      const firstNumber = begin.payload.readUInt32BE(1);
      const came = [...new Set(arriving.map(({ packet }) => packet.payload.readUInt32BE(1)))]
        .filter((n) => n >= firstNumber)
        .sort((a, b) => a - b);
      const order = out
        .map((packet) => ({ packet, place: (packet.sequenceNumber - begin.sequenceNumber) & 0xffff }))
        .sort((a, b) => a.place - b.place);
      expect(order.flatMap(({ packet }) => numbersIn(packet))).toEqual(came);
      let expected = firstNumber;
      let place = 0;
      for (const one of order) {
        const numbers = numbersIn(one.packet);
        place += numbers[0]! - expected;
        expect([one.place, one.packet.timestamp]).toEqual([place, (numbers[0]! * FRAME_TICKS) >>> 0]);
        place += 1;
        expected = numbers.at(-1)! + 1;
      }
    }),
    { seed: 11, numRuns: 1000 },
  );
});
