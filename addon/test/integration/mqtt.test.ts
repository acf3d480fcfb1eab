/** Our entities on a real broker, Mosquitto: found, kept true, cleaned up, whatever the broker does. */
import type { StreamInfo } from '@voice-streaming/shared/protocol';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { MqttSettings } from '../../src/homeassistant/mqtt-broker.ts';
import { Mqtt, type MqttOptions } from '../../src/homeassistant/mqtt.ts';
import type { Installation, StreamObserver } from '../../src/homeassistant/ports.ts';
import { createLog } from '../../src/log.ts';
import { Relay } from '../../src/media/relay.ts';
import { MqttEar, startMosquitto, type Mosquitto } from '../support/mosquitto.ts';

let broker: Mosquitto;
let ear: MqttEar;
let relay: Relay;
let mqtt: Mqtt;
let lines: string[];
let observer: StreamObserver | undefined;
const names = new Map<string, string>();

beforeEach(async () => {
  broker = await startMosquitto();
  ear = await MqttEar.open(broker);
  lines = [];
  relay = new Relay({ log });
  names.clear();
  names.set('kitchen', 'Kitchen tablet');
});

afterEach(async () => {
  await mqtt.close();
  await relay.close();
  await ear.close();
  await broker.kill();
});

const log = createLog('info', (level, line) => lines.push(`${level.toUpperCase()} ${line.slice(31)}`));
const eventually = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 5_000, interval: 10 });

function start(settings: MqttSettings | undefined, options: Partial<MqttOptions> = {}): Mqtt {
  mqtt = new Mqtt({
    log,
    settings: () => Promise.resolve(settings),
    relay,
    streams: {
      watch: (given) => {
        observer = given;
        return () => (observer = undefined);
      },
    },
    players: { listenerCount: 2, onListenersChanged: () => () => undefined },
    known: { has: (id) => names.has(id), nameOf: (id) => names.get(id) },
    version: '1.2.3',
    installation: installation('1f2e3d4c', false),
    unloadMs: 20,
    firstPauseMs: 20,
    longestPauseMs: 100,
    levelIntervalMs: 20,
    ...options,
  });
  mqtt.start();
  return mqtt;
}

function installation(installationId: string, hasFormerIds?: boolean): Installation {
  const self = { installationId, hasFormerIds, settleIds: () => Promise.resolve() };
  self.settleIds = (former?: boolean) => Promise.resolve(void (self.hasFormerIds = former));
  return self;
}

const settings = (): MqttSettings => ({ url: broker.url, verifyCertificate: true });
const discovered = (): string[] => [...ear.latest.keys()].filter((topic) => topic.startsWith('homeassistant/')).sort();
const house = [
  'homeassistant/binary_sensor/voice_streaming_1f2e3d4c/talking/config',
  'homeassistant/event/voice_streaming_1f2e3d4c/talk/config',
  'homeassistant/sensor/voice_streaming_1f2e3d4c/last_talker/config',
  'homeassistant/sensor/voice_streaming_1f2e3d4c/listeners/config',
];
const kitchen = [
  'homeassistant/binary_sensor/voice_streaming_1f2e3d4c/kitchen_talking/config',
  'homeassistant/sensor/voice_streaming_1f2e3d4c/kitchen_level/config',
];

function info(id: string, more: Partial<StreamInfo> = {}): StreamInfo {
  return { id, name: names.get(id) ?? id, live: false, since: null, receivers: 0, listeners: 0, ...more };
}

