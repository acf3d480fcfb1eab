/** The program as the Supervisor starts it: with a token, behind ingress, in a house that may be in no good shape. */
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { MqttEar, startMosquitto } from '../support/mosquitto.ts';
import { SignalingClient } from '../support/signaling-client.ts';
import { startServer, type TestServer } from '../support/server.ts';
import type { HomeUser } from '../support/stub-core-home.ts';
import { askCore } from '../support/stub-core-link.ts';
import { StubHomeAssistant, type HouseOptions } from '../support/stub-home-assistant.ts';
import { openClient } from '../support/werift-client.ts';

let house: StubHomeAssistant;
let server: TestServer | undefined;
let mediaPort: number;

afterEach(async () => {
  await server?.kill();
  server = undefined;
  await house.close();
});

/** A house in which nothing has happened yet. */
async function build(options: HouseOptions = {}, hasMediaPort = true): Promise<void> {
  const [ingressPort, media] = [await freePort(), await freePort()];
  mediaPort = media;
  const app = { ingressPort, network: { '8081/tcp': hasMediaPort ? media : null, '8080/tcp': null } };
  house = await StubHomeAssistant.start({ ...options, app });
}

async function start(command: readonly string[] = []): Promise<TestServer> {
  server = await startServer(house.env, command);
  return server;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

const eventually = (check: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(check, { timeout: 10_000, interval: 20 });
const health = async (port = mediaPort): Promise<number> => (await fetch(`http://127.0.0.1:${port}/health`)).status;
const entry = (): string => `${house.core.url}/api/hassio_ingress/${house.supervisor.app.ingressToken}/`;

/** As the card does it. */
async function cookieOf(user: HomeUser): Promise<string> {
  const link = { url: house.core.url, accessToken: user.token, version: '' };
  const { slug } = house.supervisor.app;
  const { session } = await askCore<{ session: string }>(link, { type: 'supervisor/ingress/session', slug });
  return `ingress_session=${session}`;
}

async function dial(user: HomeUser): Promise<SignalingClient> {
  return SignalingClient.open(`${entry().replace('http', 'ws')}ws`, { headers: { cookie: await cookieOf(user) } });
}

it('is simply there: ingress, the card, events, the right ports, a clean end', async () => {
  await build();
  const running = await start();
  expect(await health()).toBe(200);
  await eventually(() => expect(house.core.home.resources).toHaveLength(1));
  const [resource] = house.core.home.resources;
  expect(resource?.url).toMatch(
    /^\/local\/voice-streaming\/voice-streaming-card\.js\?v=\d+\.\d+\.\d+&app=0123abcd_voice_streaming$/,
  );
  const card = await fetch(new URL(resource?.url ?? '', house.core.url));
  expect(await card.text()).toContain('voice-streaming-card');

  const { admin, plainUser } = house.core.home;
  const cookie = await cookieOf(plainUser);
  const page = await fetch(entry(), { headers: { cookie } });
  expect(await page.text()).toContain('<!doctype html>');
  expect((await fetch(entry())).status).toBe(401);

  const ada = await dial(admin);
  expect(await ada.event('hello')).toMatchObject({ auth: 'none', user: { name: 'Ada', isAdmin: true } });
  const björn = await dial(plainUser);
  expect(await björn.event('hello')).toMatchObject({ auth: 'none', user: { name: 'Björn', isAdmin: false } });
  expect(await björn.ask('getMediaUrls', {})).toMatchObject({ type: 'error', code: 'forbidden' });

  const speaker = openClient('sendonly');
  await björn.get('introduce', { deviceKey: 'k'.repeat(22), name: 'Kitchen tablet' });
  await speaker.accept((await björn.get('connectSender', { offer: await speaker.offer() })).answer);
  const { talkId } = await björn.get('startTalk', {});
  await eventually(() => expect(house.core.home.events).toHaveLength(1));
  const { event_type: type, data } = house.core.home.events[0]!;
  expect(type).toBe('voice_streaming_started');
  expect(data).toMatchObject({
    stream_id: 'kitchen-tablet',
    talk_id: talkId,
    name: 'Kitchen tablet',
    user: 'Björn',
    monitor: false,
  });
  expect(data['mp3_url']).toMatch(
    new RegExp(`^http://192\\.168\\.1\\.5:${mediaPort}/[A-Za-z0-9_-]{22}/talk/${talkId}\\.mp3$`),
  );
  // The URL of an event opens, on this machine's own address.
  const { pathname } = new URL(String(data['mp3_url']));
  const played = await fetch(`http://127.0.0.1:${mediaPort}${pathname}`);
  expect([played.status, played.headers.get('content-type')]).toEqual([200, 'audio/mpeg']);
  await played.body?.cancel();
  const { urls } = await ada.get('getMediaUrls', {});
  expect(urls.map(({ mp3Url }) => mp3Url)).toContain(data['stream_mp3_url']);

  // In the midst of a talk: it ends, Home Assistant hears of it, and nothing is left.
  await running.stop();
  await speaker.close();
  expect(house.core.home.events.map(({ event_type: each }) => each)).toEqual([
    'voice_streaming_started',
    'voice_streaming_ended',
  ]);
  expect(running.log()).not.toMatch(/ (?:WARN|ERROR) /);
  expect(running.log()).not.toContain('/stream/');
});

it('hands out no URL where its owner has closed the port of speakers, says what to do, and is healthy', async () => {
  await build({}, false);
  const running = await start();
  expect(running.log()).toContain("give port 8081 a number in the add-on's network settings");
  expect(await health(Number(new URL(running.media).port))).toBe(200);
  await eventually(async () => expect(await health(house.supervisor.app.ingressPort)).toBe(200));
  const ada = await dial(house.core.home.admin);
  expect(await ada.get('getMediaUrls', {})).toEqual({ urls: [] });
  const { checks } = await ada.get('getDoctor', {});
  expect(checks.find(({ check }) => check === 'media')).toEqual({
    check: 'media',
    state: 'failed',
    why: "Port 8081 is blank in the add-on's network settings: no speaker can play a URL.",
  });
  // WHIP through ingress: where its session is, is told as it is seen from outside.
  const cookie = await cookieOf(house.core.home.plainUser);
  const speaker = openClient('sendonly');
  const headers = { cookie, 'Content-Type': 'application/sdp' };
  const posted = await fetch(`${entry()}whip/door`, { method: 'POST', headers, body: await speaker.offer() });
  expect(posted.status).toBe(201);
  const session = new URL(posted.headers.get('location') ?? '', posted.url);
  expect(session.href.startsWith(`${entry()}whip/door/`)).toBe(true);
  await speaker.accept(await posted.text());
  await speaker.send(1);
  await eventually(() => expect(house.core.home.events).toHaveLength(1));
  expect(house.core.home.events[0]?.data).toMatchObject({
    stream_id: 'door',
    mp3_url: null,
    wav_url: null,
    problem: expect.stringContaining('give port 8081 a number') as string,
  });
  expect((await fetch(session, { method: 'DELETE', headers: { cookie } })).status).toBe(200);
  await speaker.close();
  await running.stop();
});

it('lets nobody but the Supervisor through the door of ingress', async () => {
  await build({ sourceAddress: '127.0.0.2' });
  await start();
  const { ingressPort } = house.supervisor.app;
  await eventually(async () => expect(await health(ingressPort)).toBe(200));
  // This Supervisor does not come from where the add-on was told.
  const cookie = await cookieOf(house.core.home.admin);
  expect((await fetch(entry(), { headers: { cookie } })).status).toBe(403);
});

it('is healthy within 3 s beside a dead Supervisor, and moves to the chosen ports when that lives', async () => {
  await build();
  house.supervisor.faults.set('slow');
  const before = performance.now();
  const running = await start();
  const startedMs = performance.now() - before;
  expect(await health(Number(new URL(running.media).port))).toBe(200);
  // On a busy machine of tests; alone it is some 700 ms, of which 500 are for the Supervisor.
  expect(startedMs).toBeLessThan(3_000);
  house.supervisor.faults.set(null);
  await eventually(async () => expect(await health()).toBe(200));
  await eventually(() => expect(house.core.home.resources).toHaveLength(1));
  expect(running.log()).not.toContain(' ERROR ');
  // Nor does the end wait for it.
  house.supervisor.faults.set('slow');
  house.supervisor.dropCoreConnections();
  await running.stop();
});

it('works on with a full disk, and says so once', async () => {
  await build();
  // A disk of its own, so small that the card does not fit.
  const script = 'mount -t tmpfs -o size=64k none "$HOME_ASSISTANT_DIR" && exec "$@"';
  const isRoot = process.getuid?.() === 0;
  const running = await start(['unshare', isRoot ? '-m' : '-rm', 'sh', '-c', script, 'sh']);
  await eventually(() => expect(running.log()).toContain('the disk is full. Make room'));
  expect(await health()).toBe(200);
  expect(house.core.home.resources).toEqual([]);
  const ada = await dial(house.core.home.admin);
  expect(await ada.event('hello')).toMatchObject({ user: { isAdmin: true } });
  await running.stop();
  expect(running.log().match(/the disk is full/g)).toHaveLength(1);
});

it('tells the broker that the Supervisor knows; and when it dies, the broker tells of it', async () => {
  const user = { name: 'addons', password: 'a word of the house' };
  const broker = await startMosquitto({ user });
  try {
    const ear = await MqttEar.open(broker, { username: user.name, password: user.password });
    await build();
    const service = { host: '127.0.0.1', port: broker.port, ssl: false, protocol: '3.1.1' as const };
    house.supervisor.mqtt = { ...service, username: user.name, password: user.password };
    const running = await start();
    await eventually(() => expect(ear.ofAddOn('status')).toBe('online'));
    const ada = await dial(house.core.home.admin);
    const speaker = openClient('sendonly');
    await ada.get('introduce', { deviceKey: 'k'.repeat(22), name: 'Kitchen tablet' });
    await speaker.accept((await ada.get('connectSender', { offer: await speaker.offer() })).answer);
    await ada.get('startTalk', {});
    await eventually(() => expect(ear.ofAddOn('stream/kitchen-tablet/attributes')).toContain('"who":"Ada"'));
    await running.kill();
    await eventually(() => expect(ear.ofAddOn('status')).toBe('offline'));
    await speaker.close();
    // The same data, another run: what was left as talking is put right.
    server = await startServer({ ...house.env, DATA_DIR: running.dataDir });
    await eventually(() => expect(ear.ofAddOn('stream/kitchen-tablet/talking')).toBe('OFF'));
    expect(ear.ofAddOn('status')).toBe('online');
    await server.stop();
    await eventually(() => expect(ear.ofAddOn('status')).toBe('offline'));
    expect(server.log()).not.toContain(user.password);
    await ear.close();
  } finally {
    await broker.kill();
  }
});
