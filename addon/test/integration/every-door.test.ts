/**
 * Every address of every server, by every method, as everybody who may come: what is answered, and what stands on each answer.
 * A rule below holds the table to the code: a route that is not in it fails the test.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mainDoor } from '../../src/http/access.ts';
import { IngressDoor } from '../../src/http/ingress-door.ts';
import { MainServer, type MainServerOptions } from '../../src/http/main-server.ts';
import { TokenAuthority } from '../../src/http/token-authority.ts';
import { readText, ROOT } from '../rules/repository.ts';
import { makeCertificate } from '../support/certificate.ts';
import { httpRig, rawRequest, type HttpRig } from '../support/http-rig.ts';
import { knock, type Answer, type Knock } from '../support/knock.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'];

/** Statuses in the order of METHODS. */
const ONLY_GET = '200 200 405 405 405 405 204 405';
const NO_SOUND = '404 404 405 405 405 405 204 405';
const NOTHING = '404 404 404 404 404 404 404 404';
const REFUSED = '401 401 401 401 401 401 401 401';
const FORBIDDEN = '403 403 403 403 403 403 403 403';
/** `<ticket>` and `<key>` are right ones of `kitchen`, which speaks. Whoever is let in; everybody else. */
const MAIN: readonly [path: string, within: string, outside: string][] = [
  ['/', ONLY_GET, ONLY_GET],
  ['/voice-streaming-card.js', ONLY_GET, ONLY_GET],
  ['/pages.js', ONLY_GET, ONLY_GET],
  ['/editor.js', ONLY_GET, ONLY_GET],
  ['/translations/de.js', ONLY_GET, ONLY_GET],
  ['/.hidden', NOTHING, NOTHING],
  ['/secrets.json', NOTHING, NOTHING],
  ['/nowhere', NOTHING, NOTHING],
  ['/%E0%A4%A', NOTHING, NOTHING],
  ['/health', ONLY_GET, ONLY_GET],
  ['/metrics', ONLY_GET, '401 401 405 405 405 405 204 405'],
  ['/stream/status', ONLY_GET, '401 401 405 405 405 405 204 405'],
  ['/ws', '426 426 426 426 426 426 426 426', '426 426 426 426 426 426 426 426'],
  ['/whip/door', '204 204 415 405 405 405 200 405', '401 401 401 405 405 405 200 405'],
  ['/whip/door/none', '204 204 405 405 405 404 204 405', '401 401 405 405 405 401 204 405'],
  ['/whep/latest', '204 204 415 405 405 405 200 405', '401 401 401 405 405 405 200 405'],
  ['/whep/latest/none', '204 204 405 405 405 404 204 405', '401 401 405 405 405 401 204 405'],
  ['/announce', '405 405 415 405 405 405 204 405', '405 405 401 405 405 405 204 405'],
  ['/announce/known', '200 405 405 405 405 200 204 405', '401 405 405 405 405 401 204 405'],
  ['/stream/kitchen.mp3', ONLY_GET, REFUSED],
  ['/stream/nobody.mp3', NO_SOUND, REFUSED],
  ['/stream/nursery.mp3', NO_SOUND, REFUSED],
  ['/channel/kitchen.mp3', ONLY_GET, REFUSED],
  ['/channel/nursery.mp3', NO_SOUND, REFUSED],
  ['/talk/abcdefgh.mp3', NO_SOUND, REFUSED],
  ['/announcement/abcdefgh.mp3', NO_SOUND, REFUSED],
  ['/<key>/stream/kitchen.mp3', NO_SOUND, REFUSED],
  ['/play/<ticket>/kitchen.mp3', ONLY_GET, ONLY_GET],
  ['/play/<ticket>/latest.mp3', NO_SOUND, NO_SOUND],
  ['/play/<ticket of nursery>/nursery.mp3', NO_SOUND, NO_SOUND],
  ['/replay/<ticket>/abcdefgh.mp3', NO_SOUND, NO_SOUND],
];
/** The media server: with the right key where there is one; with a wrong one. */
const MEDIA: readonly [path: string, right: string, wrong: string][] = [
  ['/<key>/stream/kitchen.mp3', ONLY_GET, NO_SOUND],
  ['/<key of nursery>/stream/nursery.mp3', ONLY_GET, NO_SOUND],
  ['/<key>/stream/nobody.mp3', NO_SOUND, NO_SOUND],
  ['/<key>/channel/kitchen.mp3', NO_SOUND, NO_SOUND],
  ['/<key>/talk/abcdefgh.mp3', NO_SOUND, NO_SOUND],
  ['/<key>/announcement/abcdefgh.mp3', NO_SOUND, NO_SOUND],
  ['/play/<ticket>/kitchen.mp3', NO_SOUND, NO_SOUND],
  ['/replay/<ticket>/abcdefgh.mp3', NO_SOUND, NO_SOUND],
  ['/health', ONLY_GET, ONLY_GET],
  ['/stream/status', ONLY_GET, ONLY_GET],
  ...['/', '/stream/kitchen.mp3', '/stream/latest.mp3', '/metrics', '/ws', '/whip/door', '/announce', '/%E0%A4%A'].map(
    (path): [string, string, string] => [path, NO_SOUND, NO_SOUND],
  ),
];

