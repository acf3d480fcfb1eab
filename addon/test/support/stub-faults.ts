/** Ways in which the Supervisor or Core fails a caller; set, taken back, and set again while a test runs. */
import { EventEmitter, once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * `away`: the connection breaks at once. `unauthorized`: 401, or `auth_invalid` where a WebSocket authenticates.
 * `badGateway`: 502, as while Core restarts. `garbage`: 200 and no JSON. `slow`: no answer before the fault is over.
 */
export type Fault = 'away' | 'unauthorized' | 'badGateway' | 'garbage' | 'slow';

export const GARBAGE = '<!doctype html><title>Nginx</title>';

/** One switch: `faults.set('slow')`, later `faults.set(null)`. */
export class Faults {
  #now: Fault | null = null;
  readonly #over = new EventEmitter();

  get now(): Fault | null {
    return this.#now;
  }

  set(fault: Fault | null): void {
    this.#now = fault;
    this.#over.emit('change');
  }

  /** True when the fault has dealt with the request. */
  async meets(response: ServerResponse): Promise<boolean> {
    await this.slowness();
    switch (this.#now) {
      case 'away':
        response.destroy();
        return true;
      case 'unauthorized':
        answerText(response, 401);
        return true;
      case 'badGateway':
        answerText(response, 502);
        return true;
      case 'garbage':
        response.writeHead(200, { 'content-type': 'text/html' }).end(GARBAGE);
        return true;
      default:
        return false;
    }
  }

  /** The same for a request that wants a WebSocket; `unauthorized` and `garbage` are said on the socket later. */
  async meetsUpgrade(socket: Duplex): Promise<boolean> {
    await this.slowness();
    if (this.#now === 'away') socket.destroy();
    else if (this.#now === 'badGateway') refuseUpgrade(socket, 502);
    else return false;
    return true;
  }

  private async slowness(): Promise<void> {
    while (this.#now === 'slow') await once(this.#over, 'change');
  }
}

const REASONS: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};

/** As aiohttp says it. */
export function answerText(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${status}: ${REASONS[status] ?? ''}`);
}

export function refuseUpgrade(socket: Duplex, status: number): void {
  const body = `${status}: ${REASONS[status] ?? ''}`;
  const head = [`HTTP/1.1 ${body.replace(':', '')}`, 'Content-Type: text/plain', 'Connection: close'];
  socket.end(`${head.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
}

export function answerJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** The body as JSON; an empty one, or none that is JSON, is `{}`. */
export async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Listens on `host` and resolves to the port. */
export async function listen(server: Server, host: string, port = 0): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Closes it with all that is connected, sockets of WebSockets too. Idempotent. */
export async function closeServer(server: Server, sockets: ReadonlySet<Duplex>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  if (server.listening) await new Promise((resolve) => server.close(resolve));
}

/** All connections of a server, as upgraded ones are no longer its own. */
export function trackSockets(server: Server): ReadonlySet<Duplex> {
  const sockets = new Set<Duplex>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  return sockets;
}
