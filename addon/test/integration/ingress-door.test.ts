/** The main server behind the ingress door, and what the ingress headers are worth at the other one. */
import { connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { IngressDoor } from '../../src/http/ingress-door.ts';
import { httpRig, type HttpRig } from '../support/http-rig.ts';

const ADMIN_HEADERS = 'X-Remote-User-Id: ada\r\nX-Remote-User-Name: ada\r\nX-Remote-User-Display-Name: Ada\r\n';

let rig: HttpRig;

afterEach(() => rig.close());

function ingressRig(has = (id: string): Promise<boolean> => Promise.resolve(id === 'ada')): Promise<HttpRig> {
  const door = new IngressDoor({ administrators: { has }, supervisorAddress: '127.0.0.1' });
  return httpRig({ main: { door } });
}

/** The head of the answer to one request, or all of it when the server closes. */
function ask(path: string, { from = '127.0.0.1', headers = '' } = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: rig.main.port, host: '127.0.0.1', localAddress: from });
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
      if (answer.includes('\r\n\r\n')) {
        resolve(answer);
        if (!answer.startsWith('HTTP/1.1 101')) socket.destroy();
      }
    });
    socket.on('error', reject).on('close', () => resolve(answer));
    socket.write(`GET ${path} HTTP/1.1\r\nHost: house.example\r\n${headers}\r\n`);
  });
}

const UPGRADE =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

it('the Supervisor gets everything, with the user it names', async () => {
  rig = await ingressRig();
  for (const path of ['/', '/voice-streaming-card.js', '/health', '/metrics', '/stream/status', '/stream/latest.mp3']) {
    expect(await ask(path), path).toMatch(/^HTTP\/1\.1 200 /);
  }
  expect(await ask('/ws', { headers: UPGRADE + ADMIN_HEADERS })).toMatch(/^HTTP\/1\.1 101 /);
  expect(await ask('/ws', { headers: UPGRADE })).toMatch(/^HTTP\/1\.1 101 /);
  expect(rig.upgrades.map(({ admission }) => admission)).toEqual([
    { user: { name: 'Ada', isAdmin: true } },
    { user: { name: null, isAdmin: false } },
  ]);
  for (const { socket } of rig.upgrades) socket.destroy();
});

it('anybody else gets nothing, not even the page or the health', async () => {
  rig = await ingressRig();
  const token = `Authorization: Bearer ${rig.token}\r\n`;
  for (const path of ['/', '/voice-streaming-card.js', '/health', '/stream/latest.mp3', '/nowhere']) {
    expect(await ask(path, { from: '127.0.0.2', headers: ADMIN_HEADERS + token }), path).toMatch(/^HTTP\/1\.1 403 /);
  }
  for (const path of ['/ws', '/other']) {
    const answer = await ask(path, { from: '127.0.0.2', headers: UPGRADE + ADMIN_HEADERS + token });
    expect(answer, path).toMatch(/^HTTP\/1\.1 403 [^]*This door is for Home Assistant's Supervisor alone\.\n$/);
  }
  expect(rig.upgrades).toEqual([]);
});

it('at the main door the same headers are worth nothing', async () => {
  rig = await httpRig({ trustLoopback: false });
  expect(await ask('/metrics', { headers: ADMIN_HEADERS })).toMatch(/^HTTP\/1\.1 401 /);
  await ask('/ws', { headers: UPGRADE + ADMIN_HEADERS });
  expect(rig.upgrades[0]?.admission).toMatchObject({ user: undefined });
  const token = `Authorization: Bearer ${rig.token}\r\n`;
  await ask('/ws', { headers: UPGRADE + ADMIN_HEADERS + token });
  expect(rig.upgrades[1]?.admission).toMatchObject({ user: { name: null, isAdmin: true } });
  for (const { socket } of rig.upgrades) socket.destroy();
});
