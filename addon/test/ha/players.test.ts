/**
 * A voice on real players that the real Home Assistant drives: MPD, a DLNA renderer and VLC. What they were told is one thing;
 * judged is what came out of them.
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { Announcement } from '@voice-streaming/shared/protocol';
import { compareSpeech, SAME_SPEECH } from '../support/judge.ts';
import { speak, type Speech } from '../support/speech.ts';
import { musicPosition, musicStart } from './music.ts';
import { PlayerHouse, type Platform } from './player-house.ts';

const PATIENCE = { timeout: 30_000, interval: 50 };
const PLATFORMS: Platform[] = ['mpd', 'dlna_dmr', 'vlc_telnet'];
/** Where in the music it is before; far from the beginning, from where a player starts that is only told to play. */
const MUSIC_SECONDS = 16;
/** Neither its first nor its last word may be missing; the judge's frames are 20 ms. */
const TOLERANCE_MS = 100;

let house: PlayerHouse;
let dinner: Speech;
let long: Speech;

beforeAll(async () => {
  [dinner, long] = await Promise.all([
    speak('Dinner is ready in the kitchen, please come down now.'),
    speak(
      'Who left the garden gate open again? The parcel for the neighbours stands beside the bicycles, and somebody should water the basil before it rains.',
    ),
  ]);
  house = await PlayerHouse.build(PLATFORMS);
}, 120_000);

afterAll(async () => {
  await house.close();
});

beforeEach(() => house.forget());

afterEach(async () => {
  // Nothing is left playing, whatever the test did.
  for (const platform of PLATFORMS) await house.call(platform, 'media_stop').catch(() => undefined);
});

/** The whole speech and nothing but it. */
function expectWhole(heard: Float32Array, speech: Speech, who: string): void {
  const { score, offsetMs, soundMs } = compareSpeech(heard, speech.pcm);
  const missingMs = compareSpeech(speech.pcm, speech.pcm).soundMs - soundMs;
  const verdict = JSON.stringify({ who, score, offsetMs, soundMs, missingMs });
  expect(score, verdict).toBeGreaterThan(SAME_SPEECH);
  expect(Math.abs(offsetMs), `its first word: ${verdict}`).toBeLessThanOrEqual(TOLERANCE_MS);
  expect(Math.abs(missingMs), `its last word: ${verdict}`).toBeLessThanOrEqual(TOLERANCE_MS);
}

const over = (id: string): Promise<Announcement> =>
  vi.waitFor(() => {
    const now = house.told(id);
    if (now?.over !== true) throw new Error(`not over: ${JSON.stringify(now)}`);
    return now;
  }, PATIENCE);

const stateOf = (announcement: Announcement | undefined, platform: Platform): string =>
  announcement?.targets.find(({ entityId }) => entityId === house.ids[platform])?.state ?? 'unknown';

/** Music plays there, at this volume, for long enough that there is a place in it to come back to. */
async function playMusic(platform: Platform, volume?: number): Promise<void> {
  if (volume !== undefined) await house.call(platform, 'volume_set', { volume_level: volume });
  const sound = house.sound(platform);
  await house.call(platform, 'play_media', { media_content_id: house.music.url, media_content_type: 'music' });
  await expect.poll(() => musicPosition(sound.heard()), PATIENCE).toBeDefined();
  await house.call(platform, 'media_seek', { seek_position: MUSIC_SECONDS });
  await expect.poll(() => musicPosition(sound.heard()), PATIENCE).toBeGreaterThan(MUSIC_SECONDS);
}

/** They know their place in whole seconds, and take a moment to wind. */
const PLACE_SECONDS = 2;

/** There is music again, which went on where it was; how long it has played since the others were ready does not matter. */
async function expectMusic(platform: Platform, position: number, sinceMs: number): Promise<void> {
  const off = (): number => Math.abs((musicStart(house.sound(platform).heard(sinceMs)) ?? Number.NaN) - position);
  await expect.poll(off, { ...PATIENCE, message: `${platform} is at its place` }).toBeLessThan(PLACE_SECONDS);
}

const volumeOf = async (platform: Platform): Promise<unknown> =>
  (await house.state(platform)).attributes['volume_level'];
const positionOf = (platform: Platform): number => musicPosition(house.sound(platform).heard()) ?? Number.NaN;

it('is heard whole by each, asked for at the press and before the first word, and they are as they were', async () => {
  const { id } = await house.announce(PLATFORMS, { chime: 'none' });
  const talk = await house.tablet.say(dinner);
  await talk.finished;
  const { targets } = await over(id);
  expect(targets.map(({ state, why }) => [state, why])).toEqual(PLATFORMS.map(() => ['done', undefined]));
  for (const platform of PLATFORMS) expectWhole(house.sound(platform).heard(), dinner, platform);
  // Nothing is played twice.
  const before = PLATFORMS.map((platform) => house.sound(platform).durationMs());
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(PLATFORMS.map((platform) => house.sound(platform).durationMs())).toEqual(before);
});

it('music and volume are put back as they were; what was paused stays silent', async () => {
  await Promise.all([playMusic('mpd', 0.8), playMusic('dlna_dmr', 0.5), playMusic('vlc_telnet')]);
  await house.call('vlc_telnet', 'media_pause');
  const positions = { mpd: positionOf('mpd'), dlna_dmr: positionOf('dlna_dmr') };
  const askedAtMs = performance.now();
  const { id } = await house.announce(PLATFORMS, { chime: 'none', volume: 0.3 });
  const talk = await house.tablet.say(dinner);
  await talk.finished;
  await over(id);
  const backAtMs = performance.now();
  for (const platform of ['mpd', 'dlna_dmr'] as const) await expectMusic(platform, positions[platform], askedAtMs);
  expect([await volumeOf('mpd'), await volumeOf('dlna_dmr')]).toEqual([0.8, 0.5]);
  expect(house.sound('vlc_telnet').firstSoundMs(backAtMs)).toBeUndefined();
}, 90_000);

