/** Both HTTP servers by raw sockets, as fetch says only what is right: methods, paths, queries, headers, bodies, WHIP and WHEP. */
import { connect } from 'node:net';
import fc from 'fast-check';
import { httpRig } from '../../support/http-rig.ts';
import { bent } from '../arbitraries.ts';
import { realOffers } from '../offers.ts';
import { defineTarget, must } from '../target.ts';

interface Request {
  server: 'main' | 'media';
  text: string;
}

/** What a stopped client is given before its end of the connection is closed: a request may be half there. */
const HALF_REQUEST_MS = 40;
const ANSWER_MS = 15_000;
const ANSWER = /^HTTP\/1\.1 ([1-5]\d\d) /;

const method = fc.constantFrom(
  'GET',
  'HEAD',
  'POST',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'PUT',
  'get',
  'CONNECT',
  'TRACE',
  'BREW',
);
const path = bent(
  fc.constantFrom(
    ...[
      '/',
      '/health',
      '/metrics',
      '/ws',
      '/stream/status',
      '/stream/latest.mp3',
      '/stream/kitchen.wav',
      '/channel/kitchen.mp3',
    ],
    ...[
      '/KEY/stream/latest.mp3',
      '/KEY/talk/abc.wav',
      '/talk/abc.mp3',
      '/play/ticket/kitchen.mp3',
      '/replay/ticket/abc.mp3',
    ],
    ...[
      '/whip/door',
      '/whep/latest',
      '/whip/door/session',
      '/announce',
      '/voice-streaming-card.js',
      '/translations/de.js',
      '//',
      '*',
    ],
  ),
  2,
).map((text) => text.replaceAll(/[\r\n]/g, ''));
const query = fc.oneof(
  fc.constantFrom('', '?', '?name=Ada', '?name[]=1&name=2', '?__proto__=1'),
  fc.string().map((text) => `?${encodeURIComponent(text)}`),
);
const header = fc.oneof(
  fc.constantFrom(
    'Host: localhost',
    'Host: evil.example',
    'Authorization: Bearer wrong',
    'Icy-MetaData: 1',
    'Range: bytes=0-',
    'Accept: text/html',
  ),
  fc.constantFrom(
    'Connection: close',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  ),
  fc.constantFrom(
    'Content-Type: application/sdp',
    'Content-Type: application/json',
    'Content-Length: 5',
    'Content-Length: -1',
    'Transfer-Encoding: chunked',
    'Expect: 100-continue',
  ),
  fc.constantFrom(
    'Origin: https://evil.example',
    'Sec-Fetch-Site: cross-site',
    'X-Forwarded-For: 1.2.3.4',
    'X-Remote-User-Id: abc',
    'If-None-Match: *',
    'Accept-Encoding: gzip',
  ),
  bent(fc.constantFrom('X-Any: thing', 'Cookie: a=b', 'Referer: http://localhost/')),
);

