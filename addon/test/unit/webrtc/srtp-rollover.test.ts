import { expect, test } from 'vitest';
import { updateRolloverCount } from '../../../src/webrtc/srtp-rollover.ts';

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
