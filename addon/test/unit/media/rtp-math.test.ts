import { expect, test } from 'vitest';
import { addSequence, addTimestamp, sequenceDelta, timestampDelta } from '../../../src/media/rtp-math.ts';

test.each([
  [1, 2, 1],
  [2, 1, -1],
  [65_535, 0, 1],
  [0, 65_535, -1],
  [65_400, 120, 256],
  [0, 32_767, 32_767],
  [0, 32_768, -32_768],
])('sequence numbers: from %i to %i it is %i', (from, to, delta) => {
  expect(sequenceDelta(from, to)).toBe(delta);
});

test.each([
  [0, 960, 960],
  [0xffff_ffff, 959, 960],
  [959, 0xffff_ffff, -960],
])('timestamps: from %i to %i it is %i', (from, to, delta) => {
  expect(timestampDelta(from, to)).toBe(delta);
});

test('additions wrap', () => {
  expect(addSequence(65_535, 2)).toBe(1);
  expect(addSequence(0, -1)).toBe(65_535);
  expect(addTimestamp(0xffff_ffff, 1)).toBe(0);
  expect(addTimestamp(0, -960)).toBe(0x1_0000_0000 - 960);
});
