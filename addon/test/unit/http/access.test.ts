import { expect, test } from 'vitest';
import { decide, type AccessRequest } from '../../../src/http/access.ts';
import { TokenAuthority } from '../../../src/http/token-authority.ts';

const TOKEN = 'correct-horse-battery-staple';
const tokens = new TokenAuthority(TOKEN);
const door = { tokens, trustLoopback: true };
const addonDoor = { tokens, trustLoopback: false };
const admin = { kind: 'granted', user: { name: null, isAdmin: true } };

function request(
  headers: AccessRequest['headers'] = {},
  remoteAddress: string | undefined = '127.0.0.1',
  rest: Partial<AccessRequest> = {},
): AccessRequest {
  return { kind: 'http', remoteAddress, headers: { host: 'localhost:8080', ...headers }, ...rest };
}

const fromThisMachine: [string, AccessRequest][] = [
  ['a tool', request()],
  ['over IPv6', request({ host: '[::1]:8080' }, '::1')],
  ['the same, in hexadecimal', request({ host: '127.0.0.1:8080' }, '::ffff:7f00:1')],
  ['IPv4 on a socket of both families', request({ host: '127.0.0.1:8080' }, '::ffff:127.0.0.1')],
  ['another address of 127/8', request({}, '127.0.0.53')],
  ['the default port', request({ host: 'localhost' })],
  ['a host in capitals', request({ host: 'LocalHost:8080' })],
  ['our own page', request({ origin: 'http://localhost:8080', 'sec-fetch-site': 'same-origin' })],
  ['an address typed in', request({ 'sec-fetch-site': 'none' })],
  ['an origin with its default port left out', request({ host: 'localhost:80', origin: 'http://localhost' })],
  ['our own page over TLS', request({ origin: 'https://localhost:8080' }, '127.0.0.1', { secure: true })],
];

test.each(fromThisMachine)('from this machine without a token: %s', (_name, asked) => {
  expect(decide(door, asked)).toEqual(admin);
  expect(decide(door, { ...asked, kind: 'websocket' })).toEqual(admin);
});

