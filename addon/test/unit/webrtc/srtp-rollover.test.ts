import { expect, test } from 'vitest';
import { estimateIndex, updateRolloverCount } from '../../../src/webrtc/srtp-rollover.ts';

/** The rollover counter after each of these sequence numbers. */
function counters(sequenceNumbers: readonly number[]): number[] {
  const state = { rolloverCounter: 0, lastSequenceNumber: 0 };
  return sequenceNumbers.map((sequenceNumber) => {
    updateRolloverCount(sequenceNumber, state);
    return state.rolloverCounter;
  });
}

test.each([
  ['in order over the wrap', [65_534, 65_535, 0, 1], [0, 0, 1, 1]],
  ['an outage over the wrap', [65_400, 120, 121], [0, 1, 1]],
  ['a late packet from before the wrap', [65_535, 0, 65_534, 1], [0, 1, 0, 1]],
  ['the first packet just after a wrap', [3, 4, 65_530, 5], [0, 0, 0, 0]],
  ['a gap of almost half', [1, 32_000, 64_000, 30_000], [0, 0, 0, 1]],
])('%s', (_, sequenceNumbers, expected) => {
  expect(counters(sequenceNumbers)).toEqual(expected);
});

test('as one number: the nearest to the highest, nothing before the beginning', () => {
  const over = 3 * 65_536;
  expect(estimateIndex(undefined, 65_535)).toBe(65_535);
  expect(estimateIndex(65_535, 0)).toBe(65_536);
  expect(estimateIndex(65_400, 120)).toBe(65_536 + 120);
  expect(estimateIndex(over + 2, 65_534)).toBe(over - 2);
  expect(estimateIndex(over - 2, 65_533)).toBe(over - 3);
  expect(estimateIndex(5, 65_530)).toBeUndefined();
  expect(estimateIndex(2 ** 47 - 1, 0)).toBe(2 ** 47);
});
