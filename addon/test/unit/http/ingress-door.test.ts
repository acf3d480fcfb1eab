import { expect, test } from 'vitest';
import type { AccessRequest } from '../../../src/http/access.ts';
import { IngressDoor } from '../../../src/http/ingress-door.ts';

const asked: string[] = [];
const door = new IngressDoor({
  administrators: {
    has: (id) => {
      asked.push(id);
      return Promise.resolve(id === 'ada');
    },
  },
});

/** As Node reads what the Supervisor writes. */
const utf8 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

function request(headers: AccessRequest['headers'], remoteAddress: string | undefined = '172.30.32.2'): AccessRequest {
  return { kind: 'websocket', remoteAddress, headers: { host: 'homeassistant.local:8123', ...headers } };
}

const ada = { 'x-remote-user-id': 'ada', 'x-remote-user-name': 'ada', 'x-remote-user-display-name': 'Ada' };

test.each(['172.30.32.2', '::ffff:172.30.32.2'])(
  'the Supervisor is let in from %s, whatever Host and Origin',
  async (from) => {
    const foreign = { origin: 'https://house.example', 'sec-fetch-site': 'cross-site', 'x-forwarded-for': '1.2.3.4' };
    expect(await door.decide(request({ ...ada, ...foreign }, from))).toEqual({
      kind: 'granted',
      user: { name: 'Ada', isAdmin: true },
    });
  },
);

test.each([
  '172.30.32.1',
  '172.30.33.2',
  '::ffff:172.30.32.3',
  '127.0.0.1',
  '::1',
  '192.168.1.7',
  'fe80::1',
  '::172.30.32.2',
  '172.30.32.2.evil',
  '',
])('%s is not, whatever it says it is', async (from) => {
  expect(await door.decide(request({ ...ada, authorization: 'Bearer token' }, from))).toMatchObject({
    kind: 'refused',
    status: 403,
  });
});

test('nowhere is not', async () => {
  const { headers } = request(ada);
  expect(await door.decide({ kind: 'http', remoteAddress: undefined, headers })).toMatchObject({ kind: 'refused' });
});

test.each<[string, AccessRequest['headers'], { name: string | null; isAdmin: boolean }]>([
  ['nobody', {}, { name: null, isAdmin: false }],
  ['a name without an id', { 'x-remote-user-name': 'ada' }, { name: 'ada', isAdmin: false }],
  ['an id without a name', { 'x-remote-user-id': 'ada' }, { name: null, isAdmin: true }],
  ['no display name', { 'x-remote-user-id': 'b', 'x-remote-user-name': 'bob' }, { name: 'bob', isAdmin: false }],
  ['an empty name', { 'x-remote-user-id': 'b', 'x-remote-user-name': ' ' }, { name: null, isAdmin: false }],
  ['a name in UTF-8', { 'x-remote-user-display-name': utf8('Björn 李') }, { name: 'Björn 李', isAdmin: false }],
  ['control characters', { 'x-remote-user-display-name': 'A\tda' }, { name: 'Ada', isAdmin: false }],
  ['a very long name', { 'x-remote-user-display-name': 'x'.repeat(500) }, { name: 'x'.repeat(64), isAdmin: false }],
])('who it is: %s', async (_, headers, user) => {
  expect(await door.decide(request(headers))).toEqual({ kind: 'granted', user });
});

test('of page and sound nothing depends on who it is, and Core is not asked', async () => {
  asked.length = 0;
  const decision = await door.decide({ ...request(ada), kind: 'http' });
  expect(decision).toMatchObject({ kind: 'granted' });
  expect(asked).toEqual([]);
});

test('of announcements it does', async () => {
  const user = async (headers: AccessRequest['headers']): Promise<unknown> =>
    door.decide({ ...request(headers), kind: 'http', administers: true });
  expect(await user(ada)).toMatchObject({ user: { isAdmin: true } });
  expect(await user({ ...ada, 'x-remote-user-id': 'bob' })).toMatchObject({ user: { isAdmin: false } });
});
