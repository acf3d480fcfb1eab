/** Requests that two readers would read in two ways, and addresses written in every way but the right one. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpRig, rawRequest, type HttpRig } from '../support/http-rig.ts';

let rig: HttpRig;

beforeAll(async () => {
  rig = await httpRig({ trustLoopback: false });
  rig.relay.start({ id: 'kitchen', name: 'Kitchen' });
  rig.relay.start({ id: 'nursery', name: 'Nursery', private: true });
});

afterAll(() => rig.close());

/** Statuses of all answers on one connection, which the server closes, or we after the last one of `count`. */
function statusesOf(port: number, text: string, count: number): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(text));
    let answers = '';
    const statuses = (): number[] => [...answers.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
    socket.setEncoding('latin1').on('data', (data: string) => {
      answers += data;
      if (statuses().length >= count) socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(statuses()));
  });
}

/** Would be answered 200, to whoever may. */
const SMUGGLED = 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n';

describe('a request in the body of another', () => {
  it.each<[string, string]>([
    ['a length, then chunks', `Content-Length: ${SMUGGLED.length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['chunks, then a length', `Transfer-Encoding: chunked\r\nContent-Length: ${SMUGGLED.length}\r\n\r\n0\r\n\r\n`],
    ['chunks that are none', 'Transfer-Encoding: xchunked\r\n\r\n'],
    ['chunks, and something else last', 'Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n'],
    ['a space in front of the colon', 'Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n'],
    ['a header in two lines', 'Transfer-Encoding:\r\n chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n'],
    ['a line that ends in LF alone', `Content-Length: 3\nX: y\r\n\r\n0\r\n\r\n`],
    ['a CR inside a header', `X: y\rContent-Length: 0\r\n\r\n`],
    ['a NUL inside a header', `X: y\0z\r\n\r\n`],
    ['two lengths', `Content-Length: 0\r\nContent-Length: ${SMUGGLED.length}\r\n\r\n`],
    ['a length with a sign', `Content-Length: +${SMUGGLED.length}\r\n\r\n`],
    ['a length below nothing', 'Content-Length: -1\r\n\r\n'],
    ['a length in hexadecimal', 'Content-Length: 0x10\r\n\r\n'],
    ['a chunk with a sign', 'Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n'],
    ['a chunk longer than numbers', 'Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n\r\n'],
    ['a chunk that ends in LF alone', 'Transfer-Encoding: chunked\r\n\r\n0\n\n'],
  ])('%s: one refusal, and the connection is over', async (_, headers) => {
    for (const port of [rig.main.port, rig.media.port]) {
      const answers = await statusesOf(port, `POST /announce HTTP/1.1\r\nHost: x\r\n${headers}${SMUGGLED}`, 9);
      // The POST itself may have been refused before its body was read; what stands behind it is not read at all.
      expect(answers.filter((status) => ![400, 401, 405].includes(status))).toEqual([]);
      expect(answers.length).toBeLessThanOrEqual(2);
    }
  });

  it('whose length is right is a body and nothing else', async () => {
    for (const path of ['/announce', '/whip/door', '/whep/latest', '/nowhere', '/ws']) {
      const text = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/sdp\r\nContent-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}GET /pages.js HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
      const statuses = await statusesOf(rig.main.port, text, 9);
      expect([path, statuses.length <= 2, statuses[0]! >= 400]).toEqual([path, true, true]);
      if (statuses.length === 2) expect([path, statuses[1]]).toEqual([path, 200]);
    }
  });
});

it('each of several requests of one connection is judged for itself', async () => {
  const bearer = `Authorization: Bearer ${rig.token}\r\n`;
  const ask = (path: string, headers = ''): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`;
  const text = [
    ask('/metrics'),
    ask('/metrics', bearer),
    ask('/metrics'),
    ask('/stream/status', 'Authorization: Bearer wrong\r\n'),
    ask('/health'),
    ask('/announce/x', 'Connection: close\r\n'),
  ].join('');
  expect(await statusesOf(rig.main.port, text, 6)).toEqual([401, 200, 401, 401, 200, 401]);
});

it('an address with a host in it is judged as without, and its host believed by nobody', async () => {
  const port = rig.main.port;
  const ask = (target: string): Promise<string> =>
    rawRequest(port, `GET ${target} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`);
  for (const target of [
    'http://localhost/metrics',
    'http://127.0.0.1:8080/metrics',
    `http://localhost:${port}/metrics`,
  ]) {
    expect(await ask(target)).toMatch(/^HTTP\/1\.1 401 /);
  }
  expect(await ask('http://localhost/health')).toMatch(/^HTTP\/1\.1 200 /);
  for (const target of ['*', '//localhost/metrics', 'metrics', '/%2fmetrics', '\\metrics']) {
    expect(await ask(target), target).toMatch(/^HTTP\/1\.1 (?:400|404) /);
  }
});

it('without a Host, as HTTP/1.0 may: only what is public', async () => {
  const ask = (path: string): Promise<string> => rawRequest(rig.main.port, `GET ${path} HTTP/1.0\r\n\r\n`);
  expect(await ask('/health')).toMatch(/^HTTP\/1\.1 200 /);
  expect(await ask('/metrics')).toMatch(/^HTTP\/1\.1 401 /);
});

describe('a media URL', () => {
  const right = (id: string): string => new URL(rig.mediaUrls.urlsOf(id).mp3Url).pathname;
  const ask = (path: string): Promise<string> =>
    rawRequest(rig.media.port, `HEAD ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  const plain = (answer: string): string => answer.replace(/Date: [^\r]*\r\n/, '');

  it('opens as it was given, and with a question mark behind it', async () => {
    for (const path of [right('kitchen'), `${right('kitchen')}?t=1`, `http://x${right('kitchen')}`]) {
      expect(await ask(path), path).toMatch(/^HTTP\/1\.1 200 /);
    }
  });

  it('in no other spelling, and each of them is the same 404', async () => {
    const path = right('kitchen');
    const [, key = '', , file = ''] = path.split('/');
    const turned = (text: string): string => (text === text.toLowerCase() ? text.toUpperCase() : text.toLowerCase());
    const escaped = (text: string): string =>
      Array.from(text, (letter) => `%${letter.charCodeAt(0).toString(16)}`).join('');
    const one = Array.from(key, (letter, at) => key.slice(0, at) + (letter === 'A' ? 'B' : 'A') + key.slice(at + 1));
    const spelt = [
      ...one,
      ...[
        turned(key),
        escaped(key),
        escaped(key[0]!) + key.slice(1),
        `%25${escaped(key).slice(1)}`,
        `${key}=`,
        `${key}%00`,
      ],
      ...[
        `${key};`,
        `${key};a=b`,
        `${key}.`,
        `${key} `.trim() + '%20',
        `%20${key}`,
        `${key}%0d%0a`,
        `${key}\\`,
        `${key}+`,
      ],
      ...[
        key.replaceAll('-', '+').replaceAll('_', '/') + '+',
        key.slice(1),
        key.slice(0, -1),
        key + key,
        'undefined',
        '__proto__',
      ],
    ].map((spelling) => `/${spelling}/stream/${file}`);
    const rest = [
      ...[
        `/${key}/STREAM/${file}`,
        `/${key}/stream/${file.toUpperCase()}`,
        `/${key}/stream/Kitchen.mp3`,
        `/${key}//stream/${file}`,
      ],
      ...[
        `//${key}/stream/${file}`,
        `/./${key}/stream/${file}`,
        `/x/../${key}/stream/${file}`,
        `/%2e/${key}/stream/${file}`,
      ],
      ...[`/x/..;/${key}/stream/${file}`, `/${key}/stream/x/..;/${file}`, `/${key}/stream/%2e%2e/stream/${file}`],
      ...[
        `/${key}/stream/%252e%252e/${file}`,
        `/${key}/stream/${file}/`,
        `/${key}/stream/${file};x`,
        `/${key}/stream/${file}%00`,
      ],
      ...[
        `/${key}/stream/kitchen%2emp3`,
        `/${key}/stream/kitchen.mp3.mp3`,
        `/${key}/stream/kitchen.320.wav`,
        `/${key}%2fstream%2f${file}`,
      ],
      ...[`/${key}/stream/nursery.mp3`, `/${key}/channel/${file}`, `/${key}/stream/latest.mp3`, `/play/${key}/${file}`],
      ...[`/replay/${key}/${file}`, right('nursery').replace('nursery', 'kitchen'), `/stream/${file}?key=${key}`],
    ];
    const answers = new Map<string, string[]>();
    for (const each of [...spelt, ...rest]) {
      const answer = plain(await ask(each));
      expect(answer, each).toMatch(/^HTTP\/1\.1 404 /);
      answers.set(answer, [...(answers.get(answer) ?? []), each]);
    }
    // With `Vary` where a path has the form of a sound's; else nothing tells one from the other.
    expect(answers.size).toBeLessThanOrEqual(2);
    expect(spelt.length + rest.length).toBeGreaterThan(60);
  });
});
