/** Relay: the set of live streams, in the order in which their talks began, and who hears of starts and ends. */
import type { Closeable } from '../closeable.ts';
import type { Log } from '../log.ts';
import { LimitBreaches, type BreachCounter } from './limit-breaches.ts';
import type { StreamEndReason, StreamListener } from './ports.ts';
import { Stream, type StreamOptions } from './stream.ts';

export interface RelayOptions {
  log: Log;
  /** Live streams at once. Default 64. */
  maxStreams?: number;
  /** WebRTC clients that hear one stream at once: each costs a packet and its encryption. Default 128. */
  maxReceiversPerStream?: number;
  /** Talks with more receivers than this send them half as many packets, twice as long: see packet-pairs.ts. Default 100. */
  crowdAbove?: number;
  breaches?: BreachCounter;
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
  readonly maxReceiversPerStream: number;
  readonly crowdAbove: number;
  readonly #log: Log;
  readonly #breaches: BreachCounter;
  readonly #isRestricted: (streamId: string) => boolean;
  /** Of talks that may not last for ever. */
  readonly #timers = new Map<Stream, NodeJS.Timeout>();
  readonly #live = new Map<string, Stream>();
  readonly #listeners = new Set<StreamListener>();
  #closed = false;

  constructor(options: RelayOptions) {
    this.#log = options.log;
    this.#isRestricted = options.isRestricted ?? (() => false);
    this.maxStreams = options.maxStreams ?? 64;
    this.maxReceiversPerStream = options.maxReceiversPerStream ?? 128;
    this.crowdAbove = options.crowdAbove ?? 100;
    this.#breaches = options.breaches ?? new LimitBreaches(options);
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

  /** Begins a talk; it ends with `tooLong` after `maxTalkMs`, 0: never. Throws StreamBusyError or RelayFullError. */
  start({
    maxTalkMs = 0,
    ...options
  }: Omit<StreamOptions, 'onSinkError' | 'maxReceivers' | 'crowdAbove' | 'onRoom'> & { maxTalkMs?: number }): Stream {
    if (this.#closed) throw new RelayFullError('The relay is closed.');
    if (this.#live.has(options.id)) throw new StreamBusyError(`A stream "${options.id}" is live already.`);
    if (this.#live.size >= this.maxStreams) {
      const what = `${this.maxStreams} streams are live already.`;
      this.#breaches.count('streams', what);
      throw new RelayFullError(what);
    }
    const stream: Stream = new Stream({
      ...options,
      private: options.private === true || this.#isRestricted(options.id),
      maxReceivers: this.maxReceiversPerStream,
      crowdAbove: this.crowdAbove,
      // Not at once: it may be said while a receiver changes its slots.
      onRoom: () => queueMicrotask(() => this.#tell((listener) => listener.streamHasRoom?.(stream))),
      onSinkError: (error) => this.#log.error(`a sink of ${options.id} failed`, error),
    });
    this.#live.set(stream.id, stream);
    this.talksStarted += 1;
    if (maxTalkMs > 0)
      this.#timers.set(
        stream,
        setTimeout(() => this.#timeUp(stream, maxTalkMs), maxTalkMs),
      );
    this.#log.info(`${stream.id} started`);
    this.#tell((listener) => listener.streamStarted(stream));
    return stream;
  }

  /** Ends a talk; ending one twice does nothing. */
  end(stream: Stream, reason: StreamEndReason): void {
    if (this.#live.get(stream.id) !== stream) return;
    this.#live.delete(stream.id);
    clearTimeout(this.#timers.get(stream));
    this.#timers.delete(stream);
    stream.end();
    const seconds = (stream.ageMs / 1000).toFixed(1);
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

  #timeUp(stream: Stream, maxTalkMs: number): void {
    this.#breaches.count('talk_time', `${stream.id} has spoken for ${maxTalkMs / 60_000} minutes and is ended.`);
    this.end(stream, 'tooLong');
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