const SUPERVISOR = '127.0.0.1';
const NEIGHBOUR = '127.0.0.2';
const PROBE = 'mark7';
/** In each request: nothing of it may come back. */
const PROBES = { 'X-Probe': `<script>${PROBE}</script>`, Referer: `http://x/${PROBE}`, 'User-Agent': `<b>${PROBE}` };
const ADA = { 'X-Remote-User-Id': 'ada', 'X-Remote-User-Name': 'ada', 'X-Remote-User-Display-Name': 'Ada' };
/** Whatever a stranger may write to look like somebody. */
const FORGED = {
  ...ADA,
  'X-Ingress-Path': '/api/hassio_ingress/token',
  'X-Hass-Source': 'core.ingress',
  'X-Forwarded-For': '172.30.32.2, 127.0.0.1',
  'X-Forwarded-Host': 'localhost',
  'X-Real-IP': '127.0.0.1',
  'X-Supervisor-Token': 'x',
  Forwarded: 'for=127.0.0.1;host=localhost',
  Host: 'localhost',
  Origin: 'http://localhost',
  Cookie: 'ingress_session=1',
};

let rig: HttpRig;
let keys: Record<string, string>;
const servers = new Map<string, MainServer>();

async function open(name: string, options: Partial<MainServerOptions>): Promise<void> {
  const server = new MainServer({ ...rig.mainOptions, ...options });
  await server.listen();
  servers.set(name, server);
}

beforeAll(async () => {
  const announcement = { id: 'known', targets: [], over: true };
  const announcer = { announceFrom: () => announcement, get: () => announcement, stop: () => undefined };
  rig = await httpRig({ main: { announcer }, trustLoopback: false });
  rig.relay.start({ id: 'kitchen', name: 'Kitchen' });
  rig.relay.start({ id: 'nursery', name: 'Nursery', private: true });
  const keyOf = (id: string): string => new URL(rig.mediaUrls.urlsOf(id).mp3Url).pathname.split('/')[1] ?? '';
  const ticketOf = (id: string): string => rig.tickets.pathOf(id).split('/')[1] ?? '';
  keys = {
    '<key>': keyOf('kitchen'),
    '<key of nursery>': keyOf('nursery'),
    '<ticket>': ticketOf('kitchen'),
    '<ticket of nursery>': ticketOf('nursery'),
  };
  const { cert, key } = await makeCertificate();
  const pair = { cert: Buffer.from(cert), key: Buffer.from(key) };
  await open('home', { door: mainDoor({ tokens: new TokenAuthority(rig.token), trustLoopback: true }) });
  await open('tls', { tls: { pair, onRenewed: () => () => undefined } });
  const administrators = { has: (id: string) => Promise.resolve(id === 'ada') };
  await open('ingress', { door: new IngressDoor({ administrators, supervisorAddress: SUPERVISOR }) });
});