it('one device with the house’s entities, and a stream’s from its first talk on', async () => {
  start(settings());
  await eventually(() => expect(ear.latest.get('voice_streaming/1f2e3d4c/status')).toBe('online'));
  expect(discovered()).toEqual(house);
  expect(ear.json(house[0] ?? '')).toEqual({
    name: 'Someone is talking',
    icon: 'mdi:account-voice',
    unique_id: 'voice_streaming_1f2e3d4c_talking',
    state_topic: 'voice_streaming/1f2e3d4c/talking',
    json_attributes_topic: 'voice_streaming/1f2e3d4c/talking/attributes',
    availability_topic: 'voice_streaming/1f2e3d4c/status',
    device: {
      identifiers: ['voice_streaming_1f2e3d4c'],
      name: 'Voice Streaming',
      manufacturer: 'Voice Streaming',
      sw_version: '1.2.3',
    },
    origin: { name: 'Voice Streaming', sw_version: '1.2.3' },
  });
  expect(ear.latest.get('voice_streaming/1f2e3d4c/listeners')).toBe('2');

  const talk = relay.start({ id: 'kitchen', name: 'Kitchen tablet', user: 'Ada' });
  await eventually(() => expect(ear.latest.get('voice_streaming/1f2e3d4c/stream/kitchen/talking')).toBe('ON'));
  const since = new Date(talk.startedAtMs).toISOString();
  await eventually(() => expect(ear.latest.get('voice_streaming/1f2e3d4c/talk')).toBeDefined());
  expect(discovered()).toEqual([...house, ...kitchen].sort());
  expect(ear.json('voice_streaming/1f2e3d4c/stream/kitchen/attributes')).toEqual({
    stream_id: 'kitchen',
    who: 'Ada',
    since,
    last_talk: since,
  });
  expect(ear.latest.get('voice_streaming/1f2e3d4c/talking')).toBe('ON');
  expect(ear.json('voice_streaming/1f2e3d4c/talking/attributes')).toEqual({
    who: ['Kitchen tablet'],
    streams: ['kitchen'],
  });
  expect(ear.latest.get('voice_streaming/1f2e3d4c/last_talker')).toBe('Kitchen tablet');
  expect(ear.json('voice_streaming/1f2e3d4c/talk')).toMatchObject({
    event_type: 'started',
    stream_id: 'kitchen',
    user: 'Ada',
  });

  relay.end(talk, 'stopped');
  await eventually(() =>
    expect(ear.json('voice_streaming/1f2e3d4c/talk')).toMatchObject({
      event_type: 'ended',
      duration: expect.any(Number) as number,
    }),
  );
  expect(ear.latest.get('voice_streaming/1f2e3d4c/talking')).toBe('OFF');
  expect(ear.latest.get('voice_streaming/1f2e3d4c/stream/kitchen/talking')).toBe('OFF');
  expect(ear.json('voice_streaming/1f2e3d4c/stream/kitchen/attributes')).toMatchObject({
    who: null,
    since: null,
    last_talk: since,
  });
  expect(JSON.stringify(ear.heard)).not.toContain('http');

  // All of it is there for whoever comes later, but for what only happened.
  const late = await MqttEar.open(broker);
  await eventually(() => expect(late.latest.size).toBe(ear.latest.size - 1));
  expect(late.latest.has('voice_streaming/1f2e3d4c/talk')).toBe(false);
  await late.close();
});

it('private talks are nobody’s business, monitors no talk of the house', async () => {
  start(settings());
  await eventually(() => expect(ear.latest.get('voice_streaming/1f2e3d4c/status')).toBe('online'));
  relay.start({ id: 'kitchen', name: 'Kitchen tablet', private: true });
  relay.start({ id: 'nursery', name: 'Nursery', monitor: true });
  observer?.streams([info('nursery', { live: true, receivers: 1, monitor: { state: 'live', lastSoundAt: null } })]);
  await eventually(() => expect(ear.latest.get('voice_streaming/1f2e3d4c/stream/nursery/monitor')).toBe('live'));
  await eventually(() => expect(ear.latest.get('voice_streaming/1f2e3d4c/listeners')).toBe('3'));
  expect(ear.latest.get('voice_streaming/1f2e3d4c/stream/nursery/talking')).toBe('ON');
  expect(ear.latest.get('voice_streaming/1f2e3d4c/talking')).toBe('OFF');
  expect(ear.latest.has('voice_streaming/1f2e3d4c/talk')).toBe(false);
  expect(JSON.stringify(ear.heard)).not.toContain('kitchen');
});

