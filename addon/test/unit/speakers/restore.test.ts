import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { houseError } from '../../fakes/fake-house.ts';
import { HALL, KITCHEN, pass, Rig } from './rig.ts';

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

it('is not told twice while Core restarts before it is told, and is told when Core is back', async () => {
  rig.talks.begin('tablet');
  let restarted = false;
  rig.house.onCall = ({ service }) => {
    if (service !== 'play_media' || restarted) return;
    restarted = true;
    rig.house.available = false;
    throw houseError('unavailable', 'gone');
  };
  const { id } = rig.announce();
  await pass(30_000);
  expect(rig.now(id).targets[0]?.state).toBe('starting');
  rig.house.available = true;
  await pass(0);
  rig.fetch().drained(1, 1);
  expect(rig.now(id).targets[0]?.state).toBe('playing');
});

it('puts a speaker back when Core has restarted in the middle, and waits for the speaker itself', async () => {
  const talk = rig.talks.begin('tablet');
  const { id } = rig.announce({ volume: 0.9 });
  await pass(0);
  const report = rig.fetch();
  report.drained(1, 1);
  rig.house.available = false;
  talk.end();
  report.closed('finished');
  await pass(15_000);
  expect(rig.now(id)).toMatchObject({ over: false });
  rig.house.set(KITCHEN, 'unavailable');
  rig.house.available = true;
  await pass(5_000);
  expect(rig.now(id)).toMatchObject({ over: false });
  rig.house.set(KITCHEN, 'playing');
  await pass(0);
  expect(rig.now(id)).toMatchObject({ over: true, targets: [{ state: 'done' }] });
  expect(rig.house.get(KITCHEN)).toMatchObject({ state: 'idle', attributes: { volume_level: 0.3 } });
});

it('gives up on a Core that stays away, and says what could not be put back', async () => {
  const talk = rig.talks.begin('tablet');
  const { id } = rig.announce({ volume: 0.9 });
  await pass(0);
  const report = rig.fetch();
  report.drained(1, 1);
  rig.house.available = false;
  talk.end();
  report.closed('finished');
  await pass(200_000);
  expect(() => rig.now(id)).toThrow('No announcement');
  expect(rig.told.at(-1)).toMatchObject({
    over: true,
    targets: [{ state: 'done', why: expect.stringContaining('back') as string }],
  });
});

it('lets the newer of two take the speaker over, and puts back what was before the older', async () => {
  rig.house.set(KITCHEN, 'playing', { media_content_id: 'http://radio/live', media_content_type: 'music' });
  rig.talks.begin('tablet');
  const older = rig.announce({ volume: 0.9 });
  await pass(0);
  rig.fetch().drained(1, 1);
  const newer = rig.announce({ volume: 0.6 });
  await pass(0);
  expect(rig.now(older.id)).toMatchObject({ over: true, targets: [{ state: 'failed', fault: 'displaced' }] });
  expect(rig.house.services(KITCHEN)).toEqual(['volume_set', 'play_media', 'volume_set', 'play_media']);
  rig.fetch().drained(1, 1);
  rig.announcer.stop(rig.asker, newer.id);
  await pass(0);
  expect(rig.now(newer.id)).toMatchObject({ over: true, targets: [{ state: 'stopped' }] });
  expect(rig.house.get(KITCHEN)).toMatchObject({
    state: 'playing',
    attributes: { volume_level: 0.3, media_content_id: 'http://radio/live' },
  });
});

it('keeps a third one in line while the first is still being told', async () => {
  rig.talks.begin('tablet');
  rig.house.onCall = () => new Promise((resolve) => setTimeout(resolve, 500));
  rig.announce({ volume: 0.9 });
  await pass(100);
  rig.announce({ volume: 0.8 });
  await pass(100);
  const third = rig.announce({ volume: 0.7 });
  await pass(10_000);
  rig.fetch().drained(1, 1);
  rig.announcer.stop(rig.asker, third.id);
  await pass(10_000);
  expect(rig.house.get(KITCHEN)).toMatchObject({ state: 'idle', attributes: { volume_level: 0.3 } });
  expect(rig.told.filter(({ over }) => over)).toHaveLength(3);
});

it('resumes music where it was, and never what was paused', async () => {
  rig.house
    .add(HALL, {
      state: 'paused',
      attributes: { volume_level: 0.2, media_content_id: 'song', media_content_type: 'music' },
    })
    .set(KITCHEN, 'playing', {
      media_content_id: 'album/song.flac',
      media_content_type: 'music',
      media_position: 60,
      media_duration: 200,
      media_position_updated_at: new Date(Date.now() - 5000).toISOString(),
    });
  rig.talks.begin('tablet');
  const { id } = rig.announce({ targets: [KITCHEN, HALL] });
  await pass(0);
  rig.fetch(KITCHEN).drained(1, 1);
  rig.fetch(HALL).drained(1, 1);
  rig.announcer.stop(rig.asker, id);
  await pass(0);
  const resumed = rig.house.calls.filter(({ entityId }) => entityId === KITCHEN).slice(3);
  expect(resumed.map(({ service }) => service)).toEqual(['play_media', 'media_seek']);
  expect(resumed[0]?.data).toEqual({ media_content_id: 'album/song.flac', media_content_type: 'music' });
  expect(resumed[1]?.data['seek_position']).toBeCloseTo(65, 1);
  expect(rig.house.services(HALL)).toEqual(['play_media', 'media_stop']);
});

