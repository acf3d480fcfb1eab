/** What a backup is worth: a copy of /data taken while the add-on runs, and a newer version that begins with it. */
import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { SignalingClient } from '../support/signaling-client.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { StubHomeAssistant } from '../support/stub-home-assistant.ts';
import { openClient, type WeriftClient } from '../support/werift-client.ts';

const REPOSITORY = join(import.meta.dirname, '../../..');
const NEWER = '99.1.0';
const TABLET = { deviceKey: 't'.repeat(22), name: 'Kitchen tablet' };
const NURSERY = { deviceKey: 'n'.repeat(22), name: 'Nursery' };

let house: StubHomeAssistant;
let mainPort: number;
let mediaPort: number;
let folder: string;
const servers: TestServer[] = [];
const senders: WeriftClient[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voice-streaming-backup-'));
  [mainPort, mediaPort] = [await freePort(), await freePort()];
  const network = { '8081/tcp': mediaPort, '8080/tcp': mainPort };
  house = await StubHomeAssistant.start({ app: { network, ingressPort: await freePort() } });
});

afterEach(async () => {
  for (const sender of senders.splice(0)) await sender.close();
  for (const server of servers.splice(0)) await server.kill();
  await house.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(dataDir: string, bundle?: string): Promise<TestServer> {
  const server = await startServer({ ...house.env, DATA_DIR: dataDir }, [], bundle);
  servers.push(server);
  return server;
}

/** All that ships, under another number. */
async function newerVersion(): Promise<string> {
  for (const part of ['addon/dist', 'card/dist']) {
    await cp(join(REPOSITORY, part), join(folder, part), { recursive: true });
  }
  const main = join(folder, 'addon/dist/main.js');
  const { version } = JSON.parse(await readFile(join(REPOSITORY, 'package.json'), 'utf8')) as { version: string };
  const [before = '', ...after] = (await readFile(main, 'utf8')).split(`VERSION="${version}"`);
  if (after.length !== 1) throw new Error('main.js does not say once what version it is.');
  await writeFile(main, `${before}VERSION="${NEWER}"${after[0] ?? ''}`);
  return main;
}

/** With the access token, as an administrator. */
async function dial(token: string): Promise<SignalingClient> {
  const client = await SignalingClient.open(`ws://127.0.0.1:${mainPort}/ws`);
  await client.get('authenticate', { token });
  return client;
}

async function talk(client: SignalingClient): Promise<void> {
  const sender = openClient('sendonly');
  senders.push(sender);
  await sender.accept((await client.get('connectSender', { offer: await sender.offer() })).answer);
  await client.get('startTalk', {});
}

const tokenIn = async (dataDir: string): Promise<string> =>
  (JSON.parse(await readFile(join(dataDir, 'secrets.json'), 'utf8')) as { accessToken: string }).accessToken;

/** Of a URL that names the machine in its house. */
async function play(url: string): Promise<[status: number, type: string | null]> {
  const answer = await fetch(`http://127.0.0.1:${mediaPort}${new URL(url).pathname}`);
  await answer.body?.cancel();
  return [answer.status, answer.headers.get('content-type')];
}

const PLAYS = [200, 'audio/mpeg'];

it('a newer version that begins with it has the same token, URLs, devices and monitors', async () => {
  const older = join(folder, 'data');
  const running = await start(older);
  const token = await tokenIn(older);
  const [tablet, nursery] = [await dial(token), await dial(token)];
  await tablet.get('introduce', TABLET);
  await nursery.get('introduce', NURSERY);
  await nursery.get('setMonitor', { state: 'on' });
  await talk(tablet);
  await vi.waitFor(
    async () => expect(await readFile(join(older, 'devices.json'), 'utf8')).toContain('"wanted": "on"'),
    {
      timeout: 10_000,
      interval: 20,
    },
  );
  const { urls } = await tablet.get('getMediaUrls', {});
  await vi.waitFor(() => expect(house.core.home.events).toHaveLength(1), { timeout: 10_000, interval: 20 });
  const ofTalk = String(house.core.home.events[0]?.data['stream_mp3_url']);
  expect(urls.map(({ mp3Url }) => mp3Url)).toContain(ofTalk);
  expect(await play(ofTalk)).toEqual(PLAYS);

  // In the midst of a talk, as the Supervisor does it; what becomes of the original counts no more.
  const restored = join(folder, 'restored');
  await cp(older, restored, { recursive: true });
  await running.kill();
  const newer = await start(restored, await newerVersion());

  expect(await tokenIn(restored)).toBe(token);
  const admin = await dial(token);
  expect(await admin.event('hello')).toMatchObject({ serverVersion: NEWER });
  expect((await admin.event('streams')).streams.find(({ id }) => id === 'nursery')?.monitor?.state).toBe('lost');
  // One that only has the name is somebody else.
  const { streamId: another } = await admin.get('introduce', { ...TABLET, deviceKey: 'x'.repeat(22) });
  expect(another).toBe('kitchen-tablet-2');
  const again = await dial(token);
  expect(await again.get('introduce', TABLET)).toEqual({ streamId: 'kitchen-tablet' });
  await talk(again);
  expect((await again.get('getMediaUrls', {})).urls).toEqual(expect.arrayContaining(urls));
  for (const { mp3Url } of urls.filter(({ id }) => id !== 'nursery')) expect(await play(mp3Url)).toEqual(PLAYS);
  await vi.waitFor(
    () =>
      expect(house.core.home.resources.map(({ url }) => url)).toEqual([
        `/local/voice-streaming/voice-streaming-card.js?v=${NEWER}&app=0123abcd_voice_streaming`,
      ]),
    { timeout: 10_000, interval: 20 },
  );
  expect(newer.log()).not.toMatch(/ (?:WARN|ERROR) /);
});

it('what is torn in it is told, and keys are never replaced in silence', async () => {
  const dataDir = join(folder, 'data');
  const first = await start(dataDir);
  const token = await tokenIn(dataDir);
  await (await dial(token)).get('introduce', TABLET);
  await first.stop();
  await truncate(join(dataDir, 'devices.json'), 40);
  const second = await start(dataDir);
  expect(second.log()).toMatch(/WARN .*devices\.json is broken .* kept as .*devices\.json\.broken, devices begin anew/);
  expect(await (await dial(token)).get('introduce', TABLET)).toEqual({ streamId: 'kitchen-tablet' });
  await second.stop();
  await truncate(join(dataDir, 'secrets.json'), 40);
  await expect(start(dataDir)).rejects.toThrow(
    /ended with 2[^]*secrets\.json is damaged\. Restore it from a backup, or delete it: then a new access token/,
  );
  expect((await readFile(join(dataDir, 'secrets.json'))).byteLength).toBe(40);
});
