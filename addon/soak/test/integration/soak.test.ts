/** `npm run soak` in small: every kind of fault, every packet accounted for. Judged by what is counted, not by time. */
import { beforeAll, expect, it } from 'vitest';
import { bundle } from '../../../tools/bundle.mjs';
import { day } from '../../day.ts';
import { FAULTS } from '../../house.ts';
import { soak } from '../../soak.ts';

beforeAll(() => bundle(), 60_000);

it('a house of cards and players that come, go and break accounts for every packet', { timeout: 120_000 }, async () => {
  const report = await soak({
    seed: 7,
    seconds: 14,
    cards: 8,
    talkers: 3,
    players: 6,
    talkMs: [2_500, 5_000],
    pauseMs: [100, 500],
    faultEveryMs: 900,
    loss: 0.02,
    badLoss: 0.2,
    judgesTime: false,
  });
  expect(report.broken).toEqual([]);
  const { totals } = report;
  expect(totals.due).toBe(totals.heard + totals.seenLost + totals.leftOut);
  expect(totals.heard).toBeGreaterThan(0);
  expect(totals.withheld).toBeGreaterThan(0);
  expect(totals.completeTalks).toBeGreaterThan(0);
  expect(totals.wholeTalks).toBeGreaterThan(0);
  expect(FAULTS).toEqual(expect.arrayContaining(Object.keys(report.faults)));
  expect(Object.keys(report.faults).length).toBeGreaterThan(0);
});

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
