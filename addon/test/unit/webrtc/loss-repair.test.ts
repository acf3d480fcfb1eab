import { expect, test } from 'vitest';
import { LossRepair } from '../../../src/webrtc/loss-repair.ts';

/** What is asked for when these packets come at these times. */
function requests(arrivals: readonly (readonly [sequenceNumber: number, atMs: number])[]): {
  asked: [number, number[]][];
  repaired: number;
} {
  const asked: [number, number[]][] = [];
  let nowMs = 0;
  const repair = new LossRepair({ ask: (numbers) => asked.push([nowMs, numbers]) });
  for (const [sequenceNumber, atMs] of arrivals) {
    nowMs = atMs;
    repair.received(sequenceNumber & 0xffff, atMs);
  }
  return { asked, repaired: repair.repaired };
}

test('what all came is not asked for', () => {
  const arrivals = Array.from({ length: 300 }, (_, n) => [65_400 + n, n * 20] as const);
  expect(requests(arrivals)).toEqual({ asked: [], repaired: 0 });
});

test('a gap is asked for at once, over the wrap, and again until it comes or is of no use', () => {
  const { asked, repaired } = requests([
    [65_534, 0],
    [65_536 + 1, 20],
    [65_536 + 2, 40],
    [65_536 + 3, 60],
    [65_535, 65],
    [65_536 + 4, 80],
    ...Array.from({ length: 20 }, (_, n) => [65_536 + 5 + n, 100 + n * 20] as const),
  ]);
  expect(repaired).toBe(1);
  expect(asked.slice(0, 2)).toEqual([
    [20, [65_535, 0]],
    [60, [65_535, 0]],
  ]);
  const later = asked.slice(2);
  expect(later.every(([atMs, numbers]) => atMs <= 220 && numbers.join() === '0')).toBe(true);
  expect(later.length).toBeGreaterThan(2);
});

test('an outage, a new source and what began further back are not asked for', () => {
  expect(
    requests([
      [10, 0],
      [32, 20],
      [33, 40],
      [40_000, 60],
      [40_001, 80],
      [7, 100],
      [8, 120],
    ]).asked,
  ).toEqual([]);
});

test('packets in another order are asked for, and count as repaired', () => {
  expect(
    requests([
      [1, 0],
      [3, 20],
      [2, 21],
      [4, 40],
      [2, 41],
    ]),
  ).toEqual({ asked: [[20, [2]]], repaired: 1 });
});

test('of a client whose numbers have holes without end no more is looked for than may be lost', () => {
  const { asked } = requests(Array.from({ length: 1000 }, (_, n) => [n * 20, 0] as const));
  expect(Math.max(...asked.map(([, numbers]) => numbers.length))).toBeLessThanOrEqual(100);
  const later = requests(Array.from({ length: 1000 }, (_, n) => [n * 20, n * 0.1] as const)).asked;
  const askedFor = later.reduce((sum, [, numbers]) => sum + numbers.length, 0);
  // Each packet leaves 19 out, which are asked for once; and 100 ms long each of 100 again after 30 ms.
  expect(askedFor).toBeLessThanOrEqual(1000 * 19 + 4 * 100);
  expect(Math.max(...later.map(([, numbers]) => numbers.length))).toBeLessThanOrEqual(100);
});