it('a monitor that needs a tap is a problem; one that is none any more loses these entities', async () => {
  start(settings());
  observer?.streams([info('nursery', { monitor: { state: 'needsTap', lastSoundAt: 1_000 } })]);
  await eventually(() => expect(ear.latest.get('voice_streaming/1f2e3d4c/stream/nursery/needs_tap')).toBe('ON'));
  expect(ear.json('homeassistant/binary_sensor/voice_streaming_1f2e3d4c/nursery_needs_tap/config')).toMatchObject({
    device_class: 'problem',
  });
  expect(ear.json('voice_streaming/1f2e3d4c/stream/nursery/monitor/attributes')).toEqual({
    last_sound: '1970-01-01T00:00:01.000Z',
  });
  observer?.streams([info('nursery', { monitor: { state: 'lost', lastSoundAt: 1_000 } })]);
  await eventually(() => expect(ear.latest.get('voice_streaming/1f2e3d4c/stream/nursery/monitor')).toBe('lost'));
  expect(ear.latest.get('voice_streaming/1f2e3d4c/stream/nursery/needs_tap')).toBe('OFF');
  observer?.streams([]);
  await eventually(() => expect(discovered().filter((topic) => /needs_tap|monitor/.test(topic))).toEqual([]));
  expect(discovered()).toContain('homeassistant/binary_sensor/voice_streaming_1f2e3d4c/nursery_talking/config');
});

it('levels are told when they differ, the loudest of a second, and silence at the end', async () => {
  start(settings());
  await eventually(() => expect(ear.latest.get('voice_streaming/1f2e3d4c/status')).toBe('online'));
  const talk = relay.start({ id: 'kitchen', name: 'Kitchen tablet' });
  observer?.levels({ kitchen: -60, other: -10 });
  observer?.levels({ kitchen: -20 });
  observer?.levels({ kitchen: -50 });
  const levels = (): string[] =>
    ear.heard.filter(({ topic }) => topic.endsWith('/level')).map(({ payload }) => payload);
  await eventually(() => expect(levels()).toEqual(['-127', '-20', '-50']));
  observer?.levels({ kitchen: -51 });
  observer?.levels({ kitchen: -40 });
  await eventually(() => expect(levels().at(-1)).toBe('-40'));
  relay.end(talk, 'stopped');
  await eventually(() => expect(levels().at(-1)).toBe('-127'));
  expect(levels()).not.toContain('-51');
});

it('another name is another name there, too', async () => {
  start(settings());
  relay.start({ id: 'kitchen', name: 'Kitchen tablet' });
  await eventually(() => expect(ear.json(kitchen[0] ?? '')).toMatchObject({ name: 'Kitchen tablet talking' }));
  observer?.streams([info('kitchen', { name: 'Küche', live: true })]);
  await eventually(() => expect(ear.json(kitchen[0] ?? '')).toMatchObject({ name: 'Küche talking' }));
});

