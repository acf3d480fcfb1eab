/**
 * One hop of ingress as aiohttp makes it, in Core and in the Supervisor alike: what passes through, what is lost on the way.
 * Core: homeassistant/components/hassio/ingress.py. Supervisor: supervisor/api/ingress.py.
 */
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { answerText } from './stub-faults.ts';

export interface Upstream {
  /** Whole URL of the next hop: `http://host:port/path?query`. */
  url: URL;
  headers: Record<string, string>;
  /** Where our connection comes from, for a next hop that admits one address only. */
  localAddress?: string | undefined;
}

/** Neither passed on nor copied; the next hop gets its own. */
const LOST_REQUEST_HEADERS = [
  'content-length',
  'content-encoding',
  'transfer-encoding',
  'sec-websocket-extensions',
  'sec-websocket-protocol',
  'sec-websocket-version',
  'sec-websocket-key',
  'connection',
  'upgrade',
];
const LOST_RESPONSE_HEADERS = ['transfer-encoding', 'content-length', 'content-encoding', 'connection', 'keep-alive'];
/** Answers with a known length up to this one are read whole, so that their length is told; others lose it. */
const MAX_BUFFERED_BYTES = 4_194_000;
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

const sockets = new WebSocketServer({
  noServer: true,
  autoPong: false,
  maxPayload: MAX_MESSAGE_BYTES,
  // aiohttp answers with the first one offered.
  handleProtocols: (offered) => [...offered][0] ?? false,
});

/** The caller's headers, without those that are lost and without `without`. */
export function passedHeaders(request: IncomingMessage, without: readonly string[] = []): Record<string, string> {
  const lost = [...LOST_REQUEST_HEADERS, ...without];
  return Object.fromEntries(
    Object.entries(request.headers)
      .filter(([name]) => !lost.includes(name))
      .map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}

export function forwardRequest(request: IncomingMessage, response: ServerResponse, upstream: Upstream): void {
  const { url, headers, localAddress } = upstream;
  const onward = httpRequest(url, { method: request.method, headers, localAddress, agent: false }, (answer) => {
    void passOn(answer, request, response).catch(() => response.destroy());
  });
  onward.on('error', () => {
    if (response.headersSent) response.destroy();
    else answerText(response, 502);
  });
  response.on('close', () => onward.destroy());
  if (request.method === 'GET' || request.method === 'HEAD') onward.end();
  else request.pipe(onward);
}

async function passOn(answer: IncomingMessage, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const status = answer.statusCode ?? 502;
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined && !LOST_RESPONSE_HEADERS.includes(name)) response.setHeader(name, value);
  }
  // Parameters are lost, the charset among them.
  const type = answer.headers['content-type']?.split(';')[0]?.trim() ?? 'application/octet-stream';
  response.setHeader('content-type', type);
  response.statusCode = status;
  if (request.method === 'HEAD' || status === 204 || status === 304) {
    answer.resume();
    response.end();
    return;
  }
  const length = answer.headers['content-length'];
  if (length !== undefined && Number(length) <= MAX_BUFFERED_BYTES) {
    const body: Buffer[] = [];
    for await (const chunk of answer) body.push(chunk as Buffer);
    response.end(Buffer.concat(body));
    return;
  }
  response.setHeader('x-accel-buffering', 'no');
  response.flushHeaders();
  for await (const chunk of answer) response.write(chunk);
  response.end();
}

/**
 * The caller's side opens first, whatever the next hop will say. Messages, pings and pongs pass; a close becomes a plain
 * 1000 on the other side, without its code and reason.
 */
export function forwardWebSocket(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  { url, headers, localAddress }: Upstream,
): void {
  sockets.handleUpgrade(request, socket, head, (near) => {
    near.pause();
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    const protocols = offered.filter((name) => name !== '');
    const target = new URL(url);
    target.protocol = 'ws:';
    const far = new WebSocket(target, protocols, {
      headers,
      autoPong: false,
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE_BYTES,
      ...(localAddress === undefined ? {} : { localAddress }),
    });
    far.on('open', () => near.resume());
    // aiohttp is in the midst of a WebSocket then and can only break off.
    far.on('unexpected-response', () => near.terminate());
    far.on('error', () => {
      if (far.readyState === WebSocket.CONNECTING) near.terminate();
    });
    relay(near, far);
    relay(far, near);
  });
}

function relay(from: WebSocket, to: WebSocket): void {
  const ifOpen = (send: () => void) => {
    if (to.readyState === WebSocket.OPEN) send();
  };
  from.on('message', (data: Buffer, binary) => ifOpen(() => to.send(data, { binary })));
  from.on('ping', (data: Buffer) => ifOpen(() => to.ping(data)));
  from.on('pong', (data: Buffer) => ifOpen(() => to.pong(data)));
  const end = (): void => {
    from.terminate();
    if (to.readyState === WebSocket.OPEN) {
      to.resume();
      to.close(1000);
    } else if (to.readyState === WebSocket.CONNECTING) to.terminate();
  };
  from.on('close', end);
  from.on('error', end);
}