export const http = defineTarget<Request[]>({
  name: 'http',
  share: 60,
  async open() {
    const rig = await httpRig({ open: false });
    const { bent: offers } = await realOffers();
    const stream = rig.relay.start({ id: 'kitchen', name: 'Kitchen' });
    const body = fc.oneof(
      fc.constant(''),
      fc.string({ maxLength: 60 }),
      fc.constantFrom('{"targets":["media_player.kitchen"]}', '{"targets":', '[1]', 'null'),
    );
    const plain = fc
      .record({
        method,
        path,
        query,
        version: fc.constantFrom('1.1', '1.1', '1.1', '1.0', '2.0', '0.9'),
        headers: fc.array(header, { maxLength: 6 }),
        body,
      })
      .map(
        (r) =>
          `${r.method} ${r.path}${r.query} HTTP/${r.version}\r\nHost: localhost\r\n${r.headers.map((h) => `${h}\r\n`).join('')}\r\n${r.body}`,
      );
    const wish = fc
      .record({ to: fc.constantFrom('/whip/door', '/whip/garden/', '/whep/latest', '/whep/kitchen'), offer: offers })
      .map(
        ({ to, offer }) =>
          `POST ${to} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sdp\r\nContent-Length: ${Buffer.byteLength(offer)}\r\nConnection: close\r\n\r\n${offer}`,
      );
    const request = fc.record({
      server: fc.constantFrom('main' as const, 'media' as const),
      text: fc.oneof(
        { weight: 5, arbitrary: plain },
        { weight: 2, arbitrary: bent(plain) },
        { weight: 1, arbitrary: wish },
        { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
      ),
    });
    const portOf = (server: Request['server']): number => (server === 'main' ? rig.main.port : rig.media.port);
    return {
      // At once: half requests are waited for, and the wait is the same for all.
      inputs: fc.array(request, { minLength: 1, maxLength: 40, size: 'max' }),
      count: (requests) => requests.length,
      async run(requests) {
        const answers = await Promise.all(requests.map(({ server, text }) => ask(portOf(server), text)));
        for (const answer of answers) judge(answer, rig.token);
        for (const { socket } of rig.upgrades.splice(0)) socket.destroy();
        await endSessions(rig.url, answers);
        const faults = rig.log.lines.filter((line) => line.startsWith('ERROR') || line.includes(rig.token));
        rig.log.lines.length = 0;
        must(faults.length === 0, `in the log: ${faults[0] ?? ''}`);
      },
      sizes: () => ({
        listeners: rig.relay.live.length,
        ...rig.peers.counts(),
        refusedOffers: 0,
        unauthenticatedChecks: 0,
        strangers: 0,
      }),
      async witness() {
        must((await fetch(`${rig.url}/health`)).status === 200, 'the witness gets no health');
        must((await fetch(`${rig.mediaUrl}/health`)).status === 200, 'the witness of the media server gets no health');
      },
      async close() {
        rig.relay.end(stream, 'stopped');
        await rig.close();
      },
    };
  },
});

/** The head of the answer, or what little came before the server closed. Streams are left as soon as they begin. */
function ask(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const late = setTimeout(() => reject(new Error(`no answer to ${JSON.stringify(text)}`)), ANSWER_MS);
    const half = setTimeout(() => socket.end(), HALF_REQUEST_MS);
    const done = (): void => {
      clearTimeout(late);
      clearTimeout(half);
      socket.destroy();
      resolve(answer);
    };
    socket.setEncoding('latin1').on('data', (part: string) => {
      answer += part;
      if (answer.includes('\r\n\r\n') && !answer.startsWith('HTTP/1.1 100')) done();
    });
    socket.on('end', done).on('close', done);
    // A reset in the midst of a request is an end as well.
    socket.on('error', done);
    socket.write(text, 'utf8');
  });
}

function judge(answer: string, token: string): void {
  if (answer === '') return;
  const status = Number(ANSWER.exec(answer)?.[1]);
  must(status >= 100, `no code: ${JSON.stringify(answer.slice(0, 200))}`);
  must(status < 500 || status === 503, `the server is at fault: ${JSON.stringify(answer.slice(0, 300))}`);
  must(!answer.includes(token), 'an answer tells the token');
  must(!/x-powered-by|at .*\.ts:\d+/i.test(answer), 'an answer tells of our insides');
}

/** What was opened is closed by the URL that it was given. */
async function endSessions(url: string, answers: readonly string[]): Promise<void> {
  for (const answer of answers) {
    const location = /^HTTP\/1\.1 201[^]*?\r\nLocation: (\S+)/i.exec(answer)?.[1];
    if (location === undefined) continue;
    const sessionId = location.split('/').at(-1) ?? '';
    for (const path of ['whip/door', 'whip/garden', 'whep/latest', 'whep/kitchen']) {
      const response = await fetch(`${url}/${path}/${sessionId}`, { method: 'DELETE' });
      await response.arrayBuffer();
      if (response.ok) break;
    }
  }
}