it('asks a player that Core seldom looks at where it is, and not for long', async () => {
  const song = { media_content_id: 'song.flac', media_content_type: 'music', media_duration: 200 };
  for (const entityId of [KITCHEN, HALL]) {
    // Found at the same second as before, it is told with the time of then.
    const place = { media_position: 2, media_position_updated_at: new Date(Date.now() - 8_000).toISOString() };
    rig.house.add(entityId, { platform: 'dlna_dmr', state: 'playing', attributes: { ...song, ...place } });
  }
  rig.talks.begin('tablet');
  rig.house.onCall = ({ service, entityId }) => {
    if (service !== 'homeassistant.update_entity' || rig.house.services(entityId).length > 1) return;
    if (entityId === HALL) return new Promise(() => undefined);
    rig.house.set(entityId, 'playing', { media_position: 60 });
  };
  const { id } = rig.announce({ targets: [KITCHEN, HALL] });
  await pass(0);
  expect(rig.house.services(KITCHEN)).toEqual(['homeassistant.update_entity', 'play_media']);
  await pass(1_500);
  expect(rig.house.services(HALL)).toEqual(['homeassistant.update_entity', 'play_media']);
  rig.fetch(KITCHEN).drained(1, 1);
  rig.announcer.stop(rig.asker, id);
  await pass(0);
  const wound = rig.house.calls.find(({ service, entityId }) => service === 'media_seek' && entityId === KITCHEN);
  expect(wound?.data['seek_position']).toBeCloseTo(60, 1);
});

it('does not begin again what has ended, or was paused, since Core last looked', async () => {
  const radio = { media_content_id: 'http://radio/', media_content_type: 'music' };
  rig.house.add(KITCHEN, { platform: 'mpd', state: 'playing', attributes: radio });
  rig.talks.begin('tablet');
  rig.house.onCall = ({ service, entityId }) => {
    if (service === 'homeassistant.update_entity' && rig.house.services(entityId).length === 1) {
      rig.house.set(entityId, 'off', { volume_level: undefined });
    }
  };
  const { id } = rig.announce({ volume: 0.8 });
  await pass(0);
  rig.fetch().drained(1, 1);
  rig.announcer.stop(rig.asker, id);
  await pass(0);
  expect(rig.house.services(KITCHEN).filter((service) => !service.includes('.'))).toEqual([
    'volume_set',
    'play_media',
    'media_stop',
    'volume_set',
  ]);
  expect(rig.house.get(KITCHEN).attributes['volume_level']).toBeCloseTo(0.3, 2);
});

it('winds again when the player says that it plays and cannot be wound yet', async () => {
  const song = {
    media_content_id: 'album/song.flac',
    media_content_type: 'music',
    media_position: 60,
    media_duration: 200,
    media_position_updated_at: new Date().toISOString(),
  };
  rig.house.set(KITCHEN, 'playing', song);
  rig.talks.begin('tablet');
  let refusals = 2;
  rig.house.onCall = ({ service }) => {
    if (service === 'media_seek' && refusals-- > 0) throw houseError('refused', 'Not playing.');
  };
  const { id } = rig.announce();
  await pass(0);
  rig.fetch().drained(1, 1);
  rig.announcer.stop(rig.asker, id);
  await pass(5_000);
  expect(rig.house.services(KITCHEN).slice(3)).toEqual(['play_media', 'media_seek', 'media_seek', 'media_seek']);
  expect(rig.now(id)).toMatchObject({ over: true, targets: [{ state: 'stopped' }] });
  expect(rig.now(id).targets[0]?.why).toBeUndefined();
});

it('leaves what somebody has put on in the meantime', async () => {
  rig.house.set(KITCHEN, 'playing', { media_content_id: 'http://radio/live', media_content_type: 'music' });
  rig.talks.begin('tablet');
  const { id } = rig.announce({ volume: 0.9 });
  await pass(0);
  const report = rig.fetch();
  report.drained(1, 1);
  rig.house.set(KITCHEN, 'playing', { media_content_id: 'http://other/song' });
  report.closed('left');
  await pass(4_000);
  expect(rig.now(id)).toMatchObject({ over: true, targets: [{ fault: 'stalled' }] });
  expect(rig.house.services(KITCHEN).slice(2)).toEqual(['volume_set']);
  expect(rig.house.get(KITCHEN).attributes).toMatchObject({ media_content_id: 'http://other/song', volume_level: 0.3 });
});

it('puts nothing back when it is not to, but is silent', async () => {
  rig.talks.begin('tablet');
  const { id } = rig.announce({ volume: 0.9, restore: false });
  await pass(0);
  rig.fetch().drained(1, 1);
  rig.announcer.stop(rig.asker, id);
  await pass(0);
  expect(rig.house.services(KITCHEN)).toEqual(['volume_set', 'play_media', 'media_stop']);
});

it('speaks on a muted speaker when a volume is asked for, and mutes it again', async () => {
  rig.house.set(KITCHEN, 'idle', { is_volume_muted: true });
  rig.talks.begin('tablet');
  const { id } = rig.announce({ volume: 0.9 });
  await pass(0);
  expect(rig.house.get(KITCHEN).attributes['is_volume_muted']).toBe(false);
  rig.announcer.stop(rig.asker, id);
  await pass(0);
  expect(rig.house.get(KITCHEN).attributes).toMatchObject({ is_volume_muted: true, volume_level: 0.3 });
});

it('puts back what it can when the server closes', async () => {
  rig.talks.begin('tablet');
  rig.announce({ volume: 0.9 });
  await pass(0);
  rig.fetch().drained(1, 1);
  const closing = rig.announcer.close();
  await pass(0);
  await closing;
  expect(rig.house.get(KITCHEN)).toMatchObject({ state: 'idle', attributes: { volume_level: 0.3 } });
  expect(() => rig.announce()).toThrow('closing');
});
