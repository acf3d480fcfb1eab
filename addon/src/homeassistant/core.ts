/**
 * Core: the connection to Home Assistant Core's WebSocket API, kept up for as long as the add-on runs. Core may be away,
 * restart, refuse us or talk nonsense: that is told once, tried again quietly, and nobody has to wait for it.
 * home-assistant-js-websocket (by the makers of Core) numbers and matches the messages. What it lacks is added here: a
 * keepalive, an end to unanswered requests, and retries after a refused token.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Connection, ERR_INVALID_AUTH, type HaWebSocket } from 'home-assistant-js-websocket';
import * as v from 'valibot';
import type { Closeable } from '../closeable.ts';
import type { Log } from '../log.ts';
import { Complaint } from './complaint.ts';
import { openCoreSocket } from './core-socket.ts';
import { quoted } from './quoted.ts';
import { retry } from './retry.ts';

export interface CoreOptions {
  log: Log;
  /** `ws://supervisor/core/websocket`. */
  url: string;
  token: string;
  /** Default 30 s. */
  pingIntervalMs?: number;
  /** For one answer; a ping unanswered for as long ends the connection. Default 10 s. */
  requestTimeoutMs?: number;
  /** Between tries, doubling. Default 1 s to 10 s: a restart of Core takes a minute, and events are lost until we are back. */
  firstPauseMs?: number;
  longestPauseMs?: number;
  /** A connection that lived shorter is not opened again at once. Default 5 s. */
  shortLifeMs?: number;
}

/** Requests that Core did not answer as asked. */
export class CoreError extends Error {
  /** `away`, `late`, `garbage`, or Core's own: `unauthorized`, `unknown_command`… */
  readonly code: string;
  /** Core's own words; empty when it said none. */
  readonly said: string;

  constructor(code: string, message: string, { said = '', ...options }: ErrorOptions & { said?: string } = {}) {
    super(message, options);
    this.name = 'CoreError';
    this.code = code;
    this.said = said;
  }
}

export interface CoreMessage {
  type: string;
  [key: string]: unknown;
}

const refusal = v.object({ code: v.union([v.string(), v.number()]), message: v.optional(v.string(), '') });

export class Core implements Closeable {
  readonly #options: CoreOptions;
  readonly #log: Log;
  readonly #complaint: Complaint;
  readonly #closed = new AbortController();
  readonly #callbacks = new Set<() => void>();
  readonly #lostCallbacks = new Set<() => void>();
  #connection: Connection | undefined;
  #pings: NodeJS.Timeout | undefined;
  #connectedAtMs = -Infinity;

  constructor(options: CoreOptions) {
    this.#options = options;
    this.#log = options.log.child('core');
    this.#complaint = new Complaint(this.#log);
  }

  get connected(): boolean {
    return this.#connection?.connected === true;
  }

  /** What is in the way of a connection; undefined when nothing is. */
  get trouble(): string | undefined {
    return this.#complaint.reason;
  }

  /** Begins to connect, once. */
  start(): void {
    void this.#connect();
  }

  /** Called after each connection and reconnection. Returns its own unsubscribe function. */
  onConnected(callback: () => void): () => void {
    this.#callbacks.add(callback);
    return () => this.#callbacks.delete(callback);
  }

  /** Called when a connection has ended, unless by `close`. Returns its own unsubscribe function. */
  onDisconnected(callback: () => void): () => void {
    this.#lostCallbacks.add(callback);
    return () => this.#lostCallbacks.delete(callback);
  }