afterAll(async () => {
  for (const server of servers.values()) await server.close();
  await rig.close();
});

const portOf = (name: string): number => (name === 'add-on' ? rig.main.port : (servers.get(name)?.port ?? 0));
const filledIn = (path: string, by = keys): string => path.replaceAll(/<[^>]+>/g, (what) => by[what] ?? '');

/** What stands on every answer, and what on none. */
function judge(what: string, { status, headers, body }: Answer, secrets: readonly string[]): void {
  const policy = headers['content-security-policy'];
  expect([what, headers['x-content-type-options'], headers['referrer-policy']]).toEqual([
    what,
    'nosniff',
    'no-referrer',
  ]);
  expect(policy, what).toMatch(/^default-src '(?:none|self)';.*frame-ancestors '(?:none|self)'/);
  expect(policy, what).not.toMatch(/unsafe|\*/);
  expect([what, headers['x-powered-by'], headers['server']]).toEqual([what, undefined, undefined]);
  const type = headers['content-type'];
  if (type?.startsWith('text/html') === true) {
    // The page is framed by Home Assistant's panel, which is its own origin; by nobody else.
    expect([what, status, policy?.includes("frame-ancestors 'self'")]).toEqual([what, 200, true]);
  } else if (body !== '') {
    expect(type, what).toMatch(/^(?:text\/plain|application\/json|text\/javascript|audio\/mpeg)(?:;|$)/);
  }
  const isPublicFile = /^text\/(?:html|javascript)/.test(type ?? '');
  if (type !== undefined)
    expect([what, headers['cache-control']]).toEqual([what, isPublicFile ? 'no-cache' : 'no-store']);
  const all = `${JSON.stringify(headers)}\n${body}`;
  for (const secret of [...secrets, PROBE]) expect(all.includes(secret), `${what} says ${secret}`).toBe(false);
}

async function ask(what: string, request: Knock): Promise<Answer> {
  const headers = { ...PROBES, ...request.headers };
  const answer = await knock({ ...request, path: `${request.path}?q=${PROBE}&${PROBE}=%3Cscript%3E`, headers });
  judge(what, answer, [...rig.secrets, ...Object.values(keys)]);
  return answer;
}

async function statuses(path: string, request: Omit<Knock, 'path' | 'method'>): Promise<string> {
  const all: number[] = [];
  for (const method of METHODS)
    all.push((await ask(`${method} ${path}`, { ...request, method, path: filledIn(path) })).status);
  return all.join(' ');
}

type Visitor = [server: string, who: string, from: string, headers: () => Record<string, string>];

const OUTSIDE: Visitor[] = [
  ['add-on', 'nobody', SUPERVISOR, () => ({})],
  ['add-on', 'a stranger with forged headers', NEIGHBOUR, () => FORGED],
  ['add-on', 'a wrong token', SUPERVISOR, () => ({ Authorization: 'Bearer wrong' })],
  ['add-on', 'a media key for a token', SUPERVISOR, () => ({ Authorization: `Bearer ${keys['<key>']}` })],
  ['tls', 'a stranger with forged headers', NEIGHBOUR, () => FORGED],
  ['home', 'a stranger with forged headers', NEIGHBOUR, () => FORGED],
  ['home', 'another name of this machine', SUPERVISOR, () => ({ Host: 'evil.example' })],
  ['home', 'a page elsewhere', SUPERVISOR, () => ({ Host: 'localhost', Origin: 'http://evil.example' })],
  ['home', 'a wrong token', SUPERVISOR, () => ({ Authorization: 'Bearer wrong' })],
];
const WITHIN: Visitor[] = [
  ['add-on', 'the token', NEIGHBOUR, () => ({ ...FORGED, Authorization: `Bearer ${rig.token}` })],
  ['tls', 'the token', NEIGHBOUR, () => ({ Authorization: `Bearer ${rig.token}` })],
  ['home', 'this machine', SUPERVISOR, () => ({ Host: 'localhost' })],
  ['ingress', 'an administrator', SUPERVISOR, () => ADA],
  ['ingress', 'a plain user', SUPERVISOR, () => ({ ...FORGED, 'X-Remote-User-Id': 'bob' })],
  ['ingress', 'nobody whom the Supervisor knows', SUPERVISOR, () => ({})],
];
const expected = (column: 1 | 2): Record<string, string> =>
  Object.fromEntries(MAIN.map((row) => [row[0], row[column]]));

