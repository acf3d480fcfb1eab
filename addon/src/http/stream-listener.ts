/**
 * StreamListener: one HTTP client that plays a stream. What it does not take in time piles up to a bound; then it is
 * ended and counted, never waited for. Whatever ends it, it leaves the stream and its connection is gone.
 */
import type { ServerResponse } from 'node:http';
import type { AudioConsumer } from '../media/transcoder/consumers.ts';
import type { IcyMetadata } from './icy.ts';

/** Counts over all listeners of all doors since the start of the process. */
export class ListenerCounters {
  /** Bytes of sound handed to listeners. */
  totalBytes = 0;
  /** Listeners ended because they did not keep up. */
  droppedListeners = 0;
  /** Listeners refused as there were too many. */
  refusedListeners = 0;
}

export interface StreamListenerOptions {
  response: ServerResponse;
  counters: ListenerCounters;
  icy?: IcyMetadata | undefined;
  /** 16 s of MP3, 2.7 s of WAV, on top of what the system buffers. */
  maxBufferedBytes: number;
  /** How long the client may take for the rest of a talk that ended. */
  lingerMs: number;
  /** Why it is over: a sentence part for the log. */
  onClosed: (reason: string) => void;
}

export class StreamListener implements AudioConsumer {
  bytes = 0;
  readonly #options: StreamListenerOptions;
  #leave: (() => void) | undefined;
  #lingering: NodeJS.Timeout | undefined;
  #reason = 'the client left';
  #over = false;
  #closed = false;

  constructor(options: StreamListenerOptions) {
    this.#options = options;
    const { response } = options;
    response.on('close', () => this.#close());
    // Without a handler a reset connection would be an uncaught error; `close` follows.
    response.on('error', () => undefined);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Begins: `listen` joins the stream, which may end at once, and returns how to leave. */
  listen(listen: (consumer: AudioConsumer) => () => void): void {
    this.#leave = listen(this);
    if (this.closed) this.#leave();
  }

  chunk(bytes: Buffer): void {
    if (this.#over) return;
    const { response, icy, counters, maxBufferedBytes } = this.#options;
    if (response.writableLength > maxBufferedBytes) {
      counters.droppedListeners += 1;
      this.#end('it did not keep up');
      response.destroy();
      return;
    }
    response.write(icy ? icy.weave(bytes) : bytes);
    this.bytes += bytes.length;
    counters.totalBytes += bytes.length;
  }

  /** At once, whatever is still on its way. */
  cut(reason: string): void {
    if (this.#closed) return;
    this.#end(reason);
    this.#options.response.destroy();
  }

  ended(): void {
    if (this.#over) return;
    this.#end('the stream ended');
    const { response, lingerMs } = this.#options;
    response.end();
    this.#lingering = setTimeout(() => response.destroy(), lingerMs);
    this.#lingering.unref();
  }

  #end(reason: string): void {
    this.#over = true;
    this.#reason = reason;
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#over = true;
    clearTimeout(this.#lingering);
    this.#leave?.();
    this.#options.onClosed(this.#reason);
  }
}
