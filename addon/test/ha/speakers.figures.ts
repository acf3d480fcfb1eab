/**
 * Figures, not tests: how soon real players that the real Home Assistant drives are heard, whether the first word is there, and
 * whether all is as it was. `npm run bench:speakers`; addon/bench/README.md says what came out.
 */
import { afterAll, beforeAll, it, vi } from 'vitest';
import type { Announcement } from '@voice-streaming/shared/protocol';
import { compareSpeech, SAME_SPEECH } from '../support/judge.ts';
import { SAMPLE_RATE_HZ } from '../support/pcm.ts';
import { speak, type Speech } from '../support/speech.ts';
import { musicPosition } from './music.ts';
import { PlayerHouse, type Platform } from './player-house.ts';

const PLATFORMS: Platform[] = ['mpd', 'dlna_dmr'];
const ROUNDS = 20;
const WHOLE_MS = 100;
const AUDIBLE = 0.01;
/** Core asks MPD every ten seconds and knows whole seconds. */
const SAME_PLACE_SECONDS = 2;
const MUSIC_VOLUME: Partial<Record<Platform, number>> = { mpd: 0.8, dlna_dmr: 0.5 };
const PATIENCE = { timeout: 30_000, interval: 20 };
const TIMEOUT_MS = 10 * 60_000;

let house: PlayerHouse;
let speech: Speech;

beforeAll(async () => {
  speech = await speak('Dinner is ready in the kitchen, come down.');
  house = await PlayerHouse.build(PLATFORMS);
  await house.tablet.prepare(speech);
}, TIMEOUT_MS);

afterAll(() => house.close());

const pause = (ms: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, ms));

const over = (id: string): Promise<Announcement> =>
  vi.waitFor(() => {
    const now = house.told(id);
    if (now?.over !== true) throw new Error(`not over: ${JSON.stringify(now)}`);
    return now;
  }, PATIENCE);

/** Of a list, in milliseconds. */
function spread(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!.toFixed(0);
  return `${at(0.5)} ms (p50), ${at(0)} to ${at(1)} ms`;
}

it(
  'from the press to the sound, and the first word',
  async () => {
    const onsetMs = (speech.pcm.findIndex((sample) => Math.abs(sample) > AUDIBLE) / SAMPLE_RATE_HZ) * 1000;
    for (const platform of PLATFORMS) {
      const delays: number[] = [];
      let whole = 0;
      for (let round = 0; round < ROUNDS; round++) {
        house.forget();
        const pressedAtMs = performance.now();
        const [{ id }, talk] = await Promise.all([
          house.announce([platform], { chime: 'none' }),
          house.tablet.say(speech),
        ]);
        await talk.finished;
        await over(id);
        const sound = house.sound(platform);
        delays.push((sound.firstSoundMs(0) ?? Number.NaN) - onsetMs - pressedAtMs);
        const { score, offsetMs } = compareSpeech(sound.heard(), speech.pcm);
        if (score > SAME_SPEECH && Math.abs(offsetMs) <= WHOLE_MS) whole += 1;
      }
      console.log(`${platform}: press to sound ${spread(delays)}; first word ${whole} of ${ROUNDS}`);
    }
  },
  TIMEOUT_MS,
);

it(
  'as it was',
  async () => {
    for (const platform of PLATFORMS) {
      const sound = house.sound(platform);
      const drifts: number[] = [];
      let exact = 0;
      const listen = (): number => musicPosition(sound.heard()) ?? Number.NaN;
      const isMusic = (): void => {
        if (Number.isNaN(listen())) throw new Error(`${platform} plays no music`);
      };
      for (let round = 0; round < ROUNDS; round++) {
        if (!(listen() < 30)) {
          sound.forget();
          await house.call(platform, 'volume_set', { volume_level: MUSIC_VOLUME[platform] });
          await house.call(platform, 'play_media', { media_content_id: house.music.url, media_content_type: 'music' });
          await vi.waitFor(isMusic, PATIENCE);
          await pause(2_000);
          await house.house.post('/api/services/homeassistant/update_entity', { entity_id: house.ids[platform] });
        }
        const before = listen();
        const [{ id }, talk] = await Promise.all([
          house.announce([platform], { chime: 'none', volume: 0.3 }),
          house.tablet.say(speech),
        ]);
        await talk.finished;
        await over(id);
        const backAtMs = performance.now();
        await vi.waitFor(() => {
          if (musicPosition(sound.heard(backAtMs)) === undefined) throw new Error(`${platform} plays no music`);
        }, PATIENCE);
        const heard = sound.heard(backAtMs);
        const drift = (musicPosition(heard) ?? Number.NaN) - heard.length / SAMPLE_RATE_HZ - before;
        drifts.push(drift);
        await house.house.post('/api/services/homeassistant/update_entity', { entity_id: house.ids[platform] });
        const volume = (await house.state(platform)).attributes['volume_level'];
        // Right after winding, a renderer may not know yet where it is.
        await pause(1_000);
        if (volume === MUSIC_VOLUME[platform] && Math.abs(drift) < SAME_PLACE_SECONDS) exact += 1;
        else console.log(`${platform} ${round}: volume ${String(volume)}, ${drift.toFixed(2)} s off`);
      }
      const sorted = drifts.toSorted((a, b) => a - b);
      console.log(
        `${platform}: volume and music back in ${exact} of ${ROUNDS}; the music ${sorted[0]?.toFixed(2)} to ${sorted.at(-1)?.toFixed(2)} s from where it was`,
      );
    }
  },
  TIMEOUT_MS,
);
