import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LimitBreaches } from '../../../src/media/limit-breaches.ts';
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
  vi.useRealTimers();
});

it('plays a talk on a player that is told before the talk begins, and puts its volume back', async () => {
  const { id } = rig.announce({ volume: 0.5 });
  expect(rig.told).toEqual([]);
  await pass(0);
  expect(rig.house.services(KITCHEN)).toEqual(['volume_set', 'play_media']);
  await pass(300);
  const report = rig.fetch();
  await pass(50);
  report.drained(9000, 90);
  await pass(0);
  expect(rig.told.at(-1)).toMatchObject({ id, over: false, targets: [{ state: 'playing', startDelayMs: 350 }] });
  expect(rig.learned).toEqual([[KITCHEN, 350]]);
  const talk = rig.talks.begin('tablet');
  await pass(2000);
  report.drained(200_000, 2000);
  talk.end();
  report.closed('finished');
  await pass(0);
  expect(rig.told.at(-1)).toMatchObject({ over: false, targets: [{ state: 'finishing' }] });
  rig.house.set(KITCHEN, 'idle');
  await pass(0);
  expect(rig.told.at(-1)).toEqual({
    id,
    over: true,
    targets: [{ entityId: KITCHEN, name: 'kitchen', state: 'done', startDelayMs: 350 }],
  });
  expect(rig.house.get(KITCHEN).attributes['volume_level']).toBe(0.3);
  expect(rig.house.get(KITCHEN).state).toBe('idle');
  expect(rig.house.fired).toEqual([
    {
      type: 'voice_streaming_announced',
      data: {
        announcement_id: id,
        stream: 'tablet',
        talk_id: talk.talkId,
        targets: [{ entity_id: KITCHEN, state: 'done', start_delay_ms: 350 }],
      },
    },
  ]);
});

it('says by name which of several failed, while the others play on', async () => {
  rig.house.add('media_player.bath', { state: 'unavailable' }).add('media_player.tv', { supportedFeatures: 4 });
  rig.talks.begin('tablet');
  const { id } = rig.announce({
    targets: [KITCHEN, 'media_player.bath', 'media_player.tv', 'media_player.no', 'light.a'],
  });
  await pass(0);
  const report = rig.fetch();
  report.drained(100, 100);
  const { targets, over } = rig.now(id);
  expect(over).toBe(false);
  expect(targets.map(({ entityId, state, fault }) => [entityId, state, fault])).toEqual([
    [KITCHEN, 'playing', undefined],
    ['media_player.bath', 'failed', 'unavailable'],
    ['media_player.tv', 'failed', 'notAPlayer'],
    ['media_player.no', 'failed', 'notFound'],
    ['light.a', 'failed', 'notAPlayer'],
  ]);
  for (const { why } of targets.slice(1)) expect(why).toMatch(/^It|^Home/);
  expect(rig.house.calls.filter(({ entityId }) => entityId !== KITCHEN)).toEqual([]);
});

it('ends when nobody speaks', async () => {
  const { id } = rig.announce();
  await pass(0);
  const report = rig.fetch();
  report.drained(100, 100);
  await pass(9_000);
  report.drained(100_000, 9_000);
  await pass(6_000);
  expect(rig.now(id)).toMatchObject({ over: true, targets: [{ state: 'failed', fault: 'noTalk' }] });
  expect(rig.house.get(KITCHEN).state).toBe('idle');
});

it.each([
  ['that there never was', 'nothing'],
  ['that is over for long', 'talk-of-yesterday'],
])('fails with a talk %s', async (_, talkId) => {
  const { id } = rig.announce({ talkId });
  await pass(100);
  expect(rig.now(id)).toMatchObject({ over: true, targets: [{ fault: 'noTalk' }] });
});

it('plays a talk that is over already until it has been heard', async () => {
  const talk = rig.talks.begin('tablet');
  await pass(3000);
  talk.end();
  const { id } = rig.announce({ talkId: talk.talkId });
  await pass(0);
  const report = rig.fetch();
  report.drained(300_000, 3000);
  report.closed('finished');
  await pass(2900);
  expect(rig.house.services(KITCHEN)).not.toContain('media_stop');
  rig.house.set(KITCHEN, 'idle');
  await pass(0);
  expect(rig.now(id).over).toBe(true);
});

it('stops a player that never says that it has ended, when it must have', async () => {
  const talk = rig.talks.begin('tablet');
  const { id } = rig.announce();
  await pass(0);
  const report = rig.fetch();
  report.drained(100, 100);
  talk.end();
  report.closed('finished');
  await pass(4_900);
  expect(rig.now(id).over).toBe(false);
  await pass(400);
  expect(rig.now(id)).toMatchObject({ over: true, targets: [{ state: 'done' }] });
  expect(rig.house.services(KITCHEN).at(-1)).toBe('media_stop');
});

