/** WHIP and WHEP over real HTTP with real peers: the way of OBS, GStreamer, ffmpeg and go2rtc. */
import { createServer } from 'node:http';
import { connect as connectSocket, type AddressInfo } from 'node:net';
import express from 'express';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createWishRouter } from '../../src/http/wish-routes.ts';
import { httpRig, rawRequest, type HttpRig } from '../support/http-rig.ts';
import { once } from '../support/once.ts';
import { openClient, type WeriftClient } from '../support/werift-client.ts';

let rig: HttpRig;
let clients: WeriftClient[];

beforeEach(async () => {
  rig = await httpRig({ maxSessions: 3 });
  clients = [];
});

afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await rig.close();
});

function client(direction: 'sendonly' | 'recvonly', sections = 1): WeriftClient {
  const opened = openClient(direction, { sections });
  clients.push(opened);
  return opened;
}

function post(path: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(rig.url + path, { method: 'POST', body, headers: { 'Content-Type': 'application/sdp', ...headers } });
}

/** Offers, expects 201 and connects; returns the session's URL. */
async function connect(path: string, peer: WeriftClient): Promise<string> {
  const response = await post(path, await peer.offer());
  expect(response.status).toBe(201);
  await peer.accept(await response.text());
  return new URL(response.headers.get('location')!, response.url).href;
}

function ended(id: string): Promise<string> {
  return once((resolve) => {
    rig.relay.subscribe({
      streamStarted: () => undefined,
      streamEnded: (stream, reason) => {
        if (stream.id === id) resolve(reason);
      },
    });
  }, `the end of ${id}`);
}

test('POST answers 201 as RFC 9725 4.2 says', async () => {
  const response = await post('/whip/door', await client('sendonly').offer());
  expect(response.status).toBe(201);
  expect(response.headers.get('content-type')).toBe('application/sdp');
  expect(response.headers.get('location')).toMatch(/^door\/[A-Za-z0-9_-]{22}$/);
  expect(response.headers.get('etag')).toMatch(/^"[0-9a-f]+"$/);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('x-powered-by')).toBeNull();
  const answer = await response.text();
  expect(answer).toMatch(/^v=0\r\n/);
  expect(answer).toMatch(/\r\na=candidate:/);
});

test('whoever speaks by WHIP is heard by WHEP, live and under its name; DELETE ends it', async () => {
  const listener = client('recvonly');
  await connect('/whep/latest', listener);
  const speaker = client('sendonly');
  const session = await connect('/whip/door?name=Front%20door', speaker);
  await speaker.send(1, Buffer.from('hello'));
  await speaker.send(2, Buffer.from('there'));
  const heard = await listener.waitForHeard(2);
  expect(heard.map(({ payload }) => payload.toString())).toEqual(['hello', 'there']);
  expect(rig.relay.get('door')).toMatchObject({ name: 'Front door', private: false });

  const over = ended('door');
  expect((await fetch(session, { method: 'DELETE' })).status).toBe(200);
  expect(await over).toBe('stopped');
  const again = await fetch(session, { method: 'DELETE' });
  expect([again.status, await again.text()]).toEqual([404, 'There is no such session; it may have ended.\n']);
});

test('WHEP waits for an idle stream, also for one that spoke by WHIP before', async () => {
  const first = client('sendonly');
  await fetch(await connect('/whip/door', first), { method: 'DELETE' });
  const listener = client('recvonly');
  await connect('/whep/door', listener);
  const second = client('sendonly');
  await connect('/whip/door', second);
  await second.send(7, Buffer.from('again'));
  expect((await listener.waitForHeard(1))[0]!.payload.toString()).toBe('again');
});

test('a speaker that goes without a word is disconnected, its id free again', async () => {
  await rig.close();
  rig = await httpRig({ silenceTimeoutMs: 500 });
  const speaker = client('sendonly');
  await connect('/whip/door', speaker);
  const over = ended('door');
  await speaker.send(1);
  expect(await over).toBe('disconnected');
  expect((await post('/whip/door', await client('sendonly').offer())).status).toBe(201);
});

test('the door: token or this machine, CORS for pages elsewhere, preflights free', async () => {
  const offer = await client('sendonly').offer();
  const elsewhere = { Origin: 'http://studio.example' };
  const stranger = await post('/whip/door', offer, elsewhere);
  expect(stranger.status).toBe(401);
  expect(stranger.headers.get('www-authenticate')).toMatch(/^Bearer/);
  expect(stranger.headers.get('access-control-allow-origin')).toBe('*');
  expect((await post('/whip/door', offer, { Authorization: 'Bearer wrong' })).status).toBe(401);
  const welcome = await post('/whip/door', offer, { ...elsewhere, Authorization: `Bearer ${rig.token}` });
  expect(welcome.status).toBe(201);
  expect(welcome.headers.get('access-control-expose-headers')).toMatch(/Location/);
  const location = new URL(welcome.headers.get('location')!, welcome.url);
  expect((await fetch(location, { method: 'DELETE', headers: elsewhere })).status).toBe(401);

  const preflight = await rawRequest(
    rig.main.port,
    'OPTIONS /whip/door HTTP/1.1\r\nHost: nas\r\nOrigin: http://studio.example\r\nConnection: close\r\n' +
      'Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization,content-type\r\n\r\n',
  );
  expect(preflight).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(preflight).toMatch(/\r\nAccept-Post: application\/sdp\r\n/);
  expect(preflight).toMatch(/\r\nAccess-Control-Allow-Headers: Authorization, Content-Type, If-Match\r\n/);
  expect(preflight).toMatch(/\r\nAccess-Control-Allow-Methods: POST, DELETE\r\n/);
});