  /** Asks Core; rejects with CoreError, at once while Core is away. */
  async request<S extends v.GenericSchema>(
    message: CoreMessage,
    schema: S,
    timeoutMs?: number,
  ): Promise<v.InferOutput<S>> {
    const send = (connection: Connection): Promise<unknown> => connection.sendMessagePromise(message);
    const parsed = v.safeParse(schema, await this.#ask(message.type, send, timeoutMs));
    if (parsed.success) return parsed.output;
    throw new CoreError('garbage', `Home Assistant Core's answer to ${message.type} is not as expected.`);
  }

  /**
   * Asks for events, for as long as this connection lasts: do it again in `onConnected`. One that is not as `schema` says
   * is left out and told. Rejects as `request` does.
   */
  async subscribe<S extends v.GenericSchema>(
    message: CoreMessage,
    schema: S,
    callback: (event: v.InferOutput<S>) => void,
  ): Promise<void> {
    const take = (event: unknown): void => {
      const parsed = v.safeParse(schema, event);
      if (!parsed.success) {
        this.#complaint.say(`What Home Assistant Core tells by ${message.type} is not as expected.`);
        return;
      }
      try {
        callback(parsed.output);
      } catch (error) {
        this.#log.error(`what came by ${message.type} could not be handled`, error);
      }
    };
    // The library would ask again by itself, and end the process when that is refused.
    const options = { resubscribe: false };
    let subscribed: Promise<() => Promise<void>> | undefined;
    try {
      await this.#ask(message.type, (connection) => {
        return (subscribed = connection.subscribeMessage(take, { ...message }, options));
      });
    } catch (error) {
      // Whoever asks again would be told twice.
      subscribed?.then((unsubscribe) => unsubscribe()).catch(() => undefined);
      throw error;
    }
  }

  close(): Promise<void> {
    this.#closed.abort();
    clearInterval(this.#pings);
    this.#connection?.close();
    return Promise.resolve();
  }

  async #ask<T>(
    type: string,
    send: (connection: Connection) => Promise<T>,
    timeoutMs = this.#options.requestTimeoutMs ?? 10_000,
  ): Promise<T> {
    const connection = this.#connection;
    if (!connection?.connected) throw new CoreError('away', 'Home Assistant Core is not connected.');
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const error = new CoreError('late', `Home Assistant Core did not answer ${type} in time.`);
      timer = setTimeout(() => reject(error), timeoutMs);
    });
    try {
      return await Promise.race([send(connection), late]);
    } catch (error) {
      throw asCoreError(error, type, this.#options.token);
    } finally {
      clearTimeout(timer);
    }
  }

  async #connect(): Promise<void> {
    let socket: HaWebSocket;
    try {
      socket = await this.#open();
    } catch {
      return; // Closed meanwhile.
    }
    const connection = new Connection(socket, { setupRetry: 0, createSocket: () => this.#open() });
    connection.addEventListener('ready', () => this.#ready());
    connection.addEventListener('disconnected', () => {
      if (this.#closed.signal.aborted) return;
      this.#complaint.say('The connection to Home Assistant Core is lost.');
      this.#tell(this.#lostCallbacks);
    });
    this.#connection = connection;
    this.#pings = setInterval(() => void this.#ping(connection), this.#options.pingIntervalMs ?? 30_000);
    this.#ready();
  }

  /** A socket, however long it takes. Rejects only when closed, with what makes the library give up. */
  async #open(): Promise<HaWebSocket> {
    const { shortLifeMs = 5_000, longestPauseMs = 10_000, ...options } = this.#options;
    const { signal } = this.#closed;
    try {
      if (performance.now() - this.#connectedAtMs < shortLifeMs) await delay(shortLifeMs, undefined, { signal });
      const dial = { ...options, signal, timeoutMs: options.requestTimeoutMs ?? 10_000 };
      const socket = await retry(() => openCoreSocket(dial), {
        ...options,
        longestPauseMs,
        signal,
        onFailure: (error) => this.#complaint.say(error instanceof Error ? error.message : String(error)),
      });
      if (!signal.aborted) return socket;
      socket.close();
    } catch {
      // Only an abort gets here.
    }
    // The library's errors are numbers.
    // eslint-disable-next-line @typescript-eslint/only-throw-error
    throw ERR_INVALID_AUTH;
  }

  #ready(): void {
    const isFirst = this.#connectedAtMs === -Infinity;
    this.#connectedAtMs = performance.now();
    const version = this.#connection?.haVersion ?? '';
    if (isFirst) this.#log.info(`connected to Home Assistant ${version}`);
    this.#complaint.settle(`connected to Home Assistant ${version} again`);
    this.#tell(this.#callbacks);
  }

  #tell(callbacks: ReadonlySet<() => void>): void {
    for (const callback of [...callbacks]) {
      try {
        callback();
      } catch (error) {
        this.#log.error('a listener of the connection failed', error);
      }
    }
  }

  /** A dead peer is noticed by nothing else: neither Core nor the library says anything of its own accord. */
  async #ping(connection: Connection): Promise<void> {
    if (!connection.connected) return;
    try {
      await this.request({ type: 'ping' }, v.unknown());
    } catch (error) {
      if (!(error instanceof CoreError) || error.code !== 'late' || this.#closed.signal.aborted) return;
      this.#complaint.say('Home Assistant Core does not answer any more.');
      connection.reconnect(true);
    }
  }
}

/** The library rejects with Core's error object, or with a number of its own. */
function asCoreError(error: unknown, type: string, token: string): CoreError {
  if (error instanceof CoreError) return error;
  const parsed = v.safeParse(v.union([refusal, v.object({ error: refusal })]), error);
  if (!parsed.success) return new CoreError('away', `Home Assistant Core went away before it answered ${type}.`);
  const { code, message } = 'error' in parsed.output ? parsed.output.error : parsed.output;
  if (typeof code === 'number')
    return new CoreError('away', `Home Assistant Core went away before it answered ${type}.`);
  const [why, said] = [quoted(code, token), quoted(message, token)];
  // Without Core's own object as the cause: whatever it holds, a log of causes would tell it whole.
  return new CoreError(why, `Home Assistant Core refuses ${type} (${why})${said === '' ? '' : `: ${said}`}`, { said });
}