it('stops at once when asked: the sound first, then the player, then all is as before', async () => {
  rig.talks.begin('tablet');
  const { id } = rig.announce({ volume: 0.8 });
  await pass(0);
  const report = rig.fetch();
  report.drained(100, 100);
  const stopped = vi.fn();
  const playId = playIdOf(String(rig.house.get(KITCHEN).attributes['media_content_id']));
  const play = rig.announcer.find(playId);
  if (!play || play === 'over') throw new Error('no play');
  play.onStopped(stopped);
  rig.announcer.stop(rig.asker, id);
  expect(stopped).toHaveBeenCalledOnce();
  expect(rig.announcer.find(playId)).toBe('over');
  await pass(0);
  expect(rig.told.at(-1)).toMatchObject({ over: true, targets: [{ state: 'stopped' }] });
  expect(rig.house.services(KITCHEN).slice(2)).toEqual(['media_stop', 'volume_set']);
  expect(rig.house.get(KITCHEN).attributes['volume_level']).toBe(0.3);
});

it('stops a player that is being told to play while it is stopped', async () => {
  rig.talks.begin('tablet');
  rig.house.onCall = ({ service }) =>
    service === 'play_media' ? new Promise((resolve) => setTimeout(resolve, 1000)) : undefined;
  const { id } = rig.announce();
  await pass(100);
  rig.announcer.stop(rig.asker, id);
  await pass(2000);
  expect(rig.house.services(KITCHEN)).toEqual(['play_media', 'media_stop']);
  expect(rig.house.get(KITCHEN).state).toBe('idle');
  expect(rig.now(id)).toMatchObject({ over: true, targets: [{ state: 'stopped' }] });
});

it('ends after the longest time, and is done', async () => {
  rig.talks.begin('tablet');
  const { id } = rig.announce({ maxSeconds: 5 });
  await pass(0);
  const report = rig.fetch();
  for (let ms = 0; ms < 5000; ms += 1000) {
    report.drained(ms + 1, ms + 1);
    await pass(1000);
  }
  expect(rig.now(id)).toMatchObject({
    over: true,
    targets: [{ state: 'done', why: expect.stringContaining('5 s') as string }],
  });
});

it('tells of a player that never asks for the sound', async () => {
  rig.talks.begin('tablet');
  const { id } = rig.announce({ volume: 1 });
  await pass(14_000);
  expect(rig.now(id).targets[0]?.state).toBe('starting');
  await pass(1_000);
  expect(rig.now(id)).toMatchObject({ over: true, targets: [{ state: 'failed', fault: 'neverFetched' }] });
  expect(rig.house.get(KITCHEN)).toMatchObject({ state: 'idle', attributes: { volume_level: 0.3 } });
});

it('tells of a player that stops taking the sound', async () => {
  rig.talks.begin('tablet');
  const { id } = rig.announce();
  await pass(0);
  rig.fetch().drained(100, 100);
  await pass(10_000);
  expect(rig.now(id)).toMatchObject({ over: true, targets: [{ state: 'failed', fault: 'stalled' }] });
});

it('lets a player look first and come again', async () => {
  rig.talks.begin('tablet');
  const { id } = rig.announce();
  await pass(0);
  const look = rig.fetch();
  look.drained(10, 10);
  look.closed('left');
  await pass(3_000);
  const report = rig.fetch();
  report.drained(100, 100);
  await pass(6_000);
  expect(rig.now(id)).toMatchObject({ over: false, targets: [{ state: 'playing', startDelayMs: 3000 }] });
  report.closed('left');
  await pass(4_000);
  expect(rig.now(id)).toMatchObject({ over: true, targets: [{ fault: 'stalled' }] });
});

it('lets a player take the whole talk twice: it plays the second one', async () => {
  const talk = rig.talks.begin('tablet');
  await pass(2000);
  talk.end();
  const { id } = rig.announce({ talkId: talk.talkId });
  await pass(0);
  const look = rig.fetch();
  look.drained(10_000, 2000);
  look.closed('finished');
  await pass(1900);
  const report = rig.fetch();
  report.drained(10_000, 2000);
  report.closed('finished');
  await pass(1900);
  expect(rig.now(id).over).toBe(false);
  rig.house.set(KITCHEN, 'idle');
  await pass(0);
  expect(rig.now(id)).toMatchObject({ over: true, targets: [{ state: 'done' }] });
});