async function walk([server, , from, headers]: Visitor): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const place = { port: portOf(server), from, tls: server === 'tls', headers: headers() };
  for (const [path] of MAIN) found[path] = await statuses(path, place);
  return found;
}

describe('main server', () => {
  it.each(OUTSIDE)('%s, %s: nothing but what is public', async (...visitor) => {
    expect(await walk(visitor)).toEqual(expected(2));
  });

  it.each(WITHIN)('%s, %s: all, each by its own methods', async (...visitor) => {
    expect(await walk(visitor)).toEqual(expected(1));
  });

  it.each<[string, Record<string, string>]>([
    ['nobody', {}],
    ['whoever writes what the Supervisor would', FORGED],
  ])('ingress, from elsewhere than the Supervisor, %s: nothing at all', async (_, headers) => {
    const token = { Authorization: `Bearer ${rig.token}` };
    const found = await walk(['ingress', '', NEIGHBOUR, () => ({ ...headers, ...token })]);
    expect(found).toEqual(Object.fromEntries(MAIN.map(([path]) => [path, FORBIDDEN])));
  });

  it('brings a voice to speakers for administrators alone, whoever knows of it', async () => {
    const body = JSON.stringify({ targets: ['media_player.hall'] });
    const announce = async (server: string, headers: Record<string, string>): Promise<number> => {
      const type = { 'Content-Type': 'application/json' };
      const all = { ...type, ...headers };
      return (await ask(server, { port: portOf(server), path: '/announce', method: 'POST', headers: all, body }))
        .status;
    };
    expect(await announce('ingress', ADA)).toBe(202);
    expect(await announce('ingress', { ...ADA, 'X-Remote-User-Id': 'bob' })).toBe(403);
    expect(await announce('ingress', { ...ADA, 'X-Remote-User-Id': '', Authorization: `Bearer ${rig.token}` })).toBe(
      403,
    );
    expect(await announce('add-on', { Authorization: `Bearer ${rig.token}` })).toBe(202);
    expect(await announce('add-on', FORGED)).toBe(401);
    // A form of another page: no preflight asks for it.
    expect(await announce('ingress', { ...ADA, 'Content-Type': 'text/plain' })).toBe(415);
  });
});

describe('media server', () => {
  it.each<[string, 1 | 2, Record<string, string>]>([
    ['the right key', 1, {}],
    ['the right key, and lies', 1, FORGED],
    ['a wrong key', 2, {}],
    ['a wrong key, and lies', 2, FORGED],
    ['a wrong key and the token', 2, { Authorization: 'token' }],
  ])('%s', async (_, column, headers) => {
    const isToken = headers['Authorization'] === 'token';
    const place = { port: rig.media.port, headers: isToken ? { Authorization: `Bearer ${rig.token}` } : headers };
    const found: Record<string, string> = {};
    for (const [path] of MEDIA) {
      const asked =
        column === 1 ? path : filledIn(path, { ...keys, '<key>': 'x'.repeat(22), '<key of nursery>': keys['<key>']! });
      found[path] = await statuses(asked, place);
    }
    expect(found).toEqual(Object.fromEntries(MEDIA.map((row) => [row[0], row[column]])));
  });
});

