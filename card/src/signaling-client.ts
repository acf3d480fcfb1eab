/**
 * One WebSocket to the add-on that is always there or coming back: typed requests, events, the handshake (version,
 * token) and liveness. It knows nothing of peers, streams or elements.
 */
import { RequestError } from '@voice-streaming/shared/errors';
import { parseServerMessage } from '@voice-streaming/shared/parse';
import {
  MIN_PROTOCOL_VERSION,
  PROTOCOL_VERSION,
  type ByeReason,
  type Limits,
  type Requests,
  type RequestType,
  type ServerEvent,
  type ServerMessage,
  type User,
} from '@voice-streaming/shared/protocol';
import { Backoff } from './backoff.ts';
import { Emitter } from './emitter.ts';
import { ConnectionLostError, PendingRequests } from './pending-requests.ts';
import { webSocketOpener, type OpenSocket, type Socket } from './socket.ts';
import { steadyNow } from './steady-clock.ts';

export { ConnectionLostError, RequestTimeoutError } from './pending-requests.ts';

export type Hello = Extract<ServerEvent, { type: 'hello' }>;

export type Connection =
  /** The first try is running. */
  | { state: 'connecting' }
  /** Requests are answered. */
  | { state: 'ready'; limits: Limits; user: User | null }
  /** Lost or never reached; tried again by itself. `bye` is what the server said before it closed. */
  | { state: 'away'; bye: ByeReason | null }
  /** Waits for `setToken`; `refused`: the last token was wrong. */
  | { state: 'needsToken'; refused: boolean }
  /** One end is too old for the other; a reload is needed. */
  | { state: 'versionMismatch'; older: 'card' | 'server' }
  | { state: 'closed' };

export interface SignalingClientOptions {
  url: string;
  token?: string | undefined;
  openSocket?: OpenSocket | undefined;
  /** The server says something every 4 s; silence beyond this is a dead connection. */
  silenceLimitMs?: number;
  /** From a try to the server's `hello`. On a dead network TCP asks at 0, 1, 3 and 7 s: a new try soon asks more often. */
  connectLimitMs?: number;
  requestTimeoutMs?: number;
  backoff?: Backoff;
}

const LIVENESS_CHECK_MS = 1_000;
/** After a sleep, what the network has queued is delivered first; only then is silence judged. */
const WAKE_GRACE_MS = 500;
/** A try that began longer ago than this may wait for a network that was not there. */
const STALE_TRY_MS = 1_000;
/** In the LAN an answer takes some milliseconds; TCP asks again after 0.2 and 0.6 s. */
const CHECK_LIMIT_MS = 1_300;

