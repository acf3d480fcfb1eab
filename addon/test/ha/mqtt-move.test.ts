/** An installation of before each had its own topics moves: the real Home Assistant keeps its entities as they were named. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Mqtt } from '../../src/homeassistant/mqtt.ts';
import { Relay } from '../../src/media/relay.ts';
import { MqttEar, startMosquitto } from '../support/mosquitto.ts';
import { quietLog } from '../support/quiet-log.ts';
import { RealHouse } from './real-house.ts';

const PATIENCE = { timeout: 20_000, interval: 100 };
const login = { username: 'addons', password: 'secret' };

interface Entry {
  id: string;
  entity_id: string;
  unique_id: string;
  name: string | null;
}

let house: RealHouse;
let ear: MqttEar;
/** What is open, the last one first. */
const open: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const broker = await startMosquitto({ port: 1883, user: { name: login.username, password: login.password } });
  open.unshift(() => broker.kill());
  ear = await MqttEar.open(broker, login);
  open.unshift(() => ear.close());
  house = await RealHouse.build();
  open.unshift(() => house.close());
  const place = { broker: '127.0.0.1', port: 1883, other_settings: { set_client_cert: false, set_ca_cert: 'off' } };
  await house.addIntegration('mqtt', [{ next_step_id: 'broker' }, { ...place, ...login }]);
});

afterAll(async () => {
  for (const close of open) await close();
});

it('with their ids, names and history, and the former topics are gone', async () => {
  const put = (topic: string, payload: object | string): Promise<unknown> =>
    ear.client.publishAsync(topic, typeof payload === 'string' ? payload : JSON.stringify(payload), { retain: true });
  const entities = async (): Promise<Entry[]> => {
    const all = await house.ask<Entry[]>({ type: 'config/entity_registry/list' });
    const ours = all.filter(({ unique_id }) => unique_id.startsWith('voice_streaming'));
    return ours.sort((a, b) => a.unique_id.localeCompare(b.unique_id));
  };
  const topics = { talking: 'talking', kitchen_talking: 'stream/kitchen/talking' };
  for (const [object, topic] of Object.entries(topics)) {
    await put(`voice_streaming/${topic}`, 'OFF');
    await put(`homeassistant/binary_sensor/voice_streaming/${object}/config`, {
      name: object,
      unique_id: `voice_streaming_${object}`,
      state_topic: `voice_streaming/${topic}`,
      availability_topic: 'voice_streaming/status',
      device: { identifiers: ['voice_streaming'], name: 'Voice Streaming' },
    });
  }
  await put('voice_streaming/status', 'offline');
  await expect.poll(async () => (await entities()).length, PATIENCE).toBe(2);
  for (const { entity_id, unique_id } of await entities()) {
    await house.ask({ type: 'config/entity_registry/update', entity_id, name: `Mine: ${unique_id}` });
  }
  const before = await entities();

  const installation = {
    installationId: '1f2e3d4c',
    hasFormerIds: undefined as boolean | undefined,
    settleIds: (former: boolean) => Promise.resolve(void (installation.hasFormerIds = former)),
  };
  const relay = new Relay({ log: quietLog() });
  open.unshift(() => relay.close());
  const mqtt = new Mqtt({
    log: quietLog(),
    settings: () => Promise.resolve({ url: 'mqtt://127.0.0.1:1883', ...login, verifyCertificate: true }),
    installation,
    relay,
    streams: { watch: () => () => undefined },
    players: { listenerCount: 0, onListenersChanged: () => () => undefined },
    known: { has: (id) => id === 'kitchen', nameOf: () => 'Kitchen' },
    version: '1.2.3',
  });
  open.unshift(() => mqtt.close());
  mqtt.start();
  const states = async (): Promise<string[]> => {
    const all = await house.ask<{ entity_id: string; state: string }[]>({ type: 'get_states' });
    const ours = all.filter((state) => before.some(({ entity_id }) => entity_id === state.entity_id));
    return ours.map(({ state }) => state);
  };
  // Available again, so they listen to the new topics.
  await expect.poll(states, PATIENCE).toEqual(['off', 'off']);
  const after = await entities();
  for (const { id, entity_id, unique_id, name } of before) {
    expect(after).toContainEqual(expect.objectContaining({ id, entity_id, unique_id, name }));
  }
  await expect
    .poll(() => [...ear.latest.keys()].filter((topic) => /\/voice_streaming\/|^voice_streaming\/status/.test(topic)))
    .toEqual([]);
});
