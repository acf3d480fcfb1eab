/** The owner's lists at every door that is no signaling: WHIP, WHEP, streams and tickets through ingress, and the WebSocket's. */
import { connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { IngressDoor } from '../../src/http/ingress-door.ts';
import { UserRights } from '../../src/http/user-rights.ts';
import { httpRig, type HttpRig } from '../support/http-rig.ts';
import { once } from '../support/once.ts';
import { openClient, type WeriftClient } from '../support/werift-client.ts';

const lists = new UserRights({
  talkUsers: ['Ada'],
  listenUsers: ['ada', 'b0b'],
  streamListeners: new Map([['nursery', ['Ada']]]),
});
const USERS = {
  ada: { id: 'ada1', name: 'ada', 'display-name': 'Ada' },
  bob: { id: 'b0b', name: 'bob', 'display-name': 'Bob' },
  carl: { id: 'c4rl', name: 'carl', 'display-name': 'Carl' },
  admin: { id: 'adm1n', name: 'eve', 'display-name': 'Eve' },
  nobody: {},
};
type Who = keyof typeof USERS;

let rig: HttpRig;
const clients: WeriftClient[] = [];
const heard: string[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  heard.length = 0;
  await rig.close();
});

async function ingressRig(): Promise<void> {
  const administrators = { has: (id: string) => Promise.resolve(id === USERS.admin.id) };
  rig = await httpRig({
    main: { door: new IngressDoor({ administrators, rights: lists, supervisorAddress: '127.0.0.1' }) },
    isRestricted: (id) => lists.isRestricted(id),
    audit: {
      hears: (_, { user, place, by }, ids) => heard.push(`${user ?? 'nobody'} ${place} ${by} ${ids.join() || 'over'}`),
    },
  });
}

function headersOf(who: Who): Record<string, string> {
  return Object.fromEntries(Object.entries(USERS[who]).map(([part, value]) => [`X-Remote-User-${part}`, value]));
}

type Init = Omit<RequestInit, 'headers'> & { headers?: Record<string, string> };

async function ask(who: Who, path: string, init: Init = {}): Promise<Response> {
  const response = await fetch(rig.url + path, { ...init, headers: { ...headersOf(who), ...init.headers } });
  if (response.headers.get('content-type')?.startsWith('audio/')) await response.body?.cancel();
  return response;
}

async function post(who: Who, path: string, direction: 'sendonly' | 'recvonly'): Promise<Response> {
  const client = openClient(direction, { sections: 1 });
  clients.push(client);
  const response = await ask(who, path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/sdp' },
    body: await client.offer(),
  });
  if (response.status === 201) await client.accept(await response.clone().text());
  return response;
}

it('WHIP speaks for those who may talk', async () => {
  await ingressRig();
  for (const who of ['bob', 'carl', 'nobody'] as const) {
    const refused = await post(who, `/whip/${who}`, 'sendonly');
    expect([who, refused.status]).toEqual([who, 403]);
    expect(await refused.text()).toBe('You may not talk here: an administrator chose who may.\n');
  }
  expect((await post('admin', '/whip/eve', 'sendonly')).status).toBe(201);
  expect((await post('ada', '/whip/nursery', 'sendonly')).status).toBe(201);
  await clients.at(-1)!.send(1, Buffer.from('hush'));
  await expect.poll(() => rig.relay.get('nursery')).toMatchObject({ private: true, user: 'Ada' });
});