describe('what no route answers', () => {
  const every = (): [string, number][] => [
    ['main', rig.main.port],
    ['ingress', portOf('ingress')],
    ['media', rig.media.port],
  ];
  const OWN_HEADERS =
    /^HTTP\/1\.1 (\d{3}) [^]*Content-Security-Policy: default-src 'none'[^]*Referrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff/;

  it.each<[string, number, string]>([
    ['an unknown method', 400, `BREW / HTTP/1.1\r\nHost: x\r\n\r\n`],
    ['no HTTP', 400, `${PROBE}\r\n\r\n`],
    ['no Host', 400, `GET /${PROBE} HTTP/1.1\r\nX-Probe: ${PROBE}\r\n\r\n`],
    ['headers beyond all measure', 431, `GET / HTTP/1.1\r\nHost: x\r\nX-Probe: ${PROBE.repeat(8000)}\r\n\r\n`],
    ['an expectation of no kind', 417, `GET / HTTP/1.1\r\nHost: x\r\nExpect: ${PROBE}\r\n\r\n`],
    ['two lengths', 400, `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n`],
    [
      'a length and chunks',
      400,
      `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`,
    ],
  ])('%s: %d, in plain text', async (_, status, text) => {
    for (const [server, port] of every()) {
      const answer = await rawRequest(port, text);
      expect([server, OWN_HEADERS.exec(answer)?.[1]]).toEqual([server, String(status)]);
      expect(answer).not.toContain(PROBE);
      expect(answer.split('HTTP/1.1 ')).toHaveLength(2);
    }
  });

  it('CONNECT: no answer, no tunnel', async () => {
    for (const [server, port] of every()) {
      expect([server, await rawRequest(port, `CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: x\r\n\r\n`)]).toEqual([
        server,
        '',
      ]);
    }
  });
});

/** Every path that is written down where routes are made, `:id` being anything. */
function routesOfTheCode(): string[] {
  const folder = 'addon/src/http';
  return readdirSync(join(ROOT, folder)).flatMap((file) => {
    const text = readText(`${folder}/${file}`);
    const prefixes = [...text.matchAll(/app\.use\('(\/[^']+)', create(\w+)Router/g)].map(([, path = '']) => path);
    const calls = [...text.matchAll(/\.(?:all|use|get|post|put|delete|route)\(\s*(\[[^\]]*\]|'[^']*'|[A-Z_]+)/g)];
    const paths = calls.flatMap(([, what = '']) => {
      const named = /^[A-Z_]+$/.test(what) ? new RegExp(`const ${what} = ([^;]+);`).exec(text)?.[1] : what;
      return [...(named ?? '').matchAll(/'(\/[^']*)'/g)].map(([, path = '']) => path);
    });
    const base = { 'wish-routes.ts': '/whip', 'announce-routes.ts': '/announce' }[file] ?? '';
    return [...prefixes, ...paths.map((path) => (base === '' ? path : `${base}${path}`.replace(/\/$/, '')))];
  });
}

it('the table has every route of the code', () => {
  const routes = [...new Set(routesOfTheCode())].sort();
  expect(routes).toContain('/announce/:id');
  expect(routes).toContain('/whip/:id/:session');
  expect(routes).toContain('/translations/:language');
  const isIn = (route: string): boolean => {
    const pattern = new RegExp(`^${route.replaceAll(/:\w+/g, '[^/]+')}$`);
    return MAIN.some(([path]) => pattern.test(path) || (['/whip', '/whep'].includes(route) && path.startsWith(route)));
  };
  expect(routes.filter((route) => !isIn(route))).toEqual([]);
  const kinds = /type PathKind =([^;]+);/.exec(readText('addon/src/http/media-path.ts'))?.[1]?.match(/\w+/g) ?? [];
  expect(kinds.length).toBeGreaterThan(5);
  for (const table of [MAIN, MEDIA]) {
    expect(kinds.filter((kind) => !table.some(([path]) => path.split('/').includes(kind)))).toEqual([]);
  }
});
