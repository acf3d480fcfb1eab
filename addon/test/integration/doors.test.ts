/** The doors of both servers, as whoever knocks sees them: real sockets, headers byte for byte. */
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { httpRig, rawRequest, type HttpRig } from '../support/http-rig.ts';

let rig: HttpRig;

beforeEach(async () => {
  rig = await httpRig();
});

afterEach(() => rig.close());

/** A request to the media server, the connection closed after it. */
function mediaRequest(line: string, headers: readonly string[] = []): Promise<string> {
  return rawRequest(rig.media.port, [line, 'Host: speaker', 'Connection: close', ...headers, '', ''].join('\r\n'));
}

function mainRequest(line: string, headers: readonly string[] = []): Promise<string> {
  const host = headers.some((header) => header.startsWith('Host:')) ? [] : [`Host: localhost:${rig.main.port}`];
  return rawRequest(rig.main.port, [line, ...host, 'Connection: close', ...headers, '', ''].join('\r\n'));
}

function statusOf(answer: string): number {
  return Number(answer.split(' ')[1]);
}

function withoutDate(answer: string): string {
  return answer.replace(/\r\nDate: [^\r]*/, '');
}

describe('media server', () => {
  test('a wrong key, an unknown id and a bad path get the same 404 byte for byte', async () => {
    rig.relay.start({ id: 'door', name: 'Door' });
    const right = new URL(rig.mediaUrls.urlsOf('door').mp3Url).pathname;
    const key = right.split('/')[1]!;
    const ask = (paths: readonly string[]): Promise<string[]> =>
      Promise.all(paths.map(async (path) => withoutDate(await mediaRequest(`GET ${path} HTTP/1.1`))));
    const answers = await ask([
      `/${'x'.repeat(22)}/stream/door.mp3`,
      `/${key.slice(0, 21)}/stream/door.mp3`,
      `/${key}/stream/nobody.mp3`,
      `/${key}/stream/latest.mp3`,
      `/${key}/channel/door.mp3`,
      `/${key}/talk/door.mp3`,
      `/${key}/stream/door.ogg`,
      `/${key}/stream/..%2fdoor.mp3`,
      `/${key}/stream/%64oor.mp3`,
      '/stream/door.mp3',
      '/stream/latest.mp3',
    ]);
    expect([...new Set(answers)]).toEqual([answers[0]]);
    const others = await ask(['/', '/metrics', '/whip/door', '/page.js', `/${key}`, `/${key}/stream/`]);
    expect([...new Set(others)]).toEqual([others[0]]);
    expect(others[0]!.endsWith('\r\n\r\nNot found.\n')).toBe(true);
    expect(answers[0]).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
    expect(answers[0]).toMatch(/\r\nContent-Type: text\/plain; charset=utf-8\r\n/);
    expect(answers[0]!.endsWith('\r\n\r\nNot found.\n')).toBe(true);
  });

  test.each([
    '/%E0%A4%A',
    '/%E0%A4%A/stream/latest.mp3',
    '/key/stream/%E0%A4%A.mp3',
    '/key/stream/..%2f..%2fetc%2fpasswd',
    '/../../etc/passwd',
    '//evil.example/stream/latest.mp3',
    '/%00',
    '/key/stream/latest.mp3?x=%E0%A4%A',
    '/stream/__proto__.mp3',
  ])('%s: a plain refusal', async (path) => {
    const answer = await mediaRequest(`GET ${path} HTTP/1.1`, ['Accept: text/html']);
    expect([400, 404]).toContain(statusOf(answer));
    expect(answer).toMatch(/Content-Type: text\/plain/);
    expect(answer).not.toMatch(/<|x-powered-by/i);
  });

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND'])(
    '%s: 405 with Allow, whatever the path',
    async (method) => {
      for (const path of ['/', '/health', '/key/stream/latest.mp3', '/stream/status']) {
        const answer = await mediaRequest(`${method} ${path} HTTP/1.1`);
        expect(statusOf(answer)).toBe(405);
        expect(answer).toMatch(/\r\nAllow: GET, HEAD, OPTIONS\r\n/);
        expect(answer).toMatch(/Content-Type: text\/plain/);
      }
    },
  );

  test('a preflight of any page is answered', async () => {
    const answer = await mediaRequest('OPTIONS /key/stream/latest.mp3 HTTP/1.1', ['Origin: http://ha.local:8123']);
    expect(statusOf(answer)).toBe(204);
    expect(answer).toMatch(/\r\nAccess-Control-Allow-Origin: \*\r\n/);
  });

  test('latest with its key plays; HEAD and HTTP/1.0 too', async () => {
    const { pathname } = new URL(rig.mediaUrls.urlsOf('latest').mp3Url);
    const head = await mediaRequest(`HEAD ${pathname} HTTP/1.1`);
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(head).toMatch(/\r\nContent-Type: audio\/mpeg\r\n/);
    expect(head.endsWith('\r\n\r\n')).toBe(true);
    const old = connect({ port: rig.media.port, host: '127.0.0.1' });
    old.write(`GET ${pathname} HTTP/1.0\r\n\r\n`);
    const first = await new Promise<string>((resolve) => old.once('data', (data) => resolve(data.toString('latin1'))));
    expect(first).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(first).not.toMatch(/Transfer-Encoding/i);
    old.destroy();
  });

  test('a path of 8 KB is a 404 like others', async () => {
    expect(statusOf(await mediaRequest(`GET /${'a'.repeat(8000)} HTTP/1.1`))).toBe(404);
  });

  test('headers of 20 KB: 431, and what is no HTTP: 400, both without a word of HTML', async () => {
    const huge = await mediaRequest('GET / HTTP/1.1', [`X-Huge: ${'x'.repeat(20_000)}`]);
    expect(statusOf(huge)).toBe(431);
    const garbage = await rawRequest(rig.media.port, '\x16\x03\x01\x02\x00 no HTTP\r\n\r\n');
    expect(statusOf(garbage)).toBe(400);
    expect(huge + garbage).not.toContain('<');
  });

  test('/health and /stream/status are open and name nobody', async () => {
    rig.relay.start({ id: 'door', name: 'Door' });
    const health = (await (await fetch(`${rig.mediaUrl}/health`)).json()) as Record<string, unknown>;
    expect(health).toMatchObject({ status: 'healthy', audio_server_running: true, active_streams: 1 });
    expect(await (await fetch(`${rig.mediaUrl}/stream/status`)).json()).toEqual({ active_streams: 1, listeners: 0 });
  });

  test('a listener is cut off by close, and close leaves nothing', async () => {
    const response = await fetch(rig.mediaUrls.urlsOf('latest').mp3Url);
    const reader = response.body!.getReader();
    expect((await reader.read()).value?.length).toBeGreaterThan(0);
    const ended = (async () => {
      while (!(await reader.read()).done);
    })().catch(() => undefined);
    await rig.media.close();
    await ended;
    await rig.media.close();
    await expect(fetch(`${rig.mediaUrl}/health`)).rejects.toThrow();
  });
});

