/** Relay: the set of live streams, in the order in which their talks began, and who hears of starts and ends. */
import type { Closeable } from '../closeable.ts';
import type { Log } from '../log.ts';
import type { StreamEndReason, StreamListener } from './ports.ts';
import { Stream, type StreamOptions } from './stream.ts';

export interface RelayOptions {
  log: Log;
  /** Live streams at once. Default 64. */
  maxStreams?: number;
  /** Streams that only some may hear: always private. Default: none. */
  isRestricted?: (streamId: string) => boolean;
}

/** No further stream can begin: `maxStreams` are live. */
export class RelayFullError extends Error {}
/** A stream of this id is live already. */
export class StreamBusyError extends Error {}

export class Relay implements Closeable {
  readonly maxStreams: number;
  /** Talks since the start of the process, for /metrics. */
  talksStarted = 0;
  readonly #log: Log;
  readonly #isRestricted: (streamId: string) => boolean;
  readonly #live = new Map<string, Stream>();
  readonly #listeners = new Set<StreamListener>();
  #closed = false;

  constructor(options: RelayOptions) {
    this.#log = options.log;
    this.#isRestricted = options.isRestricted ?? (() => false);
    this.maxStreams = options.maxStreams ?? 64;
  }

  /** Oldest talk first; private streams included. */
  get live(): Stream[] {
    return [...this.#live.values()];
  }

  /** The newest live stream that is for all. */
  get latest(): Stream | undefined {
    return this.live.findLast((stream) => stream.isForAll);
  }

  get(id: string): Stream | undefined {
    return this.#live.get(id);
  }

  /** Begins a talk. Throws StreamBusyError or RelayFullError. */
  start(options: Omit<StreamOptions, 'onSinkError'>): Stream {
    if (this.#closed) throw new RelayFullError('The relay is closed.');
    if (this.#live.has(options.id)) throw new StreamBusyError(`A stream "${options.id}" is live already.`);
    if (this.#live.size >= this.maxStreams) throw new RelayFullError(`${this.maxStreams} streams are live already.`);
    const stream = new Stream({
      ...options,
      private: options.private === true || this.#isRestricted(options.id),
      onSinkError: (error) => this.#log.error(`a sink of ${options.id} failed`, error),
    });
    this.#live.set(stream.id, stream);
    this.talksStarted += 1;
    this.#log.info(`${stream.id} started`);
    this.#tell((listener) => listener.streamStarted(stream));
    return stream;
  }

  /** Ends a talk; ending one twice does nothing. */
  end(stream: Stream, reason: StreamEndReason): void {
    if (this.#live.get(stream.id) !== stream) return;
    this.#live.delete(stream.id);
    stream.end();
    const seconds = ((Date.now() - stream.startedAtMs) / 1000).toFixed(1);
    const stale = stream.packetsStale > 0 ? `, ${stream.packetsStale} too late to be heard live` : '';
    this.#log.info(
      `${stream.id} ended: ${reason}, ${seconds} s, ${stream.packetsIn} packets, ${stream.packetsLost} lost${stale}`,
    );
    this.#tell((listener) => listener.streamEnded(stream, reason));
  }

  /** Returns its own unsubscribe function. */
  subscribe(listener: StreamListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): Promise<void> {
    this.#closed = true;
    for (const stream of this.live) this.end(stream, 'closing');
    return Promise.resolve();
  }

  #tell(call: (listener: StreamListener) => void): void {
    for (const listener of [...this.#listeners]) {
      try {
        call(listener);
      } catch (error) {
        this.#log.error('a stream listener failed', error);
      }
    }
  }
}
