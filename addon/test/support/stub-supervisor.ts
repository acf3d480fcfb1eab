/**
 * The Supervisor as the add-on and Core see it: real HTTP and WebSockets on a free port, after supervisor/api/.
 *
 *   const supervisor = await StubSupervisor.start({ app: { slug: 'local_voice_streaming' } });
 *   supervisor.core = stubCore.link;                           // or a real Core's
 *   startServer({ SUPERVISOR_TOKEN: supervisor.appToken, SUPERVISOR_URL: supervisor.url });
 *   supervisor.faults.set('badGateway');                       // the whole API; coreFaults: only Core behind it
 *   supervisor.mqtt = { host: '127.0.0.1', port: 1883, … };    // null: 400 "Service not enabled"
 *
 * The browser's way in is stub-ingress.ts, behind Core's own hop. stub-home-assistant.ts starts both, linked.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { APP, appInfo, HOST, networkInfo, systemInfo, type AppFacts, type HostFacts } from './stub-app-info.ts';
import { askCore, openCore, requestCore, type CoreLink } from './stub-core-link.ts';
import { answerJson, answerText, closeServer, Faults, GARBAGE, listen, readJson, trackSockets } from './stub-faults.ts';
import { StubIngress, type IngressUser } from './stub-ingress.ts';

export interface MqttService {
  host: string;
  port: number;
  username: string;
  password: string;
  ssl: boolean;
  protocol: '3.1.1';
}

export interface SupervisorOptions {
  app?: Partial<AppFacts>;
  host?: Partial<HostFacts>;
  /** Where it listens; in real life 172.30.32.2, port 80. */
  address?: string;
  port?: number;
  /** Where its connections to the add-on come from; the real one's come from 172.30.32.2. */
  sourceAddress?: string;
}

/** What an add-on with `hassio_api` and the default role may ask, beside what every add-on may. */
const APP_PATHS = /^\/(?:addons\/self\/(?!security|update)[^/]+|info|services.*|discovery.*|auth|.+\/info)$/;
const AUTH_TIMEOUT_MS = 10_000;
const MAX_FRAME_FROM_APP_BYTES = 4 * 1024 * 1024;

export class StubSupervisor {
  /** SUPERVISOR_TOKEN of the add-on, and of Core. */
  readonly appToken = randomBytes(28).toString('hex');
  readonly coreToken = randomBytes(28).toString('hex');
  /** Change it at will: everything is read when asked for. */
  readonly app: AppFacts;
  readonly host: HostFacts;
  readonly faults = new Faults();
  readonly coreFaults = new Faults();
  readonly ingress: StubIngress;
  /** `GET /network/info` and so on, in order; of the add-on and of Core. */
  readonly requests: string[] = [];
  core: CoreLink | null = null;
  mqtt: MqttService | null = null;
  /** Somebody starts the add-on; what it throws is why it did not start. */
  onStart: () => void | Promise<void> = () => undefined;
  readonly #server: Server;
  readonly #sockets: ReadonlySet<Duplex>;
  readonly #webSockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_FROM_APP_BYTES });
  readonly #proxied = new Set<WebSocket>();
  #url = '';

