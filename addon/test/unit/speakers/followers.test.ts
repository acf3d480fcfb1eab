/** Who hears how an announcement does: the device that asked for it, also when it comes back. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Announcement } from '@voice-streaming/shared/protocol';
import { HALL, pass, Rig } from './rig.ts';

let rig: Rig;

beforeEach(() => {
  vi.useFakeTimers();
  rig = new Rig();
});

afterEach(async () => {
  await rig.close();
  vi.useRealTimers();
});

it('tells a device that comes back what it asked for and is under way, and from then on', async () => {
  rig.talks.begin('tablet');
  const { id } = rig.announce();
  rig.announcer.test(rig.asker, { entityId: HALL });
  await pass(0);
  const back: Announcement[] = [];
  const session = { ...rig.asker, tell: (announcement: Announcement) => back.push(announcement) };
  expect(rig.announcer.follow({ ...session, streamId: 'other' })).toEqual([]);
  expect(rig.announcer.follow({ ...session, streamId: undefined })).toEqual([]);
  expect(rig.announcer.follow(session)).toMatchObject([{ id, over: false }]);
  rig.announcer.follow(session);
  rig.fetch().drained(100, 100);
  await pass(0);
  expect(back).toMatchObject([{ id, targets: [{ state: 'playing' }] }]);
  expect(rig.told).toContainEqual(back[0]);
  rig.announcer.stop(session, id);
  await pass(10_000);
  expect(back.at(-1)).toMatchObject({ id, over: true });
  expect(rig.announcer.follow(session)).toEqual([]);
});

it('tells no more than eight sessions of a device that comes back again and again', async () => {
  rig.talks.begin('tablet');
  rig.announce();
  const told: number[] = [];
  for (let session = 0; session < 50; session += 1)
    rig.announcer.follow({ ...rig.asker, tell: () => told.push(session) });
  await pass(0);
  rig.fetch().drained(100, 100);
  told.length = 0;
  await pass(0);
  expect(told).toEqual([42, 43, 44, 45, 46, 47, 48, 49]);
});