test('with media_access: open, paths work without a key and status names the live', async () => {
  const open = await httpRig({ open: true });
  try {
    open.relay.start({ id: 'door', name: 'Door' });
    open.relay.start({ id: 'nursery', name: 'Nursery', private: true });
    const { mp3Url } = open.mediaUrls.urlsOf('door');
    expect(mp3Url).toBe(`${open.mediaUrl}/stream/door.mp3`);
    expect((await fetch(mp3Url, { method: 'HEAD' })).status).toBe(200);
    expect((await fetch(`${open.mediaUrl}/stream/nursery.mp3`, { method: 'HEAD' })).status).toBe(404);
    const status = (await (await fetch(`${open.mediaUrl}/stream/status`)).json()) as { streams: { id: string }[] };
    expect(status.streams.map(({ id }) => id)).toEqual(['door']);
  } finally {
    await open.close();
  }
});

describe('main server', () => {
  test('the page and the card are public, under a policy', async () => {
    const remote = ['Host: 192.168.1.5:8080'];
    const page = await mainRequest('GET / HTTP/1.1', remote);
    expect(page).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(page).toMatch(/\r\nContent-Type: text\/html; charset=utf-8\r\n/i);
    expect(page).toMatch(/\r\nCache-Control: no-cache\r\n/);
    expect(page).toMatch(/\r\nETag: /);
    expect(page).toMatch(/\r\nContent-Security-Policy: default-src 'self';.*frame-ancestors 'self'/);
    expect(page).not.toMatch(/unsafe-inline|x-powered-by|Strict-Transport-Security|upgrade-insecure/i);
    for (const module of ['/voice-streaming-card.js', '/pages.js', '/editor.js', '/translations/de.js']) {
      const script = await mainRequest(`GET ${module} HTTP/1.1`, remote);
      expect(script).toMatch(/\r\nContent-Type: text\/javascript/);
      expect(script).toMatch(/\r\nAccess-Control-Allow-Origin: \*\r\n/);
    }
    for (const path of ['/.hidden', '/..%2fsecrets.json', '/../secrets.json', '/%2e%2e/secrets.json', '/%E0%A4%A']) {
      const answer = await mainRequest(`GET ${path} HTTP/1.1`, remote);
      expect([400, 403, 404]).toContain(statusOf(answer));
      expect(answer).toMatch(/Content-Type: text\/plain/);
      expect(answer).not.toMatch(/<|accessToken/);
    }
  });

  test.each(['/metrics', '/stream/status', '/stream/latest.mp3', '/STREAM/status', '/whip/door', '/whep/latest'])(
    '%s wants the token, or this machine',
    async (path) => {
      const asRemote = await mainRequest(`GET ${path} HTTP/1.1`, ['Host: 192.168.1.5:8080']);
      expect(statusOf(asRemote)).toBe(401);
      expect(asRemote).toMatch(/\r\nWWW-Authenticate: Bearer/);
      expect(asRemote).toMatch(/Content-Type: text\/plain/);
      const crossSite = await mainRequest(`HEAD ${path} HTTP/1.1`, ['Sec-Fetch-Site: cross-site']);
      expect(statusOf(crossSite)).toBe(401);
      const wrong = await mainRequest(`HEAD ${path} HTTP/1.1`, ['Authorization: Bearer wrong']);
      expect(statusOf(wrong)).toBe(401);
      const withToken = await mainRequest(`HEAD ${path} HTTP/1.1`, [
        'Host: 192.168.1.5:8080',
        `Authorization: Bearer ${rig.token}`,
      ]);
      expect([200, 204]).toContain(statusOf(withToken));
      expect([200, 204]).toContain(statusOf(await mainRequest(`HEAD ${path} HTTP/1.1`)));
    },
  );

  test('/health is open', async () => {
    expect(statusOf(await mainRequest('GET /health HTTP/1.1', ['Host: 192.168.1.5:8080']))).toBe(200);
  });

  test.each([
    ['/health', 'POST', 'GET, HEAD, OPTIONS'],
    ['/metrics', 'DELETE', 'GET, HEAD, OPTIONS'],
    ['/stream/status', 'PUT', 'GET, HEAD, OPTIONS'],
    ['/stream/latest.mp3', 'POST', 'GET, HEAD, OPTIONS'],
    ['/', 'POST', 'GET, HEAD, OPTIONS'],
    ['/voice-streaming-card.js', 'POST', 'GET, HEAD, OPTIONS'],
    ['/whip/door', 'PUT', 'POST, OPTIONS'],
    ['/whep/door', 'DELETE', 'POST, OPTIONS'],
    ['/whip/door/session', 'PATCH', 'DELETE, OPTIONS'],
  ])('%s does not take %s: 405', async (path, method, allow) => {
    const answer = await mainRequest(`${method} ${path} HTTP/1.1`);
    expect(statusOf(answer)).toBe(405);
    expect(answer).toContain(`\r\nAllow: ${allow}\r\n`);
    expect(answer).toMatch(/Content-Type: text\/plain/);
  });

  test('what is not there: a plain 404, and /ws wants a WebSocket', async () => {
    const answer = await mainRequest('GET /nothing/here HTTP/1.1', ['Accept: text/html']);
    expect(statusOf(answer)).toBe(404);
    expect(answer.endsWith('\r\n\r\nNot found.\n')).toBe(true);
    expect(statusOf(await mainRequest('GET /ws HTTP/1.1'))).toBe(426);
  });

  test('/metrics is Prometheus text, or JSON when asked', async () => {
    const text = await fetch(`${rig.url}/metrics`);
    expect(text.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await text.text()).toMatch(/^voice_streaming_refused_datagrams_total\{kind="stranger"\} 0$/m);
    for (const [path, accept] of [
      ['/metrics?format=json', '*/*'],
      ['/metrics', 'application/json'],
    ] as const) {
      const json = (await (await fetch(rig.url + path, { headers: { accept } })).json()) as object;
      expect(Object.keys(json)).toEqual([
        'uptime_seconds',
        'active_connections',
        'active_streams',
        'total_audio_bytes',
        'webrtc_available',
      ]);
    }
  });
});