const notFromThisMachine: [string, AccessRequest][] = [
  ['from the LAN', request({ host: '192.168.1.5:8080' }, '192.168.1.7')],
  ['from the LAN, Host forged', request({}, '192.168.1.7')],
  ['from nowhere', request({}, '')],
  ['from an address that is none', request({}, 'unix')],
  ['like loopback, but not', request({}, '128.0.0.1')],
  ['DNS rebinding', request({ host: 'attacker.example:8080' })],
  ['localhost as a part of a name', request({ host: 'localhost.evil' })],
  ['localhost in front of an @', request({ host: 'localhost:8080@evil' })],
  ['127.0.0.1 as a part of a name', request({ host: '127.0.0.1.evil:8080' })],
  ['a dot at the end of the name', request({ host: 'localhost.:8080' })],
  ['a name that a DNS server may answer with 127.0.0.1', request({ host: 'localhost.localdomain:8080' })],
  ['no address at all', request({ host: '0.0.0.0:8080' })],
  ['a number for an address', request({ host: '2130706433:8080' })],
  ['IPv4 as IPv6 writes it', request({ host: '[::ffff:127.0.0.1]:8080' }, '::1')],
  ['IPv6 without brackets', request({ host: '::1' }, '::1')],
  ['IPv6 in full', request({ host: '[0:0:0:0:0:0:0:1]:8080' }, '::1')],
  ['IPv6 with a zone', request({ host: '[::1%25lo]:8080' }, '::1')],
  ['a space in front of a name', request({ host: 'localhost evil' })],
  ['a line break', request({ host: 'localhost\nevil' })],
  ['a port of letters', request({ host: 'localhost:http' })],
  ['an address that is loopback only in an old way of writing', request({}, '::127.0.0.1')],
  ['a mapped address of the LAN', request({ host: '127.0.0.1' }, '::ffff:192.168.1.7')],
  ['a mapped address, in hexadecimal, of the LAN', request({ host: '127.0.0.1' }, '::ffff:c0a8:107')],
  [
    'nginx as it comes: HTTP/1.0 and no header',
    request({ host: '127.0.0.1:8080' }, '127.0.0.1', { httpVersion: '1.0' }),
  ],
  ['another spelling of the host', request({ host: '127.1:8080' })],
  ['the LAN address of this machine', request({ host: '192.168.1.5:8080' })],
  ['an empty Host', request({ host: '' })],
  ['no Host', { kind: 'http', remoteAddress: '127.0.0.1', headers: {} }],
  ['a proxy: X-Forwarded-For', request({ 'x-forwarded-for': '127.0.0.1' })],
  ['a proxy: X-Forwarded-Proto', request({ 'x-forwarded-proto': 'https' })],
  ['a proxy: Forwarded', request({ forwarded: 'for=127.0.0.1' })],
  ['a proxy: Via', request({ via: '1.1 nas' })],
  ['a proxy: X-Real-IP', request({ 'x-real-ip': '127.0.0.1' })],
  ['another site', request({ origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' })],
  ['another site, old browser', request({ origin: 'http://evil.example' })],
  ['another site without Origin', request({ 'sec-fetch-site': 'cross-site' })],
  ['another port of this machine', request({ origin: 'http://localhost:8123' })],
  ['another port, as browsers call it', request({ 'sec-fetch-site': 'same-site' })],
  ['another name of this machine', request({ origin: 'http://127.0.0.1:8080' })],
  ['another scheme', request({ origin: 'https://localhost:8080' })],
  ['a sandboxed frame', request({ origin: 'null' })],
  ['an Origin with a user', request({ origin: 'http://evil@localhost:8080' })],
  ['an Origin that is a user of another host', request({ origin: 'http://localhost:8080@evil.example' })],
  ['an Origin with a path', request({ origin: 'http://localhost:8080/evil' })],
  ['an Origin with a dot at its end', request({ origin: 'http://localhost.:8080' })],
  ['an empty Origin', request({ origin: '' })],
  ['an extension of the browser', request({ origin: 'chrome-extension://abcdefgh' })],
  ['a file', request({ origin: 'file://' })],
  ['a Sec-Fetch-Site of no known kind', request({ 'sec-fetch-site': 'same-origin, cross-site' })],
  ['an Origin that is none', request({ origin: 'localhost:8080' })],
  ['a Host with a port that is none, and an Origin', request({ host: 'localhost:99999', origin: 'http://localhost' })],
  ['two Origins', request({ origin: 'http://localhost:8080, http://evil.example' })],
];

test.each(notFromThisMachine)('a token is needed: %s', (_name, asked) => {
  expect(decide(door, asked)).toMatchObject({ kind: 'refused', status: 401 });
  expect(decide(door, { ...asked, kind: 'websocket' })).toEqual({ kind: 'authenticate' });
});

test.each(fromThisMachine)('in the add-on nothing is trusted for its address: %s', (_name, asked) => {
  expect(decide(addonDoor, asked)).toMatchObject({ kind: 'refused', status: 401 });
  expect(decide(addonDoor, { ...asked, kind: 'websocket' })).toEqual({ kind: 'authenticate' });
});

test.each(notFromThisMachine)('the token is explicit and opens from anywhere: %s', (_name, asked) => {
  const withToken = { ...asked, headers: { ...asked.headers, authorization: `Bearer ${TOKEN}` } };
  expect(decide(door, withToken)).toEqual(admin);
  expect(decide(addonDoor, { ...withToken, kind: 'websocket' })).toEqual(admin);
});

test.each([
  'Bearer wrong',
  `Bearer ${TOKEN}x`,
  `Bearer ${TOKEN.slice(1)}`,
  'Bearer',
  'Bearer ',
  '',
  `Basic ${TOKEN}`,
  TOKEN,
])('a wrong token is refused even from this machine: %j', (authorization) => {
  expect(decide(door, request({ authorization }))).toMatchObject({ kind: 'refused', status: 401 });
  expect(decide(door, request({ authorization }, '127.0.0.1', { kind: 'websocket' }))).toMatchObject({
    kind: 'refused',
  });
});

test('the scheme is read in any case', () => {
  expect(decide(addonDoor, request({ authorization: `bearer  ${TOKEN} ` }))).toEqual(admin);
});
