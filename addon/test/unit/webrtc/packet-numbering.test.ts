import { expect, test } from 'vitest';
import { PacketNumbering, type Numbers } from '../../../src/webrtc/packet-numbering.ts';

/** What goes out for these incoming numbers, relative to the first; `null` for what is dropped. */
function numbered(numbering: PacketNumbering, incoming: readonly number[]): (number | null)[] {
  const out = incoming.map((n) => numbering.next(n & 0xffff, (n * 960) >>> 0, 0));
  const first = out[0]!;
  return out.map((numbers) => (numbers ? (numbers.sequenceNumber - first.sequenceNumber) & 0xffff : null));
}

test('gaps, order and duplicates are passed on', () => {
  expect(numbered(new PacketNumbering(), [10, 11, 14, 13, 13, 15])).toEqual([0, 1, 4, 3, 3, 5]);
});

test('numbers run over both wraps', () => {
  const numbering = new PacketNumbering();
  let last: Numbers | undefined;
  const wrong: number[] = [];
  for (let n = 65_000; n < 135_000; n += 1) {
    const next = numbering.next(n & 0xffff, (n * 960) >>> 0, 0)!;
    const isNext =
      !last ||
      (((next.sequenceNumber - last.sequenceNumber) & 0xffff) === 1 && (next.timestamp - last.timestamp) >>> 0 === 960);
    if (!isNext) wrong.push(n);
    last = next;
  }
  expect(wrong).toEqual([]);
});

test('a restart and a jump above 50 go on by one packet and one frame, with the marker', () => {
  const numbering = new PacketNumbering();
  const before = numbering.next(100, 1000, 0)!;
  numbering.restart();
  const after = numbering.next(7, 777, 3)!;
  const jumped = numbering.next(7 + 51, 0, 20)!;
  const back = numbering.next(7, 0, 40)!;
  const all = [before, after, jumped, back];
  expect(all.map((one) => (one.sequenceNumber - before.sequenceNumber) & 0xffff)).toEqual([0, 1, 2, 3]);
  expect(all.map((one) => (one.timestamp - before.timestamp) >>> 0)).toEqual([0, 960, 1920, 2880]);
  expect(all.map((one) => one.restarted)).toEqual([true, true, true, true]);
});

test('a packet that is later than any jump is dropped, and its talk goes on', () => {
  expect(numbered(new PacketNumbering(), [200, 130, 201, 131, 202])).toEqual([0, null, 1, null, 2]);
  expect(numbered(new PacketNumbering(), [65_500, 65_600, 65_510, 65_601])).toEqual([0, 1, null, 2]);
});

test('numbers that begin again further behind, or with a time of their own, are a new run', () => {
  expect(numbered(new PacketNumbering(), [2000, 1499, 1500])).toEqual([0, 1, 2]);
  const numbering = new PacketNumbering();
  const before = numbering.next(500, 96_000, 0)!;
  const again = [numbering.next(400, 3_000_000_000, 10)!, numbering.next(401, 3_000_000_480, 20)!];
  expect(again.map((one) => (one.sequenceNumber - before.sequenceNumber) & 0xffff)).toEqual([1, 2]);
});

test('after a pause the timestamp has gone on by the time that passed, in whole frames', () => {
  const numbering = new PacketNumbering();
  numbering.next(1, 960, 1000);
  const before = numbering.next(2, 1920, 1021)!;
  numbering.restart();
  const after = numbering.next(3, 2880, 1021 + 1507)!;
  const next = numbering.next(4, 3840, 1021 + 1527)!;
  expect((after.sequenceNumber - before.sequenceNumber) & 0xffff).toBe(1);
  expect((after.timestamp - before.timestamp) >>> 0).toBe(75 * 960);
  expect((next.timestamp - after.timestamp) >>> 0).toBe(960);
});

test('a jump of 50 is a gap', () => {
  expect(numbered(new PacketNumbering(), [1, 51])).toEqual([0, 50]);
});

test('a packet from before a restart is too late: its number was another talk’s', () => {
  const numbering = new PacketNumbering();
  numbering.next(500, 0, 0);
  numbering.restart();
  expect(numbered(numbering, [100, 99, 102, 98, 101])).toEqual([0, null, 2, null, 1]);
});

test('what was left out on purpose takes no numbers, but its time', () => {
  for (const left of [5, 150]) {
    const numbering = new PacketNumbering();
    const before = numbering.next(65_530, 4_294_967_000, 1000)!;
    numbering.skipped();
    const late = numbering.next(65_529, 4_294_966_040, 1000);
    const after = numbering.next((65_531 + left) & 0xffff, (4_294_967_000 + (left + 1) * 960) >>> 0, 1001)!;
    const next = numbering.next((65_532 + left) & 0xffff, (4_294_967_000 + (left + 2) * 960) >>> 0, 1021)!;
    const leftLate = numbering.next((65_530 + left) & 0xffff, (4_294_967_000 + left * 960) >>> 0, 1022);
    expect([late, leftLate]).toEqual([undefined, undefined]);
    expect([after, next].map((one) => (one.sequenceNumber - before.sequenceNumber) & 0xffff)).toEqual([1, 2]);
    expect([after, next].map((one) => (one.timestamp - before.timestamp) >>> 0)).toEqual([
      (left + 1) * 960,
      (left + 2) * 960,
    ]);
    expect([after.restarted, next.restarted]).toEqual([true, false]);
  }
});
