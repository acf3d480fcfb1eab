/** Others on our broker, a real Mosquitto: further installations, what we were before, and whoever sends garbage. */
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Mqtt, type MqttOptions } from '../../src/homeassistant/mqtt.ts';
import type { Installation } from '../../src/homeassistant/ports.ts';
import { createLog } from '../../src/log.ts';
import { Relay } from '../../src/media/relay.ts';
import { MqttEar, startMosquitto, type Mosquitto } from '../support/mosquitto.ts';

let broker: Mosquitto;
let ear: MqttEar;
let relay: Relay;
let running: Mqtt[];
let lines: string[];

beforeEach(async () => {
  broker = await startMosquitto();
  ear = await MqttEar.open(broker);
  lines = [];
  running = [];
  relay = new Relay({ log });
});

afterEach(async () => {
  await Promise.all(running.map((mqtt) => mqtt.close()));
  await relay.close();
  await ear.close();
  await broker.kill();
});

const log = createLog('info', (level, line) => lines.push(`${level.toUpperCase()} ${line.slice(31)}`));
const eventually = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 10_000, interval: 10 });

function installation(installationId: string, hasFormerIds: boolean | undefined): Installation {
  const self = { installationId, hasFormerIds, settleIds: (_: boolean) => Promise.resolve() };
  self.settleIds = (former) => Promise.resolve(void (self.hasFormerIds = former));
  return self;
}

function start(who: Installation, more: Partial<MqttOptions> = {}): Mqtt {
  const mqtt = new Mqtt({
    log,
    settings: () => Promise.resolve({ url: broker.url, verifyCertificate: true }),
    installation: who,
    relay,
    streams: { watch: () => () => undefined },
    players: { listenerCount: 0, onListenersChanged: () => () => undefined },
    known: { has: (id) => id === 'kitchen', nameOf: () => 'Kitchen' },
    version: '1.2.3',
    firstPauseMs: 20,
    longestPauseMs: 100,
    unloadMs: 20,
    ...more,
  });
  running.push(mqtt);
  mqtt.start();
  return mqtt;
}

const publish = (topic: string, payload: object | string | Buffer): Promise<unknown> => {
  const data = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload);
  return ear.client.publishAsync(topic, data, { retain: true });
};
const online = (id: string): Promise<void> =>
  eventually(() => expect(ear.latest.get(`voice_streaming/${id}/status`)).toBe('online'));
const former = (): string[] =>
  [...ear.latest.keys()].filter((topic) =>
    /^voice_streaming\/(?:status|talking|stream)|\/voice_streaming\//.test(topic),
  );
const uniqueIds = (node: string): unknown[] =>
  [...ear.latest.keys()]
    .filter((topic) => topic.includes(`/${node}/`) && topic.endsWith('/config'))
    .map((topic) => ear.json(topic)['unique_id']);

/** What a version without places left: the house, and a kitchen that talked yesterday. */
async function leaveFormer(status: string): Promise<void> {
  const entities = [
    ['binary_sensor', 'talking'],
    ['binary_sensor', 'kitchen_talking'],
    ['sensor', 'kitchen_level'],
    ['binary_sensor', 'attic_talking'],
  ] as const;
  for (const [platform, object] of entities) {
    const config = { name: `${object.split('_')[0]} talking`, unique_id: `voice_streaming_${object}` };
    await publish(`homeassistant/${platform}/voice_streaming/${object}/config`, config);
  }
  await publish('voice_streaming/talking', 'OFF');
  await publish('voice_streaming/stream/attic/attributes', { last_talk: '2020-01-01T00:00:00.000Z' });
  await publish('voice_streaming/stream/kitchen/attributes', { last_talk: '2026-01-01T00:00:00.000Z' });
  await publish('voice_streaming/status', status);
  await eventually(() => expect(ear.latest.get('voice_streaming/status')).toBe(status));
}

it('two installations are two devices, and neither touches what the other says', async () => {
  const [one, two] = [start(installation('11111111', false)), start(installation('22222222', false))];
  await online('11111111');
  await online('22222222');
  relay.start({ id: 'kitchen', name: 'Kitchen' });
  for (const id of ['11111111', '22222222']) {
    await eventually(() => expect(ear.latest.get(`voice_streaming/${id}/stream/kitchen/talking`)).toBe('ON'));
    const topic = `homeassistant/binary_sensor/voice_streaming_${id}/kitchen_talking/config`;
    expect(ear.json(topic)).toMatchObject({
      unique_id: `voice_streaming_${id}_kitchen_talking`,
      availability_topic: `voice_streaming/${id}/status`,
      device: { identifiers: [`voice_streaming_${id}`] },
    });
  }
  await two.close();
  await eventually(() => expect(ear.latest.get('voice_streaming/22222222/status')).toBe('offline'));
  expect(ear.latest.get('voice_streaming/11111111/status')).toBe('online');
  expect(one.fact).toEqual({ state: 'connected' });
  expect(one.ignored).toBe(0);
});