  private constructor({ app, host, sourceAddress }: SupervisorOptions) {
    this.app = { ...APP, ...app };
    this.host = { ...HOST, ...host };
    this.ingress = new StubIngress({
      ingressToken: this.app.ingressToken,
      target: () => ({ host: this.app.ipAddress, port: this.app.ingressPort }),
      sourceAddress,
    });
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch(() => answerText(response, 502));
    });
    this.#server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.#upgrade(request, socket, head).catch(() => socket.destroy());
    });
    this.#sockets = trackSockets(this.#server);
  }

  static async start(options: SupervisorOptions = {}): Promise<StubSupervisor> {
    const supervisor = new StubSupervisor(options);
    const address = options.address ?? '127.0.0.1';
    supervisor.#url = `http://${address}:${await listen(supervisor.#server, address, options.port)}`;
    return supervisor;
  }

  /** `http://supervisor` of real life. */
  get url(): string {
    return this.#url;
  }

  /** As when Core restarts: all connections of add-ons to it end. */
  dropCoreConnections(): void {
    for (const socket of this.#proxied) socket.close();
  }

  async close(): Promise<void> {
    this.faults.set(null);
    this.coreFaults.set(null);
    await closeServer(this.#server, this.#sockets);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://supervisor').pathname;
    if (path.startsWith('/ingress/') && !/^\/ingress\/(?:session|validate_session|panels)$/.test(path)) {
      this.ingress.handle(request, response);
      return;
    }
    this.requests.push(`${request.method ?? ''} ${path}`);
    if (await this.faults.meets(response)) return;
    const token = bearer(request);
    if (path.startsWith('/core/api/')) {
      if (token !== this.appToken) answerText(response, 401);
      else if (path.startsWith('/core/api/hassio')) answerText(response, 403);
      else if (!(await this.coreFaults.meets(response))) await this.#proxy(request, response);
    } else if (path === '/supervisor/ping' || token === this.coreToken) await this.#answer(path, request, response);
    else if (token === undefined) answerText(response, 401);
    else if (token === this.appToken && APP_PATHS.test(path)) await this.#answer(path, request, response);
    else answerText(response, 403);
  }

  async #answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const ok = (data: unknown = {}): void => answerJson(response, 200, { result: 'ok', data });
    const error = (message: string): void => answerJson(response, 400, { result: 'error', message });
    if (request.method === 'POST') {
      const body = await readJson(request);
      if (path === '/ingress/session') ok({ session: this.ingress.createSession(await this.#user(body['user_id'])) });
      else if (path === `/addons/${this.app.slug}/start`) await this.#startApp(ok, error);
      else if (path === '/supervisor/update') error('No supervisor update available');
      else if (path !== '/ingress/validate_session' || this.ingress.validateSession(String(body['session']))) ok();
      else answerText(response, 401);
      return;
    }
    const { app } = this;
    const system = systemInfo(app, this.core?.version ?? '2026.11.0');
    const documents: Record<string, unknown> = {
      ...system,
      // Where Core itself is to be found, as far as a test has one.
      ...(this.core && { '/core/info': { ...(system['/core/info'] as object), ...coreAddress(this.core) } }),
      '/addons/self/info': appInfo(app),
      [`/addons/${app.slug}/info`]: appInfo(app),
      '/network/info': networkInfo(this.host),
      '/ingress/panels': {
        panels: {
          [app.slug]: { title: 'Voice Streaming', icon: 'mdi:microphone', admin: app.panelAdmin, enable: false },
        },
      },
      ...(this.mqtt === null ? {} : { '/services/mqtt': { addon: 'core_mosquitto', ...this.mqtt } }),
    };
    if (path === '/services/mqtt' && this.mqtt === null) error('Service not enabled');
    else if (path in documents) ok(documents[path]);
    else answerText(response, 404);
  }

  async #startApp(ok: () => void, error: (message: string) => void): Promise<void> {
    try {
      await this.onStart();
      this.app.state = 'started';
      ok();
    } catch (reason) {
      error(reason instanceof Error ? reason.message : String(reason));
    }
  }

  async #user(id: unknown): Promise<IngressUser | null> {
    if (this.core === null || typeof id !== 'string') return null;
    const users = await askCore<IngressUser[]>(this.core, { type: 'config/auth/list' }).catch(() => []);
    return users.find((user) => user.id === id) ?? null;
  }

  async #proxy(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.core === null) {
      answerText(response, 502);
      return;
    }
    const body: Buffer[] = [];
    for await (const chunk of request) body.push(chunk as Buffer);
    const answer = await requestCore(this.core, {
      path: (request.url ?? '').replace(/^\/core/, ''),
      method: request.method ?? 'GET',
      headers: { 'content-type': request.headers['content-type'] ?? 'application/octet-stream' },
      body: Buffer.concat(body),
    });
    response.writeHead(answer.statusCode ?? 502, { 'content-type': answer.headers['content-type'] ?? 'text/plain' });
    answer.pipe(response);
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://supervisor').pathname;
    if (path.startsWith('/ingress/')) {
      this.ingress.handleUpgrade(request, socket, head);
      return;
    }
    this.requests.push(`GET ${path}`);
    if (path !== '/core/websocket' && path !== '/core/api/websocket') return void socket.destroy();
    if ((await this.faults.meetsUpgrade(socket)) || (await this.coreFaults.meetsUpgrade(socket))) return;
    this.#webSockets.handleUpgrade(request, socket, head, (near) => this.#authenticate(near));
  }

  /** The Supervisor's own handshake: the add-on's token, not Core's. */
  #authenticate(near: WebSocket): void {
    const version = this.core?.version ?? 'landingpage';
    const fault = this.faults.now ?? this.coreFaults.now;
    near.on('error', () => near.terminate());
    near.send(fault === 'garbage' ? GARBAGE : JSON.stringify({ type: 'auth_required', ha_version: version }));
    const late = setTimeout(() => near.close(), AUTH_TIMEOUT_MS).unref();
    near.once('close', () => clearTimeout(late));
    near.once('message', (data: Buffer) => {
      clearTimeout(late);
      const token = /"(?:access_token|api_password)"\s*:\s*"([^"]*)"/.exec(data.toString())?.[1];
      if (token !== this.appToken || fault === 'unauthorized') {
        near.send(JSON.stringify({ type: 'auth_invalid', message: 'Invalid access' }));
        near.close();
        return;
      }
      near.pause();
      near.send(JSON.stringify({ type: 'auth_ok', ha_version: version }));
      void this.#join(near);
    });
  }

  async #join(near: WebSocket): Promise<void> {
    const far = this.core && (await openCore(this.core).catch(() => null));
    near.resume();
    if (!far) {
      near.close();
      return;
    }
    this.#proxied.add(near);
    far.on('message', (data: Buffer) => near.send(data.toString()));
    near.on('message', (data: Buffer) => {
      const text = data.toString();
      const { id, type } = parse(text);
      if (!/^(?:supervisor|hassio)\//.test(String(type))) far.send(text);
      else
        near.send(
          JSON.stringify({
            id,
            type: 'result',
            success: false,
            error: { code: 'unauthorized', message: 'Unauthorized' },
          }),
        );
    });
    far.on('close', () => near.close());
    near.on('close', () => {
      this.#proxied.delete(near);
      far.terminate();
    });
  }
}

function coreAddress({ url }: CoreLink): { ip_address: string; port: number; ssl: boolean } {
  const { hostname, port, protocol } = new URL(url);
  return {
    ip_address: hostname === 'localhost' ? '127.0.0.1' : hostname,
    port: Number(port),
    ssl: protocol === 'https:',
  };
}

function bearer(request: IncomingMessage): string | undefined {
  const header = request.headers.authorization ?? request.headers['x-supervisor-token'];
  return typeof header === 'string' ? header.split(' ').at(-1) : undefined;
}

function parse(text: string): { id?: unknown; type?: unknown } {
  try {
    return JSON.parse(text) as { id?: unknown; type?: unknown };
  } catch {
    return {};
  }
}