it('WHEP plays for those who may listen, and a stream of some for those alone', async () => {
  await ingressRig();
  rig.relay.start({ id: 'nursery', name: 'Nursery' });
  rig.relay.start({ id: 'hall', name: 'Hall' });
  for (const who of ['carl', 'nobody'] as const) {
    for (const id of ['latest', 'all', 'hall', 'nursery']) {
      expect([who, id, (await post(who, `/whep/${id}`, 'recvonly')).status]).toEqual([who, id, 403]);
    }
  }
  const refused = await post('bob', '/whep/nursery', 'recvonly');
  expect([refused.status, await refused.text()]).toEqual([
    403,
    'You may not listen to "nursery": an administrator chose who may.\n',
  ]);
  for (const [who, id, hears] of [
    ['bob', 'hall', 'hall'],
    ['bob', 'all', 'hall'],
    ['ada', 'all', 'hall'],
    ['ada', 'nursery', 'nursery'],
    ['admin', 'nursery', 'nursery'],
  ] as const) {
    heard.length = 0;
    const response = await post(who, `/whep/${id}`, 'recvonly');
    expect([who, id, response.status]).toEqual([who, id, 201]);
    expect(heard).toEqual([`${USERS[who]['display-name']} 127.0.0.1 whep ${hears}`]);
    const session = new URL(response.headers.get('location')!, response.url).pathname;
    expect((await ask(who, session, { method: 'DELETE' })).status).toBe(200);
    expect(heard.at(-1)).toMatch(/ over$/);
  }
});

it('MP3 and tickets through ingress are for those who may listen; a stream of some has neither', async () => {
  await ingressRig();
  rig.relay.start({ id: 'nursery', name: 'Nursery' });
  rig.relay.start({ id: 'hall', name: 'Hall' });
  const paths = (id: string): string[] => [`/stream/${id}.mp3`, `/${rig.tickets.pathOf(id)}`];
  for (const path of [...paths('hall'), ...paths('latest')]) {
    for (const who of ['carl', 'nobody'] as const) {
      const refused = await ask(who, path);
      expect([who, path, refused.status]).toEqual([who, path, 403]);
      expect(await refused.text()).toBe('You may not listen here: an administrator chose who may.\n');
    }
    for (const who of ['bob', 'admin'] as const)
      expect([who, path, (await ask(who, path)).status]).toEqual([who, path, 200]);
  }
  expect(heard[0]).toBe('Bob 127.0.0.1 mp3 hall');
  for (const path of paths('nursery')) {
    for (const who of ['ada', 'bob', 'admin'] as const)
      expect([who, path, (await ask(who, path)).status]).toEqual([who, path, 404]);
  }
  // Its channel may be known; nobody's voice is in it.
  const nursery = rig.relay.get('nursery')!;
  const { sinkCount } = nursery;
  for (const path of ['/channel/nursery.mp3', `/talk/${nursery.talkId}.mp3`]) {
    const playing = await fetch(rig.url + path, { headers: headersOf('admin') });
    const reader = playing.body!.getReader();
    await reader.read();
    expect([path, nursery.sinkCount]).toEqual([path, sinkCount]);
    await reader.cancel();
  }
  // A key is handed out by an administrator, stream by stream.
  const keyed = await fetch(rig.mediaUrls.urlsOf('nursery').mp3Url);
  expect(keyed.status).toBe(200);
  await keyed.body?.cancel();
  expect(rig.relay.latest?.id).toBe('hall');
});

it('a WebSocket brings the rights of its user along', async () => {
  await ingressRig();
  for (const who of Object.keys(USERS) as Who[]) {
    const socket = connect({ port: rig.main.port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    const headers = Object.entries(headersOf(who)).map(([name, value]) => `${name}: ${value}`);
    const upgrade = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ];
    socket.write(['GET /ws HTTP/1.1', 'Host: house', ...upgrade, ...headers, '', ''].join('\r\n'));
    await once((resolve) => socket.once('data', resolve), `an answer to ${who}`);
    socket.destroy();
  }
  const rights = rig.upgrades.map(({ admission }) => [
    admission.user?.name,
    admission.rights?.mayTalk,
    admission.rights?.mayListen,
    admission.rights?.mayHear('nursery'),
  ]);
  expect(rights).toEqual([
    ['Ada', true, true, true],
    ['Bob', false, true, false],
    ['Carl', false, false, false],
    ['Eve', true, true, true],
    [null, false, false, false],
  ]);
});