test('GET on endpoint and session is an empty 204, PATCH is not allowed', async () => {
  const url = `${rig.url}/whip/door`;
  expect((await fetch(url)).status).toBe(204);
  const session = await connect('/whip/door', client('sendonly'));
  expect((await fetch(session)).status).toBe(204);
  const patch = await fetch(session, {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/trickle-ice-sdpfrag' },
    body: 'a=end-of-candidates\r\n',
  });
  expect([patch.status, patch.headers.get('allow')]).toEqual([405, 'DELETE, OPTIONS']);
});

const SDP = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n';
const VIDEO =
  'm=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:96 VP8/90000\r\na=sendonly\r\na=mid:0\r\n';
const PCMU = 'm=audio 9 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:0 PCMU/8000\r\na=sendonly\r\na=mid:0\r\n';

test.each<[string, string, string, Record<string, string>, number, RegExp]>([
  ['nothing', '/whip/door', '', {}, 400, /no SDP offer/],
  ['garbage', '/whip/door', 'hello', {}, 400, /no SDP offer/],
  ['SDP without a section', '/whip/door', SDP, {}, 400, /no SDP offer/],
  ['video only', '/whip/door', SDP + VIDEO, {}, 406, /no audio section/],
  ['audio without Opus', '/whip/door', SDP + PCMU, {}, 406, /no Opus/],
  ['JSON', '/whip/door', '{}', { 'Content-Type': 'application/json' }, 415, /application\/sdp/],
  ['a form', '/whip/door', 'v=0', { 'Content-Type': 'text/plain' }, 415, /application\/sdp/],
  ['compressed', '/whip/door', 'v=0', { 'Content-Encoding': 'gzip' }, 415, /Unsupported/],
  ['another charset', '/whip/door', 'v=0', { 'Content-Type': 'application/sdp; charset=klingon' }, 415, /Unsupported/],
  ['500 KB', '/whip/door', `${SDP}${'a=x\r\n'.repeat(100_000)}`, {}, 413, /too large/],
  ['a reserved id', '/whip/latest', SDP + VIDEO, {}, 404, /No stream can have this id/],
  ['no id', '/whip/', SDP + VIDEO, {}, 404, /Not found/],
  ['an id that is none', '/whip/Front%20door', SDP + VIDEO, {}, 404, /No stream can have this id/],
  ['a broken escape', '/whip/%E0%A4%A', SDP + VIDEO, {}, 400, /cannot be read/],
  ["a device's id", '/whip/kitchen-tablet', SDP + VIDEO, {}, 409, /belongs to a device/],
  ['listening to nobody', '/whep/nobody', SDP + VIDEO, {}, 404, /Nobody has ever spoken/],
  ['listening with video', '/whep/latest', SDP + VIDEO, {}, 406, /no audio section/],
])('%s: refused with a sentence', async (_name, path, body, headers, status, sentence) => {
  const response = await post(path, body, headers);
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  const text = await response.text();
  expect(text).toMatch(sentence);
  expect(text).not.toContain('<');
  if (status === 415 && !('Content-Encoding' in headers) && !/charset/.test(headers['Content-Type'] ?? '')) {
    expect(response.headers.get('accept-post')).toBe('application/sdp');
  }
  expect(rig.log.lines).toEqual(status === 413 ? [expect.stringMatching(/^WARN body_bytes: /)] : []);
});

test('a slash at the end of an address changes nothing', async () => {
  const response = await post('/whip/door/', await client('sendonly').offer());
  expect(response.status).toBe(201);
  const location = response.headers.get('location')!;
  expect(location).toMatch(/^[A-Za-z0-9_-]{22}$/);
  expect((await fetch(`${new URL(location, response.url).href}/`, { method: 'DELETE' })).status).toBe(200);
});

test('a live id: 409; more than fit: 503 with Retry-After', async () => {
  await connect('/whip/door', client('sendonly'));
  expect((await post('/whip/door', await client('sendonly').offer())).status).toBe(409);
  await connect('/whip/one', client('sendonly'));
  await connect('/whip/two', client('sendonly'));
  const full = await post('/whip/three', await client('sendonly').offer());
  expect(full.status).toBe(503);
  expect(full.headers.get('retry-after')).toMatch(/^\d+$/);
});

test("an offer with garbage among its candidates, and OBS's video section, are taken", async () => {
  const speaker = client('sendonly');
  const offer = await speaker.offer();
  const broken = offer.replace(/a=candidate:.*\r\n/g, 'a=candidate:1 1 udp ; rm -rf 999999999999 x typ\r\n');
  const response = await post('/whip/door', broken + VIDEO.replace('a=mid:0', 'a=mid:v'));
  expect(response.status).toBe(201);
  expect(await response.text()).toMatch(/\r\nm=video 0 /);
});

test('a client that leaves while it is answered leaves no session', async () => {
  const server = createServer();
  const left = once<unknown>((resolve) => {
    server.on('connection', (socket) => socket.on('close', resolve));
  }, 'the server noticed');
  let leave = (): void => undefined;
  const ended = once<unknown>((resolve) => {
    const session = {
      sessionId: 'x',
      answer: SDP,
      end: () => {
        resolve(true);
        return Promise.resolve();
      },
    };
    const endpoint = {
      protocol: 'whip' as const,
      find: () => undefined,
      open: async () => {
        leave();
        await left;
        return session;
      },
    };
    server.on('request', express().use(createWishRouter(endpoint, (_request, _response, next) => next())));
  }, 'the session ended');
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const socket = connectSocket({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  leave = () => socket.destroy();
  const offer = SDP + VIDEO;
  socket.write(
    `POST /door HTTP/1.1\r\nHost: nas\r\nContent-Type: application/sdp\r\nContent-Length: ${offer.length}\r\n\r\n${offer}`,
  );
  await ended;
  await new Promise((resolve) => server.close(resolve));
});
