/** `npm run soak:day` in small: a day of talks, and where every packet and every sample went. */
import { expect, it } from 'vitest';
import { day } from '../../day.ts';

it('a day in virtual time accounts for every packet and every sample', { timeout: 60_000 }, async () => {
  const { totals, faults, hours, wavFrames, dueFrames, mp3Bytes } = await day({ talks: 24, seed: 1 });
  expect(faults).toEqual([]);
  expect(hours).toBe(24);
  expect(totals).toMatchObject({ talks: 24, completeTalks: 24, wholeTalks: 96, leftOut: 0, serverStale: 0 });
  expect(totals.heard + totals.seenLost).toBe(totals.due);
  expect(totals.seenLost).toBeGreaterThan(0);
  expect(wavFrames).toBe(dueFrames);
  expect(mp3Bytes).toBeGreaterThan(0);
});
