/**
 * Nothing that anybody says makes this server fetch something: announcements name players and sounds of the house, never an
 * address. Tried with a server on this machine that would see it.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Announcer } from '../../src/speakers/announcer.ts';
import { ChimeBook } from '../../src/speakers/chime-book.ts';
import { listFiles, readText } from '../rules/repository.ts';
import { FakeHouse } from '../fakes/fake-house.ts';
import { FakeTalks } from '../fakes/fake-talks.ts';
import { httpRig, type HttpRig } from '../support/http-rig.ts';
import { quietLog } from '../support/quiet-log.ts';

const PLAYER = 'media_player.kitchen';
let rig: HttpRig;
let house: FakeHouse;
let announcer: Announcer;
let trap: Server;
let knocks: number;

beforeEach(async () => {
  knocks = 0;
  trap = createServer((_request, response) => response.end()).on('connection', () => (knocks += 1));
  await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve));
  house = new FakeHouse().add(PLAYER);
  announcer = new Announcer({
    log: quietLog(),
    house,
    talks: new FakeTalks(),
    urls: { announcementUrl: (playId) => `http://192.168.1.5:8081/key/announcement/${playId}.mp3` },
    chimes: new ChimeBook(),
    delays: { of: () => null, learn: () => undefined },
    options: { chime: 'none', volume: undefined, maxSeconds: 120, overrides: [] },
  });
  rig = await httpRig({ main: { announcer } });
});

afterEach(async () => {
  await announcer.close();
  await rig.close();
  await new Promise((resolve) => trap.close(resolve));
});

function lures(): string[] {
  const { port } = trap.address() as AddressInfo;
  return [
    `http://127.0.0.1:${port}/a.mp3`,
    `http://localhost:${port}`,
    `http://[::ffff:127.0.0.1]:${port}/`,
    `http://2130706433:${port}/`,
    `//127.0.0.1:${port}/a.wav`,
    `http://user:pw@127.0.0.1:${port}/`,
    'http://169.254.169.254/latest/meta-data/',
    'http://supervisor/core/api/states',
    'file:///etc/passwd',
    '/data/secrets.json',
    '../../../data/secrets',
    'media-source://tts/demo?message=hello',
    'data:audio/wav;base64,UklGRg==',
    '\\\\127.0.0.1\\share',
  ];
}

it('an announcement with an address in any of its fields, or with a field for one, is refused; nobody is asked', async () => {
  const fields = ['targets', 'stream', 'talk_id', 'chime', 'volume', 'restore', 'max_seconds'];
  const foreign = ['url', 'media_url', 'media_content_id', 'tts', 'message', 'sound', 'preannounce'];
  const bodies: object[] = lures().flatMap((lure) => [
    ...[...fields, ...foreign].map((field) => ({ targets: PLAYER, [field]: lure })),
    { targets: [PLAYER, lure] },
    { targets: PLAYER, chime: { url: lure } },
  ]);
  for (const name of ['__proto__', 'constructor', 'toString']) bodies.push({ targets: PLAYER, chime: name });
  for (const body of bodies) {
    const answer = await fetch(`${rig.url}/announce`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect([JSON.stringify(body), answer.status]).toEqual([JSON.stringify(body), 400]);
    await answer.arrayBuffer();
  }
  expect(bodies.length).toBeGreaterThan(200);
  expect(knocks).toBe(0);
  expect(house.calls).toEqual([]);
});

it('what of the code opens connections is this and no more: Supervisor, Core and broker, by their own addresses', () => {
  const opens =
    /\bfetch\(|\b(?:https?|ssl \? https : http|net|tls)\)?\.(?:get|request|connect)\(|new WebSocket\(|createConnection|\bconnectAsync\(|import\('mqtt'\)|child_process|\bdns\b|new EventSource|XMLHttpRequest/;
  const sources = listFiles().filter((path) => /^addon\/src\/.*\.ts$/.test(path));
  expect(sources.length).toBeGreaterThan(100);
  expect(sources.filter((path) => opens.test(readText(path)))).toEqual([
    'addon/src/homeassistant/core-socket.ts',
    'addon/src/homeassistant/mqtt-broker.ts',
    'addon/src/homeassistant/served-card.ts',
    'addon/src/homeassistant/supervisor.ts',
    // Runs in the browser.
    'addon/src/http/waiting-page.ts',
  ]);
});
