/**
 * CoreSocket: one authenticated WebSocket to Core, as home-assistant-js-websocket wants it. Made here and not by that
 * library because Node 20 has no WebSocket of its own, and because the library lets an answer that is no JSON, or no
 * message, throw into the socket: that would end the process.
 */
import type { HaWebSocket } from 'home-assistant-js-websocket';
import * as v from 'valibot';
import { WebSocket } from 'ws';

export interface CoreSocketOptions {
  /** `ws://supervisor/core/websocket`. */
  url: string;
  token: string;
  /** From dialling to `auth_ok`. Default 10 s. */
  timeoutMs?: number;
  /** A longer message ends the connection. Default 4 MiB. */
  maxMessageBytes?: number;
  /** Gives up, too. */
  signal?: AbortSignal;
}

/** No connection; the message is a sentence for a person. */
export class CoreSocketError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CoreSocketError';
  }
}

/** The library numbers its own from 3. */
const PING_ID = 1;
/** From our `close` to the end of the TCP connection, if Core says nothing. */
const CLOSE_TIMEOUT_MS = 1_000;

/** It is told in the log, so it must look like one: `2026.11.0b3`. */
const version = v.pipe(v.string(), v.regex(/^\d{1,4}(?:\.[0-9a-z]{1,20}){1,4}$/));

const authMessage = v.variant('type', [
  v.object({ type: v.literal('auth_required') }),
  v.object({ type: v.literal('auth_invalid') }),
  v.object({ type: v.literal('auth_ok'), ha_version: v.fallback(version, '') }),
  v.object({ type: v.literal('pong'), id: v.literal(PING_ID) }),
]);
const anyMessage = v.looseObject({ type: v.string() });
const messages = v.union([anyMessage, v.array(anyMessage)]);

/** Rejects with CoreSocketError. */
export function openCoreSocket(options: CoreSocketOptions): Promise<HaWebSocket> {
  const { url, token, timeoutMs = 10_000, maxMessageBytes = 4 * 1024 * 1024, signal } = options;
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, {
      handshakeTimeout: timeoutMs,
      maxPayload: maxMessageBytes,
      perMessageDeflate: false,
    });
    // For as long as the socket lives: an 'error' without a listener would end the process.
    socket.on('error', () => undefined);
    const fail = (sentence: string, cause?: unknown): void => {
      settle();
      socket.terminate();
      reject(new CoreSocketError(sentence, { cause }));
    };
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
      socket.removeAllListeners('message');
      socket.removeAllListeners('close');
      // Or an error of later would do all this again, and the library would never hear of the end.
      socket.off('error', refuse);
    };
    const refuse = (error: Error): void => fail(sentenceOf(error), error);
    const giveUp = (): void => fail('We are closing.');
    const timer = setTimeout(() => fail('Home Assistant Core does not answer in time.'), timeoutMs);
    signal?.addEventListener('abort', giveUp);
    socket.once('error', refuse);
    let haVersion: string | undefined;
    socket.once('close', () => {
      fail(
        haVersion === undefined
          ? 'Home Assistant Core closed the connection before it had let us in.'
          : 'Home Assistant Core is not running.',
      );
    });
    socket.on('message', (data) => {
      const message = v.safeParse(authMessage, parseJson(textOf(data)));
      if (!message.success) {
        fail('What answers in the place of Home Assistant Core does not speak its language.');
      } else if (message.output.type === 'auth_required') {
        socket.send(JSON.stringify({ type: 'auth', access_token: token }));
      } else if (message.output.type === 'auth_invalid') {
        fail('Home Assistant Core refuses our token.');
      } else if (message.output.type === 'auth_ok') {
        // That was the Supervisor, which lets us in first and only then looks for Core.
        haVersion = message.output.ha_version;
        socket.send(JSON.stringify({ id: PING_ID, type: 'ping' }));
      } else if (haVersion !== undefined) {
        settle();
        resolve(guarded(socket, haVersion));
      }
    });
  });
}

/** The members the library uses, none of which can throw into the socket. */
function guarded(socket: WebSocket, haVersion: string): HaWebSocket {
  const listeners = new Map<unknown, (data?: unknown) => void>();
  const guard = {
    OPEN: WebSocket.OPEN,
    haVersion,
    get readyState() {
      return socket.readyState;
    },
    send: (text: string) => socket.send(text),
    close: () => {
      socket.close();
      setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS).unref();
    },
    addEventListener: (type: 'message' | 'close', listener: (event: { data: string }) => void) => {
      const call = (data?: unknown): void => {
        try {
          if (type === 'close') listener({ data: '' });
          else listener({ data: JSON.stringify(v.parse(messages, JSON.parse(textOf(data)))) });
        } catch {
          // Nothing can be made of it, so nothing can be made of what follows. A new connection may do better.
          socket.terminate();
        }
      };
      listeners.set(listener, call);
      socket.on(type, call);
    },
    removeEventListener: (type: 'message' | 'close', listener: unknown) => {
      const call = listeners.get(listener);
      if (call) socket.off(type, call);
    },
  };
  return guard as unknown as HaWebSocket;
}

function textOf(data: unknown): string {
  return Array.isArray(data) ? Buffer.concat(data as Buffer[]).toString('utf8') : String(data);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sentenceOf(error: Error & { code?: string }): string {
  const status = /^Unexpected server response: (\d+)$/.exec(error.message)?.[1];
  if (status === '502' || status === '503' || status === '504') {
    return `Home Assistant Core is not running (${status}).`;
  }
  if (status === '401' || status === '403') return `Home Assistant Core refuses our token (${status}).`;
  return `Home Assistant Core cannot be reached: ${error.message === '' ? (error.code ?? 'no reason') : error.message}.`;
}
