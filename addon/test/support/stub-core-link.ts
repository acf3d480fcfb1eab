/** The Supervisor's way to Core, stub or real: over HTTP with a token, or over the socket that Core opens for it (2026.7 on). */
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { WebSocket } from 'ws';

export interface CoreLink {
  /** `http://127.0.0.1:8123`. */
  url: string;
  /** Of the user "Supervisor"; needless with a socket. */
  accessToken?: string;
  /** What Core was given as SUPERVISOR_CORE_API_SOCKET: whoever comes this way is the Supervisor. */
  socketPath?: string;
  version: string;
}

interface Result {
  type: string;
  success?: boolean;
  result?: unknown;
  error?: { code: string; message: string };
}

/** A connection that Core has accepted. Rejects when it does not. */
export async function openCore(link: CoreLink): Promise<WebSocket> {
  const path = '/api/websocket';
  const socket = new WebSocket(
    link.socketPath === undefined ? `${link.url.replace('http', 'ws')}${path}` : `ws+unix:${link.socketPath}:${path}`,
  );
  for (;;) {
    const { type } = await nextMessage(socket);
    if (type === 'auth_ok') return socket;
    if (type !== 'auth_required') {
      socket.terminate();
      throw new Error(`Core said ${type}`);
    }
    socket.send(JSON.stringify({ type: 'auth', access_token: link.accessToken }));
  }
}

/** One command on a connection of its own; its result, or an error with Core's code. */
export async function askCore<T>(link: CoreLink, command: Record<string, unknown>): Promise<T> {
  const socket = await openCore(link);
  try {
    socket.send(JSON.stringify({ id: 1, ...command }));
    const answer = await nextMessage(socket);
    if (answer.success !== true) throw new Error(answer.error?.code ?? 'no result');
    return answer.result as T;
  } finally {
    socket.terminate();
  }
}

/** A plain request to Core in the Supervisor's name. */
export function requestCore(
  link: CoreLink,
  { path, method, headers, body }: { path: string; method: string; headers: OutgoingHttpHeaders; body: Buffer },
): Promise<IncomingMessage> {
  const bearer = link.accessToken === undefined ? {} : { authorization: `Bearer ${link.accessToken}` };
  const way = link.socketPath === undefined ? {} : { socketPath: link.socketPath };
  return new Promise((resolve, reject) => {
    const url = new URL(path, link.url);
    const request = httpRequest(url, { ...way, method, agent: false, headers: { ...headers, ...bearer } }, resolve);
    request.on('error', reject);
    request.end(body);
  });
}

async function nextMessage(socket: WebSocket): Promise<Result> {
  const message = once(socket, 'message') as Promise<[Buffer]>;
  const closed = once(socket, 'close').then(() => {
    throw new Error('Core closed the connection');
  });
  const [data] = await Promise.race([message, closed]);
  return JSON.parse(data.toString()) as Result;
}
