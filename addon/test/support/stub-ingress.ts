/** The Supervisor's hop of ingress: sessions by cookie, the user's headers, the filter, the way to the add-on. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { answerText, refuseUpgrade } from './stub-faults.ts';
import { forwardRequest, forwardWebSocket, passedHeaders, type Upstream } from './stub-hop.ts';

export interface IngressUser {
  id: string;
  /** The login name; absent in the Supervisor's headers when there is none. */
  username: string | null;
  name: string | null;
}

export interface IngressApp {
  ingressToken: string;
  /** `ip_address` and `ingress_port`, read at each request: an add-on may start later, or move. */
  target: () => { host: string; port: number };
  /** The Supervisor's own address towards the add-on. In real life 172.30.32.2. */
  sourceAddress?: string | undefined;
}

const SESSION_MS = 15 * 60_000;
/** Never from outside: the Supervisor's tokens and its word about the user. */
const OWN_HEADERS = [
  'x-supervisor-token',
  'x-hassio-key',
  'x-remote-user-id',
  'x-remote-user-name',
  'x-remote-user-display-name',
];
/** Searched in the path and in the query, after unquoting until nothing changes. */
const FILTERED =
  /proc\/self\/environ|(<|%3C).*script.*(>|%3E)|(\.\.\/\/?)+|[a-zA-Z0-9_]=\/([a-z0-9_.]\/\/?)+|union.*select.*\(|union.*all.*select.*|concat.*\(/i;

export class StubIngress {
  readonly #app: IngressApp;
  readonly #now: () => number;
  readonly #sessions = new Map<string, { expiresAt: number; user: IngressUser | null }>();

  constructor(app: IngressApp, now: () => number = Date.now) {
    this.#app = app;
    this.#now = now;
  }

  createSession(user: IngressUser | null): string {
    const session = randomBytes(64).toString('hex');
    this.#sessions.set(session, { expiresAt: this.#now() + SESSION_MS, user });
    return session;
  }

  /** Valid for another 15 minutes on top of what was left, as the Supervisor reckons. */
  validateSession(session: string): boolean {
    const found = this.#sessions.get(session);
    if (!found || found.expiresAt <= this.#now()) {
      this.#sessions.delete(session);
      return false;
    }
    found.expiresAt += SESSION_MS;
    return true;
  }

  /** As if 15 minutes had passed for all of them. Open WebSockets live on, as with the Supervisor. */
  expireSessions(): void {
    this.#sessions.clear();
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const onward = this.#admit(request);
    if (typeof onward === 'number') {
      request.resume();
      answerText(response, onward);
    } else forwardRequest(request, response, onward);
  }

  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const onward = this.#admit(request);
    if (typeof onward === 'number') refuseUpgrade(socket, onward);
    else forwardWebSocket(request, socket, head, onward);
  }

  /** Where it goes, or the status that refuses it. */
  #admit(request: IncomingMessage): Upstream | number {
    const [path, query] = splitQuery(request.url ?? '');
    if (FILTERED.test(unquote(path)) || FILTERED.test(unquote(query ?? ''))) return 400;
    const session = /(?:^|;\s*)ingress_session=([^;]*)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
    if (!this.validateSession(session)) return 401;
    const [, token, rest = ''] = /^\/ingress\/([-_A-Za-z0-9]+)\/(.*)$/.exec(path) ?? [];
    if (token !== this.#app.ingressToken) return 503;
    const { host, port } = this.#app.target();
    return {
      url: new URL(`http://${host}:${port}/${rest}${query === undefined ? '' : `?${query}`}`),
      headers: { ...passedHeaders(request, OWN_HEADERS), ...this.#userHeaders(session), ...forwardedFor(request) },
      localAddress: this.#app.sourceAddress,
    };
  }

  #userHeaders(session: string): Record<string, string> {
    const user = this.#sessions.get(session)?.user;
    if (!user) return {};
    return {
      'X-Remote-User-Id': user.id,
      ...(user.username === null ? {} : { 'X-Remote-User-Name': utf8(user.username) }),
      ...(user.name === null ? {} : { 'X-Remote-User-Display-Name': utf8(user.name) }),
    };
  }
}

function forwardedFor(request: IncomingMessage): Record<string, string> {
  const before = request.headers['x-forwarded-for'];
  const peer = (request.socket.remoteAddress ?? '').replace('::ffff:', '');
  // Without an earlier hop the Supervisor writes Python's None: it has never been meant to be called directly.
  return { 'x-forwarded-for': `${Array.isArray(before) ? before.join(', ') : (before ?? 'None')}, ${peer}` };
}

/** aiohttp writes header values as UTF-8; Node wants one character per byte. */
function utf8(value: string): string {
  return Buffer.from(value, 'utf8').toString('latin1');
}

function splitQuery(url: string): [string, string?] {
  const at = url.indexOf('?');
  return at < 0 ? [url] : [url.slice(0, at), url.slice(at + 1)];
}

function unquote(value: string): string {
  let [before, after] = ['', value];
  while (before !== after) {
    before = after;
    after = after.replaceAll(/%[0-9a-f]{2}/gi, (code) => String.fromCharCode(parseInt(code.slice(1), 16)));
  }
  return after;
}