it('an installation that was there before moves: same ids, streams kept, the former topics empty', async () => {
  await leaveFormer('offline');
  const who = installation('1f2e3d4c', undefined);
  start(who);
  await online('1f2e3d4c');
  await eventually(() => expect(former()).toEqual([]));
  expect(who.hasFormerIds).toBe(true);
  const topic = 'homeassistant/binary_sensor/voice_streaming_1f2e3d4c/kitchen_talking/config';
  await eventually(() =>
    expect(ear.json(topic)).toMatchObject({
      unique_id: 'voice_streaming_kitchen_talking',
      state_topic: 'voice_streaming/1f2e3d4c/stream/kitchen/talking',
      device: { identifiers: ['voice_streaming'] },
    }),
  );
  await eventually(() =>
    expect(ear.json('voice_streaming/1f2e3d4c/stream/kitchen/attributes')).toMatchObject({
      last_talk: '2026-01-01T00:00:00.000Z',
    }),
  );
  await eventually(() => expect(uniqueIds('voice_streaming_1f2e3d4c')).not.toContain('voice_streaming_attic_talking'));
  // Home Assistant keeps an entity's settings when its old topic says so before the new one is there and it is emptied.
  const heard = ear.heard.map(({ topic: at, payload }) => [at, payload]);
  const old = 'homeassistant/binary_sensor/voice_streaming/kitchen_talking/config';
  const order = [
    heard.findIndex(([at, payload]) => at === old && payload === '{"migrate_discovery":true}'),
    heard.findIndex(([at]) => at === topic),
    heard.findIndex(([at, payload]) => at === old && payload === ''),
  ];
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(order[0]).toBeGreaterThan(-1);
});

it('where somebody still is at the former place, it stays theirs, and the ids are our own', async () => {
  await leaveFormer('online');
  const before = former().sort();
  const who = installation('1f2e3d4c', undefined);
  start(who);
  await online('1f2e3d4c');
  await eventually(() => expect(uniqueIds('voice_streaming_1f2e3d4c')).toContain('voice_streaming_1f2e3d4c_talking'));
  expect(who.hasFormerIds).toBe(false);
  expect(former().sort()).toEqual(before);
  expect(ear.heard.filter(({ payload }) => payload.includes('migrate'))).toEqual([]);
});

it('a broker that delivers nothing is not waited for', async () => {
  const who = installation('1f2e3d4c', undefined);
  start(who);
  await online('1f2e3d4c');
  expect(who.hasFormerIds).toBe(false);
  expect(uniqueIds('voice_streaming_1f2e3d4c')).toContain('voice_streaming_1f2e3d4c_talking');
});

it('garbage on our topics is counted, and nothing else happens', async () => {
  const mine = 'homeassistant/binary_sensor/voice_streaming_1f2e3d4c';
  const binary = Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28]);
  await publish(`${mine}/door_talking/config`, { name: 'Door talking', unique_id: 'somebody_else' });
  await publish(`${mine}/hall_talking/config`, binary);
  await publish(`${mine}/attic_talking/config`, 'x'.repeat(1_000_000));
  await publish(`${mine}/../../etc_talking/config`, '[]');
  await publish(`${mine}/__proto___talking/config`, { unique_id: 'voice_streaming_1f2e3d4c___proto___talking' });
  const id = 'voice_streaming_1f2e3d4c_kitchen_talking';
  await publish(`${mine}/kitchen_talking/config`, { name: 'Kitchen talking', unique_id: id });
  await publish('voice_streaming/1f2e3d4c/stream/kitchen/attributes', { last_talk: '9999-01-01T00:00:00.000Z' });
  const mqtt = start(installation('1f2e3d4c', false));
  await online('1f2e3d4c');
  // Attributes of the kitchen from the future count as none, as do the three that are not ours.
  await eventually(() => expect(mqtt.ignored).toBe(4));
  const before = [...ear.latest.keys()].sort();
  for (let n = 0; n < 5_000; n += 1) ear.client.publish(`${mine}/s${n}_talking/config`, n % 2 ? '{' : binary);
  // A broker may drop what a reader is too slow for.
  await eventually(() => expect(mqtt.ignored).toBeGreaterThan(1_000));
  expect(mqtt.fact).toEqual({ state: 'connected' });
  expect([...ear.latest.keys()].filter((topic) => !topic.includes('/s')).sort()).toEqual(
    before.filter((topic) => !topic.includes('/s')),
  );
  for (const topic of ['door', 'hall', 'attic']) {
    expect(ear.latest.has(`voice_streaming/1f2e3d4c/stream/${topic}/talking`)).toBe(false);
  }
  relay.start({ id: 'kitchen', name: 'Kitchen' });
  await eventually(() => expect(ear.latest.get('voice_streaming/1f2e3d4c/stream/kitchen/talking')).toBe('ON'));
  await mqtt.close();
  expect(lines.filter((line) => line.startsWith('WARN'))).toEqual([
    expect.stringMatching(/\d{4} MQTT messages on our topics are not ours: ignored$/),
  ]);
});

it('what answers but is no broker is told once, and tried again', async () => {
  let dials = 0;
  const impostor = createServer((socket) => {
    dials += 1;
    socket.resume().on('error', () => undefined);
    socket.end(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n\xff\xff\xff\xff', 'latin1'));
  });
  await new Promise<void>((resolve) => impostor.listen(0, '127.0.0.1', resolve));
  const { port } = impostor.address() as AddressInfo;
  const url = `mqtt://127.0.0.1:${port}`;
  const mqtt = start(installation('1f2e3d4c', false), {
    settings: () => Promise.resolve({ url, verifyCertificate: true }),
  });
  await eventually(() => expect(dials).toBeGreaterThan(2));
  expect(mqtt.fact).toMatchObject({ state: 'waiting', why: expect.stringContaining(String(port)) as string });
  expect(lines.filter((line) => line.startsWith('WARN'))).toHaveLength(1);
  await mqtt.close();
  await new Promise((resolve) => impostor.close(resolve));
});
