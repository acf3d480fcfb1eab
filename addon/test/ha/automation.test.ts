/** What Home Assistant makes of a talk: entities by its MQTT integration, and a voice on a speaker by our blueprint. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compareSpeech, SAME_SPEECH } from '../support/judge.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { encodeOpus } from '../support/opus-voice.ts';
import type { SignalingClient } from '../support/signaling-client.ts';
import { COUNTING, speak } from '../support/speech.ts';
import { openClient, type WeriftClient } from '../support/werift-client.ts';
import { startMpd, type Mpd } from './mpd.ts';
import { RealHouse } from './real-house.ts';

const BLUEPRINT = 'voice_streaming/play_on_speakers.yaml';
const BLUEPRINTS = join(import.meta.dirname, '../../../blueprints/automation');
const PACKET_MS = 20;
const PATIENCE = { timeout: 20_000, interval: 100 };
/** Enough words to know a speech by. */
const PLAYED_MS = 5_000;

interface State {
  entity_id: string;
  state: string;
  attributes: Record<string, unknown>;
}

let house: RealHouse;
let mpd: Mpd;
let signaling: SignalingClient;
let sender: WeriftClient;
/** What is open, the last one first. */
const open: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const user = { name: 'addons', password: 'secret' };
  const broker = await startMosquitto({ port: 1883, user });
  open.unshift(() => broker.kill());
  mpd = await startMpd();
  open.unshift(() => mpd.close());
  house = await RealHouse.build();
  open.unshift(() => house.close());
  house.core.supervisor.mqtt = {
    host: '127.0.0.1',
    port: 1883,
    username: user.name,
    password: user.password,
    ssl: false,
    protocol: '3.1.1',
  };
  await house.addIntegration('mqtt', [
    { next_step_id: 'broker' },
    {
      broker: '127.0.0.1',
      port: 1883,
      username: user.name,
      password: user.password,
      other_settings: { set_client_cert: false, set_ca_cert: 'off' },
    },
  ]);
  await house.addIntegration('mpd', [{ host: '127.0.0.1', port: mpd.port }]);
  await house.startAddon();
  await house.cardInstalled();
  // Björn's tablet, through Core's ingress.
  signaling = await house.dial(house.björn);
  open.unshift(() => signaling.close());
  sender = openClient('sendonly');
  open.unshift(() => sender.connection.close());
  await signaling.get('introduce', { deviceKey: 'k'.repeat(22), name: 'Kitchen tablet' });
  await sender.accept((await signaling.get('connectSender', { offer: await sender.offer() })).answer);
});

afterAll(async () => {
  for (const close of open) await close();
});

const states = (): Promise<State[]> => house.get<State[]>('/api/states');
const stateOf = async (pattern: RegExp): Promise<State | undefined> =>
  (await states()).find(({ entity_id: id }) => pattern.test(id));

/** Speaks at its pace until told to stop. */
async function talk(packets: readonly Buffer[]): Promise<() => void> {
  await signaling.get('startTalk', {});
  const startedAtMs = performance.now();
  let next = 0;
  const timer = setInterval(() => {
    const due = Math.min((performance.now() - startedAtMs) / PACKET_MS, packets.length);
    while (next < due) void sender.send(next, packets[next++]);
  }, 5);
  return () => clearInterval(timer);
}

it('a talk is seen in entities, and played on a speaker by the blueprint', async () => {
  await expect.poll(() => stateOf(/^media_player\..*(mpd|music_player)/), PATIENCE).toBeDefined();
  const player = (await stateOf(/^media_player\..*(mpd|music_player)/))!.entity_id;
  const yaml = await readFile(join(BLUEPRINTS, BLUEPRINT), 'utf8');
  await house.ask({ type: 'blueprint/save', domain: 'automation', path: BLUEPRINT, yaml });
  await house.post('/api/config/automation/config/play', {
    alias: 'Play whoever speaks',
    use_blueprint: { path: BLUEPRINT, input: { speakers: [player] } },
  });
  await expect.poll(async () => (await stateOf(/^automation\./))?.state, PATIENCE).toBe('on');

  const speech = await speak(COUNTING);
  const stop = await talk(await encodeOpus(speech.pcm));
  const talking = (): Promise<State | undefined> => stateOf(/^binary_sensor\..*kitchen.*talking/);
  await expect.poll(async () => (await talking())?.state, PATIENCE).toBe('on');
  await expect.poll(async () => (await stateOf(/^sensor\..*last_talker/))?.state, PATIENCE).toBe('Kitchen tablet');
  await expect.poll(async () => (await stateOf(/^media_player\./))?.state, PATIENCE).toBe('playing');
  const length = async (): Promise<number> => ((await mpd.played()).length / 48_000) * 1000;
  await expect.poll(length, PATIENCE).toBeGreaterThan(PLAYED_MS);
  stop();
  await signaling.get('stopTalk', {});
  await expect.poll(async () => (await talking())?.state, PATIENCE).toBe('off');
  const verdict = compareSpeech(await mpd.played(), speech.pcm);
  expect(verdict.score, JSON.stringify(verdict)).toBeGreaterThan(SAME_SPEECH);

  const ours = (await states()).filter(({ entity_id: id }) => id.includes('voice_streaming_'));
  expect(ours.map(({ entity_id: id }) => id).sort()).toEqual([
    'binary_sensor.voice_streaming_kitchen_tablet_talking',
    'binary_sensor.voice_streaming_someone_is_talking',
    'event.voice_streaming_talk',
    'sensor.voice_streaming_kitchen_tablet_level',
    'sensor.voice_streaming_last_talker',
    'sensor.voice_streaming_listeners',
    // The Supervisor's own.
    'update.voice_streaming_update',
  ]);
  // No URL that opens anything goes over MQTT.
  expect(JSON.stringify(ours)).not.toContain('.mp3');
});