describe('upgrades', () => {
  const webSocket = ['Upgrade: websocket', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', 'Sec-WebSocket-Version: 13'];

  /** The first bytes of the answer; the connection stays open until the test ends. */
  function upgrade(path: string, headers: readonly string[]): Promise<string> {
    const socket = connect({ port: rig.main.port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    socket.write([`GET ${path} HTTP/1.1`, 'Connection: Upgrade', ...webSocket, ...headers, '', ''].join('\r\n'));
    return new Promise((resolve) => socket.once('data', (data) => resolve(data.toString('latin1'))));
  }

  const local = (): string => `Host: localhost:${rig.main.port}`;

  test('from this machine: in, as an administrator', async () => {
    expect(statusOf(await upgrade('/ws', [local()]))).toBe(101);
    expect(statusOf(await upgrade('/ws?v=1', [local(), `Origin: http://localhost:${rig.main.port}`]))).toBe(101);
    expect(rig.upgrades.map(({ admission }) => admission.user)).toEqual([
      { name: null, isAdmin: true },
      { name: null, isAdmin: true },
    ]);
  });

  test('from another site or another host: in, but nobody yet', async () => {
    await upgrade('/ws', [local(), 'Origin: http://evil.example']);
    await upgrade('/ws', ['Host: evil.example']);
    await upgrade('/ws', [local(), 'X-Forwarded-For: 192.168.1.7']);
    expect(rig.upgrades.map(({ admission }) => admission.user)).toEqual([undefined, undefined, undefined]);
  });

  test('a token in the header counts, a wrong one is refused', async () => {
    expect(statusOf(await upgrade('/ws', ['Host: nas', `Authorization: Bearer ${rig.token}`]))).toBe(101);
    expect(rig.upgrades[0]?.admission.user).toEqual({ name: null, isAdmin: true });
    expect(statusOf(await upgrade('/ws', [local(), 'Authorization: Bearer wrong']))).toBe(401);
    expect(rig.upgrades.length).toBe(1);
  });

  test.each(['/', '/ws/', '/WS', '/health', '/%E0%A4%A', '/stream/latest.mp3'])(
    '%s is no WebSocket: 404',
    async (path) => {
      expect(statusOf(await upgrade(path, [local()]))).toBe(404);
      expect(rig.upgrades).toEqual([]);
    },
  );

  test('close ends what was upgraded too', async () => {
    await upgrade('/ws', [local()]);
    const closed = new Promise((resolve) => rig.upgrades[0]!.socket.once('close', resolve));
    await rig.main.close();
    await closed;
  });
});
