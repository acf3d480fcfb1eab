/**
 * Home Assistant Core as the add-on, the Supervisor and the card see it: its WebSocket API, REST in small, `/local`, and its
 * hop of ingress. Real HTTP and WebSockets on a free port.
 *
 *   const core = await StubCore.start({ www: folder });      // `<config>/www`, served as /local if it is there now
 *   core.home.resourceMode = 'yaml';                         // whatever Core knows, see stub-core-home.ts
 *   await page.goto(core.dashboardUrl(core.home.plainUser)); // a page with a `hass` and the card, see stub-dashboard.ts
 *
 * stub-home-assistant.ts starts it together with a Supervisor.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join, normalize } from 'node:path';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { CommandError, runCommand } from './stub-core-commands.ts';
import { FakeHome, type HomeUser } from './stub-core-home.ts';
import type { CoreLink } from './stub-core-link.ts';
import { dashboardPage } from './stub-dashboard.ts';
import { answerJson, answerText, closeServer, Faults, GARBAGE, listen, readJson, trackSockets } from './stub-faults.ts';
import { forwardRequest, forwardWebSocket, passedHeaders, type Upstream } from './stub-hop.ts';

export interface CoreOptions {
  address?: string;
  port?: number;
  /** `<config>/www`. Core looks for it once, when it starts. */
  www?: string;
  home?: FakeHome;
}

export class StubCore {
  readonly home: FakeHome;
  /** The REST and WebSocket API; ingress and `/local` go on. */
  readonly faults = new Faults();
  readonly #server: Server;
  readonly #sockets: ReadonlySet<Duplex>;
  readonly #webSockets = new WebSocketServer({ noServer: true });
  readonly #connections = new Set<WebSocket>();
  readonly #wwwFolder: string | undefined;
  #www: string | undefined;
  #url = '';

