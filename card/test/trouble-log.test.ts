import { expect, it } from 'vitest';
import { TroubleLog } from '../src/trouble-log.ts';

it('notes what is new once, and when it ended', () => {
  const log = new TroubleLog();
  log.note([null, { code: 'serverAway' }], 1_000);
  log.note([{ code: 'serverAway' }, null], 2_000);
  log.note([null], 3_000);
  log.note([{ code: 'serverAway' }], 4_000);
  expect(log.entries).toEqual([
    { code: 'serverAway', at: 1_000, endedAt: 3_000 },
    { code: 'serverAway', at: 4_000, endedAt: null },
  ]);
});

it('tells two of one kind apart by what was said', () => {
  const log = new TroubleLog();
  log.note([{ code: 'refused', detail: 'one' }], 1_000);
  log.note([{ code: 'refused', detail: 'two' }], 2_000);
  expect(log.entries.map(({ detail, endedAt }) => [detail, endedAt])).toEqual([
    ['one', 2_000],
    ['two', null],
  ]);
});

it('keeps the last twenty', () => {
  const log = new TroubleLog();
  for (let i = 0; i < 50; i += 1) log.note([{ code: 'refused', detail: String(i) }], i);
  expect(log.entries).toHaveLength(20);
  expect(log.entries.at(-1)).toMatchObject({ detail: '49' });
});