it('what an earlier run left is put right, kept for a while, or removed', async () => {
  const publish = (topic: string, payload: object | string): Promise<unknown> =>
    ear.client.publishAsync(topic, typeof payload === 'string' ? payload : JSON.stringify(payload), { retain: true });
  const left = async (id: string, name: string, attributes: object | string): Promise<void> => {
    for (const [platform, entity] of [
      ['binary_sensor', 'talking'],
      ['sensor', 'level'],
    ]) {
      const config = { name: `${name} ${entity}`, unique_id: `voice_streaming_1f2e3d4c_${id}_${entity}` };
      await publish(`homeassistant/${platform}/voice_streaming_1f2e3d4c/${id}_${entity}/config`, config);
    }
    await publish(`voice_streaming/1f2e3d4c/stream/${id}/talking`, 'ON');
    await publish(`voice_streaming/1f2e3d4c/stream/${id}/attributes`, attributes);
  };
  const yesterday = new Date(Date.now() - 24 * 3_600_000).toISOString();
  await left('kitchen', 'Old name', { last_talk: '2020-01-01T00:00:00.000Z' });
  await left('door', 'Front door', { last_talk: yesterday });
  await left('attic', 'Attic', { last_talk: '2020-01-01T00:00:00.000Z' });
  await left('torn', 'Torn', '{');
  await publish('homeassistant/sensor/voice_streaming_1f2e3d4c/kitchen_monitor/config', {
    name: 'Old monitor',
    unique_id: 'voice_streaming_1f2e3d4c_kitchen_monitor',
  });
  await publish('homeassistant/binary_sensor/other/attic_talking/config', { name: 'not ours' });
  start(settings());
  await eventually(() => expect(ear.latest.get('voice_streaming/1f2e3d4c/status')).toBe('online'));
  await eventually(() => {
    expect(discovered()).toEqual(
      [
        ...house,
        ...kitchen,
        ...kitchen.map((topic) => topic.replace('kitchen', 'door')),
        'homeassistant/binary_sensor/other/attic_talking/config',
      ].sort(),
    );
  });
  expect(ear.json(kitchen[0] ?? '')).toMatchObject({ name: 'Kitchen tablet talking' });
  expect(ear.latest.get('voice_streaming/1f2e3d4c/stream/kitchen/talking')).toBe('OFF');
  await eventually(() => expect(ear.latest.get('voice_streaming/1f2e3d4c/stream/door/talking')).toBe('OFF'));
  expect(ear.json('voice_streaming/1f2e3d4c/stream/door/attributes')).toMatchObject({ last_talk: yesterday });
  expect([...ear.latest.keys()].filter((topic) => /\/(?:attic|torn)\//.test(topic))).toEqual([]);
});

it('a stream that somebody deleted comes back with its next talk', async () => {
  start(settings());
  relay.end(relay.start({ id: 'kitchen', name: 'Kitchen tablet' }), 'stopped');
  await eventually(() => expect(discovered()).toContain(kitchen[0]));
  for (const topic of kitchen) await ear.client.publishAsync(topic, '', { retain: true });
  await eventually(() => expect(discovered()).toEqual(house));
  await eventually(() => {
    relay.end(relay.start({ id: 'kitchen', name: 'Kitchen tablet' }), 'stopped');
    expect(discovered()).toEqual([...house, ...kitchen].sort());
  });
});

it('says goodbye', async () => {
  start(settings());
  await eventually(() => expect(ear.latest.get('voice_streaming/1f2e3d4c/status')).toBe('online'));
  await mqtt.close();
  await eventually(() => expect(ear.latest.get('voice_streaming/1f2e3d4c/status')).toBe('offline'));
  expect(ear.heard.at(-1)).toMatchObject({ topic: 'voice_streaming/1f2e3d4c/status', payload: 'offline' });
});

it('a broker that vanishes is told once, and everything is said again when it is back', async () => {
  start(settings());
  await eventually(() => expect(mqtt.fact).toEqual({ state: 'connected' }));
  relay.start({ id: 'kitchen', name: 'Kitchen tablet' });
  const { port } = broker;
  await broker.kill();
  await eventually(() => expect(lines.filter((line) => line.includes('is lost'))).toHaveLength(1));
  await eventually(() =>
    expect(mqtt.fact).toMatchObject({ state: 'waiting', why: expect.stringContaining('cannot be reached') as string }),
  );
  const talk = relay.start({ id: 'office', name: 'Office' });
  relay.end(talk, 'stopped');
  broker = await startMosquitto({ port });
  ear = await MqttEar.open(broker);
  await eventually(() => expect(ear.latest.get('voice_streaming/1f2e3d4c/status')).toBe('online'));
  expect(ear.latest.get('voice_streaming/1f2e3d4c/stream/kitchen/talking')).toBe('ON');
  expect(ear.latest.get('voice_streaming/1f2e3d4c/stream/office/talking')).toBe('OFF');
  expect(lines.filter((line) => line.includes('WARN'))).toHaveLength(2);
  expect(lines.at(-1)).toContain('MQTT is well again');
});

it('a broker that refuses us is told once, by name', async () => {
  await broker.kill();
  await ear.close();
  const user = { name: 'ada', password: 'correct horse' };
  broker = await startMosquitto({ user });
  ear = await MqttEar.open(broker, { username: user.name, password: user.password });
  let password = 'wrong';
  start(undefined, {
    settings: () => Promise.resolve({ ...settings(), username: user.name, password }),
  });
  const refusal = `The MQTT broker at 127.0.0.1:${broker.port} refuses our user name or password.`;
  await eventually(() => expect(mqtt.fact).toEqual({ state: 'waiting', why: refusal }));
  password = user.password;
  await eventually(() => expect(ear.latest.get('voice_streaming/1f2e3d4c/status')).toBe('online'));
  expect(lines.filter((line) => line.includes(refusal))).toHaveLength(1);
  expect(lines.join()).not.toContain('horse');
});

it('no broker is no complaint, and one that comes later is found', async () => {
  const found: MqttSettings[] = [];
  start(undefined, { settings: () => Promise.resolve(found[0]), noBrokerPauseMs: 20 });
  await new Promise((resolve) => setImmediate(resolve));
  expect(mqtt.fact).toEqual({ state: 'off' });
  found.push(settings());
  await eventually(() => expect(mqtt.fact).toEqual({ state: 'connected' }));
  expect(lines.filter((line) => line.startsWith('WARN'))).toEqual([]);
});
