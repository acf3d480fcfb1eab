/**
 * ClientSocket: one client's WebSocket as sessions see it. What is sent is of two kinds: reliable messages keep their
 * order and are never lost, a client that lets more than `maxSendBufferBytes` of them pile up hears `bye`; `streams`,
 * `levels` and `alive` are coalescable, above `coalesceAboveBytes` only the newest `streams` is kept and the others are
 * skipped. Liveness: ping frames, which browsers answer without script, even in hidden tabs.
 */
import { ProtocolError } from '@voice-streaming/shared/errors';
import type { ByeReason, ServerMessage } from '@voice-streaming/shared/protocol';
import type { LimitName } from '../media/limit-breaches.ts';
import type { SignalingLimits } from './limits.ts';

/** The few members of ws's WebSocket that are used, so that tests can drive one by hand. */
export interface RawSocket {
  readonly bufferedAmount: number;
  send(text: string, flushed: (error?: Error) => void): void;
  ping(): void;
  /** Begins the closing handshake; ws destroys the connection itself after its `closeTimeout`. */
  close(code: number, reason: string): void;
  terminate(): void;
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): unknown;
  on(event: 'ping' | 'pong', listener: () => void): unknown;
  on(event: 'close', listener: (code: number) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

export interface ClientSocketEvents {
  text(text: string): void;
  /** A message that cannot be text of this protocol: binary or too long. */
  refused(error: ProtocolError): void;
  /** Said `bye`, or the connection is gone; called once, nothing follows. */
  ended(reason: string): void;
}

export type ClientSocketLimits = Pick<
  SignalingLimits,
  | 'maxMessageBytes'
  | 'maxSendBufferBytes'
  | 'coalesceAboveBytes'
  | 'pingIntervalMs'
  | 'pingTimeoutMs'
  | 'aliveIntervalMs'
>;

/** RFC 6455 7.4.1; only for clients that are not behind ingress, where every close is a 1000. */
const CLOSE_CODES: Record<ByeReason, number> = {
  closing: 1001,
  unauthorized: 1008,
  tooManyErrors: 1008,
  tooSlow: 1008,
  serverFull: 1013,
};

const LIMIT_OF_BYE: Partial<Record<ByeReason, LimitName>> = {
  unauthorized: 'auth_tries',
  tooManyErrors: 'faults',
  tooSlow: 'client_buffer',
};

export class ClientSocket {
  /** Settles when the connection is gone. */
  readonly gone: Promise<void>;
  readonly #raw: RawSocket;
  readonly #limits: ClientSocketLimits;
  readonly #onBye: (reason: ByeReason) => void;
  readonly #onBreach: (limit: LimitName, what: string) => void;
  #events: ClientSocketEvents | undefined;
  #ended = false;
  #newestStreams: string | undefined;
  #unansweredSinceMs: number | undefined;
  #pingTimer: NodeJS.Timeout | undefined;
  #aliveTimer: NodeJS.Timeout | undefined;
  #error: Error | undefined;

  constructor(
    raw: RawSocket,
    limits: ClientSocketLimits,
    onBye: (reason: ByeReason) => void,
    onBreach: (limit: LimitName, what: string) => void,
  ) {
    this.#raw = raw;
    this.#limits = limits;
    this.#onBye = onBye;
    this.#onBreach = onBreach;
    // ws follows every 'error' by 'close'.
    raw.on('error', (error) => {
      this.#error = error;
      if ('code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') {
        onBreach('frame_bytes', 'A client sent a frame beyond all measure, and its connection is closed.');
      }
    });
    this.gone = new Promise((resolve) => {
      raw.on('close', (code) => {
        this.#end(this.#error ? this.#error.message : `closed by the client (${code})`);
        resolve();
      });
    });
  }

  /** Begins to listen and to watch; once. */
  start(events: ClientSocketEvents): void {
    this.#events = events;
    this.#raw.on('message', (data, isBinary) => this.#receive(data, isBinary));
    this.#raw.on('pong', () => (this.#unansweredSinceMs = undefined));
    // ws has queued a pong: pings of a client that reads nothing fill the buffer as well.
    this.#raw.on('ping', () => this.#hasRoomFor(0));
    this.#pingTimer = setInterval(() => this.#ping(), this.#limits.pingIntervalMs);
    this.#aliveTimer = setTimeout(() => this.#sayAlive(), this.#limits.aliveIntervalMs);
  }

  send(message: ServerMessage): void {
    this.#write(JSON.stringify(message));
  }

  /** `text` is a whole `streams` or `levels` message, serialized once for many clients. */
  sendCoalescable(kind: 'streams' | 'levels', text: string): void {
    if (this.#raw.bufferedAmount <= this.#limits.coalesceAboveBytes) this.#write(text);
    else if (kind === 'streams') this.#newestStreams = text;
  }

  /** The last words: nothing is sent or received after them. */
  bye(reason: ByeReason, limit?: LimitName): void {
    if (this.#ended) return;
    const text = JSON.stringify({ type: 'bye', reason, limit } satisfies ServerMessage);
    this.#raw.send(text, () => undefined);
    this.#onBye(reason);
    // Who is turned away is counted by who does it.
    const breached = LIMIT_OF_BYE[reason];
    if (breached) this.#onBreach(breached, `A client is ended: ${reason}.`);
    this.#end(`bye ${reason}`);
    this.#raw.close(CLOSE_CODES[reason], reason);
  }

  terminate(): void {
    this.#raw.terminate();
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#ended) return;
    this.#unansweredSinceMs = undefined;
    const { maxMessageBytes } = this.#limits;
    if (isBinary) {
      this.#events?.refused(new ProtocolError('bad_message', 'A message must be JSON text, not a binary frame.'));
    } else if (data.length > maxMessageBytes) {
      const sentence = `The message has ${data.length} bytes, ${maxMessageBytes} are the most.`;
      this.#events?.refused(new ProtocolError('message_too_large', sentence, null, 'message_bytes'));
    } else {
      this.#events?.text(data.toString('utf8'));
    }
  }

  #write(text: string): void {
    if (this.#ended || !this.#hasRoomFor(text.length)) return;
    this.#raw.send(text, () => this.#flushed());
    this.#aliveTimer?.refresh();
  }

  #hasRoomFor(bytes: number): boolean {
    if (this.#raw.bufferedAmount + bytes <= this.#limits.maxSendBufferBytes) return true;
    this.bye('tooSlow');
    return false;
  }

  #flushed(): void {
    const text = this.#newestStreams;
    if (text === undefined || this.#raw.bufferedAmount > this.#limits.coalesceAboveBytes) return;
    this.#newestStreams = undefined;
    this.#write(text);
  }

  #ping(): void {
    const nowMs = performance.now();
    if (this.#unansweredSinceMs !== undefined && nowMs - this.#unansweredSinceMs >= this.#limits.pingTimeoutMs) {
      this.#end('pings unanswered');
      this.#raw.terminate();
      return;
    }
    this.#unansweredSinceMs ??= nowMs;
    this.#raw.ping();
  }

  #sayAlive(): void {
    if (this.#raw.bufferedAmount <= this.#limits.coalesceAboveBytes) this.send({ type: 'alive' });
    this.#aliveTimer?.refresh();
  }

  #end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#pingTimer);
    clearTimeout(this.#aliveTimer);
    // A refresh() after this must not wake the timer again.
    this.#aliveTimer = undefined;
    this.#events?.ended(reason);
  }
}
