/** What Home Assistant makes of a talk: entities by its MQTT integration, and a voice on a speaker by our blueprint. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compareSpeech, SAME_SPEECH } from '../support/judge.ts';
import { MqttEar, startMosquitto } from '../support/mosquitto.ts';
import { encodeOpus } from '../support/opus-voice.ts';
import type { TestServer } from '../support/server.ts';
import type { SignalingClient } from '../support/signaling-client.ts';
import { COUNTING, speak } from '../support/speech.ts';
import { openClient, type WeriftClient } from '../support/werift-client.ts';
import { startMpd } from './mpd.ts';
import type { RealPlayer } from './player-process.ts';
import { RealHouse } from './real-house.ts';
import { startVlc, VLC_PASSWORD } from './vlc.ts';

const BLUEPRINTS = join(import.meta.dirname, '../../../blueprints/automation');
const MPD = /^media_player\..*(mpd|music_player)/;
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
let addon: TestServer;
let mpd: RealPlayer;
/** Its volume is judged here, its sound in players.test.ts. */
let vlc: RealPlayer;
let ear: MqttEar;
let signaling: SignalingClient;
let sender: WeriftClient;
let sequenceNumber = 0;
/** What is open, the last one first. */
const open: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const user = { name: 'addons', password: 'secret' };
  const broker = await startMosquitto({ port: 1883, user });
  open.unshift(() => broker.kill());
  ear = await MqttEar.open(broker, { username: user.name, password: user.password });
  open.unshift(() => ear.close());
  mpd = await startMpd();
  open.unshift(() => mpd.close());
  vlc = await startVlc({ hasVolume: true });
  open.unshift(() => vlc.close());
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
  await house.addIntegration('vlc_telnet', [{ host: vlc.host, port: vlc.port, password: VLC_PASSWORD }]);
  addon = await house.startAddon();
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

/** As a person does who imports a blueprint and makes an automation of it. */
async function automate(id: string, blueprint: string, input: Record<string, unknown>): Promise<void> {
  const path = `voice_streaming/${blueprint}.yaml`;
  const yaml = await readFile(join(BLUEPRINTS, path), 'utf8');
  await house.ask({ type: 'blueprint/save', domain: 'automation', path, yaml });
  await house.post(`/api/config/automation/config/${id}`, { alias: id, use_blueprint: { path, input } });
  await expect.poll(async () => (await stateOf(new RegExp(`^automation\\.${id}$`)))?.state, PATIENCE).toBe('on');
}

/** Speaks at its pace, over and over, until told to stop. */
async function talk(packets: readonly Buffer[]): Promise<() => void> {
  await signaling.get('startTalk', {});
  const startedAtMs = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = (performance.now() - startedAtMs) / PACKET_MS;
    while (sent < due) void sender.send(sequenceNumber++, packets[sent++ % packets.length]);
  }, 5);
  return () => clearInterval(timer);
}