  private constructor({ www, home = new FakeHome() }: CoreOptions) {
    this.home = home;
    this.#wwwFolder = www;
    this.#lookForWww();
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch(() => answerText(response, 502));
    });
    this.#server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.#upgrade(request, socket, head).catch(() => socket.destroy());
    });
    this.#sockets = trackSockets(this.#server);
  }

  static async start(options: CoreOptions = {}): Promise<StubCore> {
    const core = new StubCore(options);
    const address = options.address ?? '127.0.0.1';
    const port = await listen(core.#server, address, options.port);
    core.#url = `http://${address === '127.0.0.1' ? 'localhost' : address}:${port}`;
    return core;
  }

  get url(): string {
    return this.#url;
  }

  /** For StubSupervisor.core: it comes as the user "Supervisor". */
  get link(): CoreLink {
    return { url: this.#url, accessToken: this.home.supervisorUser.token, version: this.home.version };
  }

  /** A page that loads the resources and shows the card, to this user. */
  dashboardUrl(user: HomeUser, config: Record<string, unknown> = {}): string {
    const url = new URL('/lovelace/0', this.#url);
    url.search = new URLSearchParams({ user: user.id, config: JSON.stringify(config) }).toString();
    return url.href;
  }

  /** As when it restarts: all connections end, the page's own too. */
  dropConnections(): void {
    for (const socket of this.#connections) socket.terminate();
  }

  /** Connections end, notifications are forgotten, and `www` is looked for. */
  restart(): void {
    this.home.notifications.clear();
    this.#lookForWww();
    this.dropConnections();
  }

  /** Answers nothing more on the connections that are open; new ones are fine. */
  mute(): void {
    for (const socket of this.#connections) socket.removeAllListeners('message');
  }

  /** Says this on every open connection. */
  say(text: string): void {
    for (const socket of this.#connections) socket.send(text);
  }

  #lookForWww(): void {
    this.#www = this.#wwwFolder !== undefined && existsSync(this.#wwwFolder) ? this.#wwwFolder : undefined;
  }

  async close(): Promise<void> {
    this.faults.set(null);
    await closeServer(this.#server, this.#sockets);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname: path, searchParams } = new URL(request.url ?? '/', this.#url);
    if (path.startsWith('/api/hassio_ingress/')) {
      const upstream = this.#ingress(request);
      if (upstream) forwardRequest(request, response, upstream);
      else answerText(response, 400);
    } else if (path.startsWith('/local/')) await this.#local(path, response);
    else if (path.startsWith('/api/')) await this.#api(path, request, response);
    else if (path.startsWith('/lovelace')) {
      const user = this.home.users.find(({ id }) => id === searchParams.get('user'));
      if (!user) {
        answerText(response, 401);
        return;
      }
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(dashboardPage(user, JSON.parse(searchParams.get('config') ?? '{}') as Record<string, unknown>));
    } else answerText(response, 404);
  }

  /** Core's own headers; the cookie, Origin, Host and Authorization pass. */
  #ingress(request: IncomingMessage): Upstream | null {
    const { supervisor } = this.home;
    const found = /^\/api\/hassio_ingress\/([^/?]+)(\/.*)$/.exec(request.url ?? '');
    const [, token, rest] = found ?? [];
    if (!supervisor || token === undefined || rest === undefined) return null;
    const url = new URL(`${supervisor.url}/ingress/${token}${rest}`);
    if (!url.pathname.startsWith(`/ingress/${token}/`)) return null;
    const { headers, socket } = request;
    const before = headers['x-forwarded-for'];
    const peer = (socket.remoteAddress ?? '').replace('::ffff:', '');
    return {
      url,
      headers: {
        ...passedHeaders(request, ['accept-encoding']),
        'x-hass-source': 'core.ingress',
        'x-ingress-path': `/api/hassio_ingress/${token}`,
        'x-forwarded-for': before === undefined ? peer : `${String(before)}, ${peer}`,
        'x-forwarded-host': String(headers['x-forwarded-host'] ?? headers.host),
        'x-forwarded-proto': String(headers['x-forwarded-proto'] ?? 'http'),
      },
    };
  }

  async #local(path: string, response: ServerResponse): Promise<void> {
    const file = normalize(decodeURIComponent(path.slice('/local/'.length)));
    if (this.#www === undefined || file.startsWith('..')) {
      answerText(response, 404);
      return;
    }
    const body = await readFile(join(this.#www, file)).catch(() => null);
    if (!body) {
      answerText(response, 404);
      return;
    }
    const type = file.endsWith('.js') ? 'text/javascript' : 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'cache-control': 'public, max-age=2678400' }).end(body);
  }

  async #api(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (await this.faults.meets(response)) return;
    const user = this.#userOf(request.headers.authorization?.replace(/^Bearer /, ''));
    if (!user) {
      answerText(response, 401);
      return;
    }
    const [, , kind, first, second] = path.split('/');
    const body = request.method === 'POST' ? await readJson(request) : {};
    if (path === '/api/') answerJson(response, 200, { message: 'API running.' });
    else if (path === '/api/config') answerJson(response, 200, this.home.config());
    else if (kind === 'events' && first !== undefined) {
      this.home.fireEvent(first, body, user.id);
      answerJson(response, 200, { message: `Event ${first} fired.` });
    } else if (kind === 'services' && first !== undefined && second !== undefined) {
      await this.home.callService({ domain: first, service: second, data: body, userId: user.id });
      answerJson(response, 200, []);
    } else answerText(response, 404);
  }

  #userOf(token: unknown): HomeUser | undefined {
    return this.home.users.find((user) => user.token === token);
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const path = new URL(request.url ?? '/', this.#url).pathname;
    if (path.startsWith('/api/hassio_ingress/')) {
      const upstream = this.#ingress(request);
      if (upstream) {
        forwardWebSocket(request, socket, head, upstream);
        return;
      }
    }
    if (path !== '/api/websocket') return void socket.destroy();
    if (await this.faults.meetsUpgrade(socket)) return;
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => this.#converse(webSocket));
  }

  /** Authentication first, then commands with rising ids. */
  #converse(socket: WebSocket): void {
    const say = (message: unknown): void => socket.send(JSON.stringify(message));
    const { version } = this.home;
    const fault = this.faults.now;
    let user: HomeUser | undefined;
    let lastId = 0;
    this.#connections.add(socket);
    socket.on('close', () => this.#connections.delete(socket));
    socket.on('error', () => socket.terminate());
    if (fault === 'garbage') socket.send(GARBAGE);
    else say({ type: 'auth_required', ha_version: version });
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as { id: number; type: string; access_token?: string };
      if (!user) {
        user = fault === 'unauthorized' ? undefined : this.#userOf(message.access_token);
        if (user) {
          say({ type: 'auth_ok', ha_version: version });
          return;
        }
        say({ type: 'auth_invalid', message: 'Invalid access token or password' });
        socket.close();
        return;
      }
      const { id, type } = message;
      if (type === 'ping') {
        say({ id, type: 'pong' });
        return;
      }
      const failed = (error: { code: string; message: string }): void =>
        say({ id, type: 'result', success: false, error });
      if (id <= lastId) {
        failed({ code: 'id_reuse', message: 'Identifier values have to increase.' });
        return;
      }
      lastId = id;
      const context = {
        home: this.home,
        user,
        send: say,
        onClose: (callback: () => void) => void socket.once('close', callback),
      };
      void Promise.resolve()
        .then(() => runCommand(context, message as never))
        .then(
          (result) => say({ id, type: 'result', success: true, result }),
          (error: unknown) => {
            const code = error instanceof CommandError ? error.code : 'unknown_error';
            failed({ code, message: error instanceof Error ? error.message : String(error) });
          },
        );
    });
  }
}
