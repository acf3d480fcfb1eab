/**
 * StreamListener: one HTTP client that plays. Of what is live, that which it does not take in time piles up to a bound;
 * then it is ended and counted, never waited for. A programme asks first whether there is room. Whatever ends it, it leaves
 * the stream and its connection is gone.
 */
import type { ServerResponse } from 'node:http';
import type { PacedConsumer } from '../media/transcoder/programme-reader.ts';
import type { IcyMetadata } from './icy.ts';
import { ListenerPlaces } from './listener-places.ts';

/** Counts over all listeners of all doors since the start of the process. */
export class ListenerCounters {
  /** Bytes of sound handed to listeners. */
  totalBytes = 0;
  /** Listeners ended because they did not keep up. */
  droppedListeners = 0;
  /** Listeners refused as there were too many. */
  refusedListeners = 0;
  readonly places = new ListenerPlaces();
}

export interface StreamListenerOptions {
  response: ServerResponse;
  counters: ListenerCounters;
  icy?: IcyMetadata | undefined;
  /** 16 s of MP3, 2.7 s of WAV, on top of what the system buffers. */
  maxBufferedBytes: number;
  /** How long the client may take for the rest of a talk that ended. */
  lingerMs: number;
  /** A sentence part for the log says more. */
  onClosed: (outcome: ListenerOutcome, reason: string) => void;
}

/** `finished`: all that there was has left our socket. */
export type ListenerOutcome = 'finished' | 'left' | 'tooSlow';

/** A stopped client that keeps up is gone sooner; what still waits for one that does not is thrown away. */
const STOP_MS = 250;

export class StreamListener implements PacedConsumer {
  /** Of sound. */
  bytes = 0;
  onRoom: (() => void) | undefined;
  readonly #options: StreamListenerOptions;
  #leave: (() => void) | undefined;
  #lingering: NodeJS.Timeout | undefined;
  #outcome: ListenerOutcome = 'left';
  #reason = 'the client left';
  #over = false;
  #closed = false;

  constructor(options: StreamListenerOptions) {
    this.#options = options;
    const { response } = options;
    response.on('close', () => this.#close());
    // Without a handler a reset connection would be an uncaught error; `close` follows.
    response.on('error', () => undefined);
    response.on('drain', () => this.onRoom?.());
  }

  get isFull(): boolean {
    return this.#options.response.writableNeedDrain;
  }

  /** Bytes that have left our socket, to within what metadata takes. */
  get drainedBytes(): number {
    const { response } = this.#options;
    return response.writableFinished ? this.bytes : Math.max(0, this.bytes - response.writableLength);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Begins: `listen` joins the stream, which may end at once, and returns how to leave. */
  listen(listen: (consumer: PacedConsumer) => () => void): void {
    this.#leave = listen(this);
    if (this.closed) this.#leave();
  }

  chunk(bytes: Buffer): void {
    if (this.#over) return;
    const { response, icy, counters, maxBufferedBytes } = this.#options;
    if (response.writableLength > maxBufferedBytes) {
      this.leftBehind();
      return;
    }
    response.write(icy ? icy.weave(bytes) : bytes);
    this.bytes += bytes.length;
    counters.totalBytes += bytes.length;
  }

  /** At once, whatever is still on its way. */
  cut(reason: string): void {
    if (this.#closed) return;
    this.#end('left', reason);
    this.#options.response.destroy();
  }

  leftBehind(): void {
    if (this.#over) return;
    this.#options.counters.droppedListeners += 1;
    this.#end('tooSlow', 'it did not keep up');
    this.#options.response.destroy();
  }

  /** An orderly end for who keeps up; for others no sound that was meant for earlier. */
  stopped(): void {
    this.#finish('it was stopped', STOP_MS);
  }

  ended(): void {
    this.#finish('the stream ended', this.#options.lingerMs);
  }

  #finish(reason: string, lingerMs: number): void {
    if (this.#over) return;
    this.#end('finished', reason);
    const { response } = this.#options;
    const { socket } = response;
    response.end();
    this.#lingering = setTimeout(() => {
      this.#outcome = 'tooSlow';
      // A reset also takes back what the system still holds.
      socket?.resetAndDestroy();
      response.destroy();
    }, lingerMs);
    this.#lingering.unref();
  }

  #end(outcome: ListenerOutcome, reason: string): void {
    this.#over = true;
    this.#outcome = outcome;
    this.#reason = reason;
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#over = true;
    clearTimeout(this.#lingering);
    this.#leave?.();
    if (this.#outcome === 'finished' && !this.#options.response.writableFinished) this.#outcome = 'left';
    this.#options.onClosed(this.#outcome, this.#reason);
  }
}