it('a talk is seen in entities, and played on a speaker by the blueprint', async () => {
  await expect.poll(() => stateOf(MPD), PATIENCE).toBeDefined();
  const player = (await stateOf(MPD))!.entity_id;
  await automate('play', 'play_on_speakers', { speakers: [player] });

  const speech = await speak(COUNTING);
  const stop = await talk(await encodeOpus(speech.pcm));
  const talking = (): Promise<State | undefined> => stateOf(/^binary_sensor\..*kitchen.*talking/);
  await expect.poll(async () => (await talking())?.state, PATIENCE).toBe('on');
  await expect.poll(async () => (await stateOf(/^sensor\..*last_talker/))?.state, PATIENCE).toBe('Kitchen tablet');
  await expect.poll(async () => (await stateOf(MPD))?.state, PATIENCE).toBe('playing');
  await expect.poll(() => mpd.sound.durationMs(), PATIENCE).toBeGreaterThan(PLAYED_MS);
  stop();
  await signaling.get('stopTalk', {});
  await expect.poll(async () => (await talking())?.state, PATIENCE).toBe('off');
  const verdict = compareSpeech(mpd.sound.heard(), speech.pcm);
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

it('a talk is announced on a speaker by the blueprint: whole, as loud as asked, and then it is as it was', async () => {
  // The other blueprint would play there as well.
  await house.delete('/api/config/automation/config/play');
  const patterns = [MPD, /^media_player\.vlc/];
  const players = (await Promise.all(patterns.map(stateOf))).map((state) => state!.entity_id);
  const vlcId = players[1];
  // VLC's: of an MPD that is silent Core says that it is off, and no volume.
  const volume = async (): Promise<unknown> =>
    Math.round(Number((await stateOf(/^media_player\.vlc/))?.attributes['volume_level']) * 100);
  await house.post('/api/services/media_player/volume_set', { entity_id: vlcId, volume_level: 0.4 });
  await expect.poll(volume, PATIENCE).toBe(40);
  const input = { speakers: players, devices: ['kitchen-tablet'], volume: 30, chime: 'none' };
  await automate('announce', 'announce_on_speakers', input);
  const told = await house.listen('voice_streaming_announced');
  open.unshift(() => told.close());
  mpd.sound.forget();

  const speech = await speak('Dinner is ready in the kitchen, please come down now.');
  const packets = await encodeOpus(speech.pcm);
  await signaling.get('startTalk', {});
  const startedAtMs = performance.now();
  for (let sent = 0; sent < packets.length;) {
    const due = Math.min(packets.length, (performance.now() - startedAtMs) / PACKET_MS);
    while (sent < due) void sender.send(sequenceNumber++, packets[sent++]);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  // Else Core looks every ten seconds.
  await house.post('/api/services/homeassistant/update_entity', { entity_id: vlcId });
  await expect.poll(volume, PATIENCE).toBe(30);
  await signaling.get('stopTalk', {});
  const targets = players.map((entity_id) => ({ entity_id, state: 'done' }));
  await expect.poll(() => told.events, PATIENCE).toMatchObject([{ stream: 'kitchen-tablet', targets }]);
  const { score, soundMs } = compareSpeech(mpd.sound.heard(), speech.pcm);
  expect(score).toBeGreaterThan(SAME_SPEECH);
  expect(soundMs).toBeGreaterThan(compareSpeech(speech.pcm, speech.pcm).soundMs - 100);
  await expect.poll(volume, PATIENCE).toBe(40);
  // The talk that the other blueprint played is over: it is not begun again.
  await expect.poll(async () => (await stateOf(MPD))?.state, PATIENCE).not.toBe('playing');
  await house.delete('/api/config/automation/config/announce');
});

it('a noise is told after some seconds, and a light flashes while somebody speaks, both by blueprints', async () => {
  const light = { schema: 'json', name: 'Hall', unique_id: 'hall', command_topic: 'hall/set', flash: true };
  await ear.client.publishAsync('homeassistant/light/hall/config', JSON.stringify(light), { retain: true });
  await expect.poll(() => stateOf(/^light\.hall$/), PATIENCE).toBeDefined();
  await house.post('/api/services/light/turn_off', { entity_id: 'light.hall' });
  await automate('flash', 'flash_a_light', { lights: ['light.hall'] });
  const say = { action: 'persistent_notification.create', data: { message: 'The kitchen is loud.' } };
  const level = 'sensor.voice_streaming_kitchen_tablet_level';
  await automate('noise', 'notify_of_noise', { level, threshold: -40, seconds: 2, pause: 0, tell: [say] });
  const told = async (): Promise<string[]> =>
    (await house.ask<{ message: string }[]>({ type: 'persistent_notification/get' })).map(({ message }) => message);
  const commands = (): Record<string, unknown>[] =>
    ear.heard
      .filter(({ topic }) => topic === 'hall/set')
      .map(({ payload }) => JSON.parse(payload) as Record<string, unknown>);
  const flashes = (): number => commands().filter((command) => 'flash' in command).length;

  sender.levelDbov = -60;
  const stop = await talk(await encodeOpus((await speak(COUNTING)).pcm));
  await expect.poll(async () => (await stateOf(/kitchen_tablet_level/))?.state, PATIENCE).toBe('-60');
  await expect.poll(flashes, PATIENCE).toBeGreaterThan(1);
  expect(await told()).not.toContain('The kitchen is loud.');
  const loudAtMs = performance.now();
  sender.levelDbov = -20;
  await expect.poll(told, PATIENCE).toContain('The kitchen is loud.');
  expect(performance.now() - loudAtMs).toBeGreaterThan(1_900);
  stop();
  await signaling.get('stopTalk', {});
  // As it was before.
  await expect.poll(() => commands().at(-1), PATIENCE).toEqual({ state: 'OFF' });
  expect((await stateOf(/^light\.hall$/))?.state).toBe('off');
});

it('uninstalled, its entities are there until their device is removed in Home Assistant, as it is documented', async () => {
  await signaling.close();
  await addon.stop();
  const isOurs = (topic: string): boolean => /^homeassistant\/\w+\/voice_streaming/.test(topic);
  await expect.poll(async () => (await stateOf(/someone_is_talking/))?.state, PATIENCE).toBe('unavailable');
  expect([...ear.latest.keys()].filter(isOurs)).not.toEqual([]);
  const devices = await house.ask<{ id: string; name: string; config_entries: string[]; identifiers: string[][] }[]>({
    type: 'config/device_registry/list',
  });
  const device = devices.find(({ identifiers }) => identifiers.flat().includes('mqtt'));
  expect(device?.name).toBe('Voice Streaming');
  await house.ask({
    type: 'config/device_registry/remove_config_entry',
    device_id: device?.id,
    config_entry_id: device?.config_entries[0],
  });
  await expect.poll(() => stateOf(/someone_is_talking|kitchen_tablet_talking/), PATIENCE).toBeUndefined();
  await expect.poll(() => [...ear.latest.keys()].filter(isOurs), PATIENCE).toEqual([]);
});