it('gives nothing to a player that comes after the end, or resumes later', async () => {
  const talk = rig.talks.begin('tablet');
  const { id } = rig.announce();
  await pass(0);
  const url = String(rig.house.get(KITCHEN).attributes['media_content_id']);
  const report = rig.fetch();
  report.drained(1, 1);
  talk.end();
  report.closed('finished');
  await pass(15_000);
  expect(rig.now(id).over).toBe(true);
  expect(rig.announcer.find(playIdOf(url))).toBe('over');
  await pass(60_000);
  expect(rig.announcer.find(playIdOf(url))).toBe('over');
  expect(rig.announcer.find('never')).toBeUndefined();
  expect(() => rig.now(id)).toThrow('No announcement');
});

it('tells in whose words a player was refused', async () => {
  rig.talks.begin('tablet');
  rig.house.onCall = ({ service }) => {
    if (service === 'play_media') throw houseError('refused', 'UPnP Error 714 received');
  };
  const { id } = rig.announce({ volume: 0.9 });
  await pass(0);
  expect(rig.now(id)).toMatchObject({
    over: true,
    targets: [{ state: 'failed', fault: 'refused', why: 'UPnP Error 714 received' }],
  });
  expect(rig.house.get(KITCHEN).attributes['volume_level']).toBe(0.3);
});

it('goes on when volume cannot be set, and says nothing of it', async () => {
  rig.talks.begin('tablet');
  rig.house.onCall = ({ service, data }) => {
    if (service === 'volume_set' && data['volume_level'] === 0.9) throw houseError('refused', 'no');
  };
  rig.announce({ volume: 0.9 });
  await pass(0);
  expect(rig.house.services(KITCHEN)).toEqual(['volume_set', 'play_media']);
});

it.each([
  ['browser_mod', '::ffff:192.168.1.50', 'ownDevice'],
  ['browser_mod', '192.168.1.51', undefined],
  ['mpd', '192.168.1.50', undefined],
])('does not howl: %s that fetches from %s: %s', async (platform, address, fault) => {
  const own = new Rig({ isAt: (streamId, at) => streamId === 'tablet' && at === '192.168.1.50' });
  own.house.add(KITCHEN, { platform });
  own.talks.begin('tablet');
  const { id } = own.announce({ volume: 0.9 });
  await pass(0);
  own.fetch(KITCHEN, address).drained(1, 1);
  await pass(0);
  expect(own.now(id).targets[0]?.fault).toBe(fault);
  expect(own.now(id).over).toBe(fault !== undefined);
  expect(own.house.get(KITCHEN).attributes['volume_level']).toBe(fault === undefined ? 0.9 : 0.3);
  await own.close();
});

it('knows that a player has ended which was silent before its last bytes were confirmed', async () => {
  const talk = rig.talks.begin('tablet');
  const { id } = rig.announce();
  await pass(0);
  const report = rig.fetch();
  report.drained(100, 100);
  talk.end();
  await pass(200);
  rig.house.set(KITCHEN, 'idle');
  report.closed('finished');
  await pass(0);
  expect(rig.now(id)).toMatchObject({ over: true, targets: [{ state: 'done' }] });
});

it('tells no player of a URL whose port is closed, and says what to do', async () => {
  await rig.close();
  rig = new Rig({ urls: { isReachable: false, announcementUrl: () => 'http://192.168.1.5:8081/nobody/comes.mp3' } });
  const refusal = { code: 'no_speakers', message: expect.stringContaining('give port 8081 a number') as string };
  expect(() => rig.announce()).toThrow(expect.objectContaining(refusal) as Error);
  expect(() => rig.announcer.test(rig.asker, { entityId: KITCHEN })).toThrow(expect.objectContaining(refusal) as Error);
  await pass(0);
  expect(rig.house.services(KITCHEN)).toEqual([]);
});

it('has no more announcements, and no more speakers of one, than may be; those under way go on', async () => {
  await rig.close();
  const breaches = new LimitBreaches({ log: quietLog() });
  rig = new Rig({ breaches, limits: { maxAnnouncements: 1, maxTargets: 1 } });
  const many = { code: 'bad_arguments', limit: 'targets' };
  expect(() => rig.announce({ targets: [KITCHEN, HALL] })).toThrow(expect.objectContaining(many) as Error);
  const { id } = rig.announce();
  await pass(0);
  const full = { code: 'server_full', limit: 'announcements' };
  for (const targets of [[KITCHEN], [HALL]]) {
    expect(() => rig.announce({ targets })).toThrow(expect.objectContaining(full) as Error);
  }
  expect(breaches.counts()).toMatchObject({ announcements: 2 });
  expect(rig.now(id)).toMatchObject({ over: false, targets: [{ state: 'starting' }] });
});