export class SignalingClient {
  /** The connection changed; read `connection`. */
  readonly changed = new Emitter();
  readonly events = new Emitter<ServerEvent>();
  readonly #url: string;
  readonly #openSocket: OpenSocket;
  readonly #silenceLimitMs: number;
  readonly #connectLimitMs: number;
  readonly #backoff: Backoff;
  readonly #pending: PendingRequests;
  #connection: Connection = { state: 'closed' };
  #token: string | undefined;
  #socket: Socket | null = null;
  /** Counts sockets: what an older one still says is not heard. */
  #call = 0;
  #triedAt = 0;
  #lastMessageAt = 0;
  #heardAt = 0;
  #clockLeadMs = 0;
  #messages = 0;
  #checking: Promise<boolean> | null = null;
  #hello: Hello | null = null;
  #bye: ByeReason | null = null;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #livenessTimer: ReturnType<typeof setInterval> | undefined;
  #graceTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: SignalingClientOptions) {
    this.#url = options.url;
    this.#token = options.token;
    this.#openSocket = options.openSocket ?? webSocketOpener();
    this.#silenceLimitMs = options.silenceLimitMs ?? 10_000;
    this.#connectLimitMs = options.connectLimitMs ?? 4_000;
    this.#pending = new PendingRequests(options.requestTimeoutMs ?? 10_000);
    this.#backoff = options.backoff ?? new Backoff();
  }

  get connection(): Connection {
    return this.#connection;
  }

  get serverVersion(): string | null {
    return this.#hello?.serverVersion ?? null;
  }

  /** steadyNow() of the server's last word, on whichever connection; 0: none yet. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** Our clock less the server's. */
  get clockLeadMs(): number {
    return this.#clockLeadMs;
  }

  start(): void {
    if (this.#connection.state !== 'closed') return;
    this.#set({ state: 'connecting' });
    this.#connect();
  }

  /** Ends for good (until `start`); requests in flight reject. */
  close(): void {
    this.#drop();
    if (this.#connection.state !== 'closed') this.#set({ state: 'closed' });
  }

  /** A token from the person or the config; tried at once when one is being waited for. */
  setToken(token: string): void {
    this.#token = token;
    if (this.#connection.state !== 'needsToken') return;
    this.#set({ state: 'connecting' });
    this.#connect();
  }

  /** The page woke up or the network came back: look at once instead of at the next timer. */
  poke(): void {
    const { state } = this.#connection;
    if (state === 'ready') {
      clearTimeout(this.#graceTimer);
      this.#graceTimer = setTimeout(() => this.#checkLiveness(), WAKE_GRACE_MS);
    } else if (state === 'away' || state === 'connecting') {
      this.#backoff.reset();
      if (this.#retryTimer !== undefined || steadyNow() - this.#triedAt > STALE_TRY_MS) this.#connect();
    }
  }

  /** Asks the server something harmless: when it says nothing within CHECK_LIMIT_MS, this connection is lost. */
  check(ask: () => Promise<unknown>): Promise<boolean> {
    if (this.#connection.state !== 'ready') return Promise.resolve(false);
    this.#checking ??= new Promise((resolve) => {
      const call = this.#call;
      const before = this.#messages;
      const judge = (): void => {
        clearTimeout(timer);
        this.#checking = null;
        const isAlive = call === this.#call && this.#messages > before;
        if (!isAlive && call === this.#call) this.#lost();
        resolve(isAlive);
      };
      const timer = setTimeout(judge, CHECK_LIMIT_MS);
      const answered = (): void => {
        if (call !== this.#call || this.#messages > before) judge();
      };
      ask().then(answered, answered);
    });
    return this.#checking;
  }

  request<T extends RequestType>(type: T, args: Requests[T]['args']): Promise<Requests[T]['result']> {
    if (this.#connection.state !== 'ready') return Promise.reject(new ConnectionLostError(type));
    return this.#send(type, args);
  }

  #send<T extends RequestType>(type: T, args: Requests[T]['args']): Promise<Requests[T]['result']> {
    const socket = this.#socket;
    if (!socket) return Promise.reject(new ConnectionLostError(type));
    return this.#pending.add(type, args, (text) => socket.send(text));
  }

  #connect(): void {
    this.#drop();
    const call = this.#call;
    const ours = (): boolean => call === this.#call;
    this.#hello = null;
    this.#bye = null;
    this.#triedAt = this.#lastMessageAt = steadyNow();
    this.#livenessTimer = setInterval(() => this.#checkLiveness(), LIVENESS_CHECK_MS);
    try {
      this.#socket = this.#openSocket(this.#url, {
        message: (data) => {
          if (ours()) this.#receive(data);
        },
        closed: () => {
          if (ours()) this.#lost();
        },
      });
    } catch {
      this.#lost();
    }
  }

  /** Releases socket, timers and requests in flight; says nothing about what comes next. */
  #drop(): void {
    this.#call += 1;
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#graceTimer);
    clearInterval(this.#livenessTimer);
    this.#retryTimer = undefined;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#pending.connectionLost();
  }

  #lost(): void {
    const triedForMs = this.#hello ? 0 : steadyNow() - this.#triedAt;
    this.#drop();
    this.#retryTimer = setTimeout(() => this.#connect(), this.#backoff.nextMs(triedForMs));
    this.#set({ state: 'away', bye: this.#bye });
  }

  /** Stops trying: only a person can help now. */
  #stopWith(connection: Connection): void {
    this.#drop();
    this.#set(connection);
  }

  #checkLiveness(): void {
    const silentMs = steadyNow() - this.#lastMessageAt;
    if (this.#hello ? silentMs > this.#silenceLimitMs : silentMs >= this.#connectLimitMs) this.#lost();
  }

  #receive(data: unknown): void {
    this.#lastMessageAt = this.#heardAt = steadyNow();
    this.#messages += 1;
    let message: ServerMessage;
    try {
      message = parseServerMessage(typeof data === 'string' ? data : '');
    } catch {
      return; // A message of a newer server; `hello` has told whether we still understand each other.
    }
    switch (message.type) {
      case 'result':
      case 'error':
        this.#pending.settle(message);
        return;
      case 'hello':
        this.#greet(message);
        return;
      case 'bye':
        this.#bye = message.reason;
        if (message.reason === 'unauthorized') this.#stopWith({ state: 'needsToken', refused: true });
        else this.#lost();
        return;
      default:
        this.events.emit(message);
    }
  }

  #greet(hello: Hello): void {
    this.#hello = hello;
    this.#clockLeadMs = hello.time === undefined ? 0 : steadyNow() - hello.time;
    if (hello.minProtocolVersion > PROTOCOL_VERSION) this.#stopWith({ state: 'versionMismatch', older: 'card' });
    else if (hello.protocolVersion < MIN_PROTOCOL_VERSION)
      this.#stopWith({ state: 'versionMismatch', older: 'server' });
    else if (hello.auth === 'none') this.#becomeReady(hello, hello.user ?? null);
    else void this.#authenticate(hello);
  }

  async #authenticate(hello: Hello): Promise<void> {
    if (this.#token === undefined || this.#token === '') {
      this.#stopWith({ state: 'needsToken', refused: false });
      return;
    }
    const call = this.#call;
    try {
      const { user } = await this.#send('authenticate', { token: this.#token });
      if (call === this.#call) this.#becomeReady(hello, user);
    } catch (error) {
      if (call !== this.#call) return;
      if (error instanceof RequestError && (error.code === 'unauthorized' || error.code === 'bad_arguments')) {
        this.#stopWith({ state: 'needsToken', refused: true });
      } else {
        this.#lost();
      }
    }
  }

  #becomeReady(hello: Hello, user: User | null): void {
    this.#backoff.reset();
    this.#set({ state: 'ready', limits: hello.limits, user });
  }

  #set(connection: Connection): void {
    this.#connection = connection;
    this.changed.emit();
  }
}
