/** What may come to an Announcer from clients, players and Core that misbehave. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { houseError } from '../../fakes/fake-house.ts';
import { quietLog } from '../../support/quiet-log.ts';
import { HALL, KITCHEN, pass, playIdOf, Rig } from './rig.ts';

let rig: Rig;

beforeEach(() => {
  vi.useFakeTimers();
  rig = new Rig();
});

afterEach(async () => {
  await rig.close();
  expect(rig.house.subscriptions).toBe(0);
  expect(rig.talks.subscriptions).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const refusal = (code: string): Error => expect.objectContaining({ code }) as Error;

it('a device that floods is refused, counted and told once, and another device can speak', async () => {
  await rig.close();
  const log = quietLog();
  rig = new Rig({ log });
  rig.house.onCall = () => new Promise((resolve) => setTimeout(resolve, 1_000));
  const floods = [
    () => rig.announce(),
    () => rig.announcer.test(rig.asker, { entityId: KITCHEN }),
    () => rig.announce({ targets: [KITCHEN, HALL] }),
  ];
  let refused = 0;
  for (let asked = 0; asked < 1_000; asked += 1) {
    try {
      floods[asked % floods.length]?.();
    } catch (error) {
      expect(error).toMatchObject({
        code: 'server_full',
        message: expect.stringContaining('8 announcements of this') as string,
      });
      refused += 1;
    }
  }
  expect(refused).toBe(992);
  rig.house.add(HALL);
  expect(rig.announce({ targets: [HALL] }, { user: { name: 'Eva', isAdmin: false }, streamId: 'other' }).over).toBe(
    false,
  );
  await pass(10_000);
  expect(rig.announcer.stats()).toMatchObject({ announcements: 9, refused: 992 });
  expect(log.lines.filter((line) => line.includes('refused'))).toEqual([expect.stringContaining('992 announcements')]);
  expect(rig.house.calls.length).toBeLessThan(100);
});

it('whatever the devices, no more than all that may be are under way; when they are over there is room', async () => {
  const asker = (at: number) => ({ user: { name: 'Ada', isAdmin: true }, streamId: `tablet-${at}` });
  for (let at = 0; at < 16; at += 1) rig.announce({ targets: [`media_player.room_${at}`] }, asker(at));
  expect(() => rig.announce({}, asker(17))).toThrow(refusal('server_full'));
  expect(() => rig.announcer.announceFromEvent({ targets: KITCHEN })).toThrow(refusal('server_full'));
  await pass(0);
  expect(rig.announcer.stats()).toMatchObject({ underWay: 0, endings: { notFound: 16 }, refused: 2 });
  expect(rig.announce({}, asker(17)).over).toBe(false);
});

it('a group of 100 speakers is refused before any of them is touched', () => {
  const members = Array.from({ length: 100 }, (_, at) => `media_player.room_${at}`);
  for (const member of members) rig.house.add(member);
  rig.house.add('media_player.all', { platform: 'group', attributes: { entity_id: members } });
  expect(() => rig.announce({ targets: ['media_player.all'] })).toThrow(refusal('bad_arguments'));
  expect(() => rig.announcer.announceFromEvent({ targets: members })).toThrow(refusal('bad_arguments'));
  expect(rig.house.calls).toEqual([]);
  expect(rig.announcer.stats().announcements).toBe(0);
});

it('a speaker that is removed in the middle: its sound ends, it is told, and nothing waits for ever', async () => {
  const talk = rig.talks.begin('tablet');
  const { id } = rig.announce({ volume: 0.8 });
  await pass(0);
  const report = rig.fetch();
  report.drained(100, 100);
  rig.house.remove(KITCHEN);
  talk.end();
  report.closed('finished');
  await pass(5_300);
  expect(rig.now(id).over).toBe(false);
  await pass(60_000);
  const [target] = rig.told.at(-1)?.targets ?? [];
  expect(rig.told.at(-1)?.over).toBe(true);
  expect(target?.why).toContain('did not come back');
});

it('a speaker that is renamed in the middle is put back under its new name', async () => {
  const registryId = 'f0e1d2c3';
  const music = { media_content_id: 'http://radio/', media_content_type: 'music' };
  rig.house.add(KITCHEN, { registryId, state: 'playing', attributes: { ...music, volume_level: 0.2 } });
  const talk = rig.talks.begin('tablet');
  const { id } = rig.announce({ volume: 0.8 });
  await pass(0);
  const report = rig.fetch();
  report.drained(100, 100);
  const { state, attributes } = rig.house.get(KITCHEN);
  rig.house.remove(KITCHEN);
  await pass(500);
  rig.house.add('media_player.dining_room', { registryId, state, attributes: { ...attributes } });
  talk.end();
  report.closed('finished');
  await pass(10_000);
  expect(rig.now(id)).toMatchObject({ over: true, targets: [{ entityId: KITCHEN, state: 'done' }] });
  expect(rig.house.services('media_player.dining_room')).toEqual(['media_stop', 'volume_set', 'play_media']);
  expect(rig.house.get('media_player.dining_room').attributes).toMatchObject({ volume_level: 0.2, ...music });
});

it('a Core that answers nothing: told after 20 s that it was not fetched, and given up for good after two minutes', async () => {
  const song = { media_content_id: 'song.flac', media_content_type: 'music', media_position: 60, media_duration: 200 };
  rig.house.set(KITCHEN, 'playing', song);
  rig.talks.begin('tablet');
  // As Players has it: after 20 s.
  rig.house.onCall = () =>
    new Promise((_, reject) => setTimeout(() => reject(houseError('timeout', 'It did not answer in time.')), 20_000));
  const { id } = rig.announce({ volume: 0.8 });
  await pass(20_000);
  expect(rig.now(id)).toMatchObject({ over: false, targets: [{ state: 'failed', fault: 'neverFetched' }] });
  await pass(100_000);
  expect(rig.told.at(-1)).toMatchObject({ id, over: true, targets: [{ fault: 'neverFetched' }] });
  expect(rig.announcer.find(playIdOf(String(playMedia()?.data['media_content_id'])))).toBe('over');
});

it('a Core that is slow: what it does at last finds no sound any more', async () => {
  rig.talks.begin('tablet');
  let answer: () => void = () => undefined;
  rig.house.onCall = ({ service }) =>
    service === 'play_media' ? new Promise((resolve) => (answer = resolve)) : undefined;
  const { id } = rig.announce({ volume: 0.8 });
  await pass(25_000);
  expect(rig.now(id)).toMatchObject({ over: true, targets: [{ fault: 'neverFetched' }] });
  answer();
  await pass(0);
  expect(rig.announcer.find(playIdOf(String(playMedia()?.data['media_content_id'])))).toBe('over');
  expect(rig.house.get(KITCHEN).attributes['volume_level']).toBe(0.3);
});

it('a player that stops reading in the middle is told 10 s later, then stopped and put back, and gets no more', async () => {
  const radio = { media_content_id: 'http://radio/', media_content_type: 'music' };
  rig.house.set(KITCHEN, 'playing', radio);
  rig.talks.begin('tablet');
  const { id } = rig.announce({ volume: 0.8 });
  await pass(0);
  const url = String(playMedia()?.data['media_content_id']);
  const report = rig.fetch();
  for (let ms = 100; ms <= 3_000; ms += 100) {
    report.drained(ms * 40, ms);
    await pass(100);
  }
  await pass(9_800);
  expect(rig.now(id).targets[0]?.state).toBe('playing');
  await pass(200);
  expect(rig.now(id)).toMatchObject({
    over: true,
    targets: [{ state: 'failed', fault: 'stalled', why: 'It took no sound for 10 s.' }],
  });
  expect(rig.announcer.find(playIdOf(url))).toBe('over');
  expect(rig.house.services(KITCHEN).slice(-3)).toEqual(['media_stop', 'volume_set', 'play_media']);
  expect(rig.house.get(KITCHEN)).toMatchObject({ state: 'playing', attributes: { ...radio, volume_level: 0.3 } });
});

it.each([
  ['live', 'over', (ms: number) => ms],
  ['taken at once', 'over', () => 0],
])('a Sonos that plays it as radio, %s, and comes again afterwards: it is over', async (_, expected, paceOf) => {
  rig.house.add(KITCHEN, { platform: 'sonos' });
  const talk = rig.talks.begin('tablet');
  await pass(3_000);
  if (paceOf(1) === 0) talk.end();
  rig.announce({ talkId: talk.talkId });
  await pass(0);
  const url = String(playMedia()?.data['media_content_id']);
  expect(url).toMatch(/^x-rincon-mp3radio:/);
  const report = rig.fetch();
  report.drained(100, 1);
  await pass(paceOf(3_000));
  report.drained(100_000, 3_000);
  if (!talk.ended) talk.end();
  report.closed('finished');
  // Until it can have played all, this may be the one that plays.
  if (paceOf(1) === 0) expect(rig.announcer.find(playIdOf(url))).not.toBe('over');
  await pass(paceOf(1) === 0 ? 3_000 : 10);
  expect(rig.announcer.find(playIdOf(url))).toBe(expected);
});

function playMedia() {
  return rig.house.calls.find(({ service }) => service === 'play_media');
}