it('stopped in the middle, all are silent within five seconds', async () => {
  const { id } = await house.announce(PLATFORMS, { chime: 'none' });
  const talk = await house.tablet.say(long);
  await expect
    .poll(() => PLATFORMS.map((platform) => house.sound(platform).durationMs() > 2_000), PATIENCE)
    .toEqual(PLATFORMS.map(() => true));
  const stoppedAtMs = performance.now();
  await house.tablet.signaling.get('stopAnnouncement', { announcementId: id });
  const { targets } = await over(id);
  expect(targets.map(({ state }) => state)).toEqual(PLATFORMS.map(() => 'stopped'));
  for (const platform of PLATFORMS) {
    expect((house.sound(platform).lastSoundMs() ?? 0) - stoppedAtMs, platform).toBeLessThan(5_000);
  }
  talk.stop();
  await talk.finished;
});

it('a player that is unplugged in the middle is told by name; the others play on, and it is silent when it is back', async () => {
  const { id } = await house.announce(PLATFORMS, { chime: 'none' });
  const talk = await house.tablet.say(dinner);
  await expect.poll(() => house.sound('vlc_telnet').durationMs(), PATIENCE).toBeGreaterThan(1_000);
  await house.player('vlc_telnet').kill();
  await talk.finished;
  await expect
    .poll(() => PLATFORMS.map((platform) => stateOf(house.told(id), platform)), PATIENCE)
    .toEqual(['done', 'done', 'failed']);
  for (const platform of ['mpd', 'dlna_dmr'] as const) expectWhole(house.sound(platform).heard(), dinner, platform);
  const revivedAtMs = performance.now();
  await house.player('vlc_telnet').revive();
  const { targets } = await over(id);
  expect(targets.find(({ entityId }) => entityId === house.ids.vlc_telnet)).toMatchObject({ fault: 'stalled' });
  expect(house.sound('vlc_telnet').firstSoundMs(revivedAtMs)).toBeUndefined();
}, 90_000);

it('of two announcements at once the newer one is heard, and the music comes back after both', async () => {
  await playMusic('mpd', 0.8);
  const position = positionOf('mpd');
  const askedAtMs = performance.now();
  const first = await house.announce(['mpd'], { chime: 'none', volume: 0.4 });
  const talk = await house.tablet.say(dinner);
  await expect.poll(() => house.told(first.id)?.targets[0]?.state, PATIENCE).toBe('playing');
  const second = await house.announce(['mpd', 'dlna_dmr'], { chime: 'none', volume: 0.6 });
  await talk.finished;
  expect((await over(first.id)).targets).toMatchObject([{ state: 'failed', fault: 'displaced' }]);
  const { targets } = await over(second.id);
  expect(targets.map(({ state }) => state)).toEqual(['done', 'done']);
  expectWhole(house.sound('dlna_dmr').heard(), dinner, 'dlna_dmr');
  await expectMusic('mpd', position, askedAtMs);
  expect(await volumeOf('mpd')).toBe(0.8);
}, 90_000);

it('an automation asks for one by an event, and is told how it went', async () => {
  const results = await house.house.listen('voice_streaming_announced');
  const automation = '/api/config/automation/config/dinner';
  await house.house.post(automation, {
    alias: 'dinner',
    triggers: [{ trigger: 'event', event_type: 'voice_streaming_started' }],
    actions: [
      {
        event: 'voice_streaming_announce',
        event_data: {
          targets: [house.ids.mpd, 'media_player.nowhere'],
          talk_id: '{{ trigger.event.data.talk_id }}',
          chime: 'none',
        },
      },
    ],
  });
  const talk = await house.tablet.say(dinner);
  await talk.finished;
  await expect.poll(() => results.events, PATIENCE).toHaveLength(1);
  expect(results.events[0]).toMatchObject({
    announcement_id: expect.any(String) as string,
    stream: house.tablet.streamId,
    talk_id: talk.talkId,
    targets: [
      { entity_id: house.ids.mpd, state: 'done' },
      { entity_id: 'media_player.nowhere', state: 'failed', error: 'notFound' },
    ],
  });
  expectWhole(house.sound('mpd').heard(), dinner, 'mpd');
  await house.house.post('/api/events/voice_streaming_announce', { targets: house.ids.mpd, volume: 7 });
  await expect.poll(() => results.events, PATIENCE).toHaveLength(2);
  expect(results.events[1]).toMatchObject({ error: 'bad_arguments', why: '"volume" must be 0 to 1.' });
  await results.close();
  await house.house.delete(automation);
});

it('Core restarts in the middle: what plays plays on, and all is put back when Core is there again', async () => {
  await playMusic('mpd', 0.8);
  const position = positionOf('mpd');
  // The tablet speaks by way of Core, too; so it has spoken before.
  const talk = await house.tablet.say(dinner);
  await talk.finished;
  const askedAtMs = performance.now();
  await house.announce(['mpd', 'dlna_dmr'], { talkId: talk.talkId, chime: 'none', volume: 0.4 });
  await expect.poll(() => house.sound('dlna_dmr').durationMs(askedAtMs), PATIENCE).toBeGreaterThan(500);
  await house.house.core.restart();
  await expectMusic('mpd', position + (askedAtMs - talk.startedAtMs) / 1000, askedAtMs);
  await expect.poll(() => volumeOf('mpd'), PATIENCE).toBe(0.8);
  expectWhole(house.sound('dlna_dmr').heard(askedAtMs), dinner, 'dlna_dmr');
}, 120_000);
