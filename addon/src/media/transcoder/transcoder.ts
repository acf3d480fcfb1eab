/**
 * Transcoder: streams as MP3 and WAV for whoever consumes them, and `latest` as a channel. Opus is decoded once per
 * stream and encoded once per stream and format, in one worker thread, only while somebody consumes it; here bytes are
 * only handed on. No timer per consumer. It knows nothing of HTTP.
 */
import type { Closeable } from '../../closeable.ts';
import type { Log } from '../../log.ts';
import { DropCounter } from '../drop-counter.ts';
import type { Relay } from '../relay.ts';
import type { Stream } from '../stream.ts';
import type { AudioConsumer } from './consumers.ts';
import { AUDIO_FORMATS, perFormat, PRELUDE, type AudioFormat } from './formats.ts';
import { LatestChannel } from './latest-channel.ts';
import { addTalkStats, NO_TALK_STATS, type FromWorker, type TalkStats } from './messages.ts';
import type { EncoderStats, TranscoderStats } from './stats.ts';
import { TranscodedTalk } from './transcoded-talk.ts';
import { WorkerHost } from './worker-host.ts';

export interface TranscoderOptions {
  log: Log;
  relay: Relay;
  /** The bundled worker. */
  workerUrl: URL;
  /** How long the worker waits for another consumer before it is stopped; starting costs about a second of CPU. Default 60 s. */
  idleMs?: number;
  /** How often `latest` looks whether silence is due. Default 20 ms. */
  tickMs?: number;
}

export class Transcoder implements Closeable {
  readonly #log: Log;
  readonly #relay: Relay;
  readonly #idleMs: number;
  readonly #tickMs: number;
  readonly #host: WorkerHost;
  readonly #talks = new Map<Stream, TranscodedTalk>();
  readonly #byNumber = new Map<number, TranscodedTalk>();
  readonly #latest: Record<AudioFormat, LatestChannel>;
  readonly #streamListeners = new Map<Stream, Record<AudioFormat, number>>();
  readonly #callbacks = new Set<() => void>();
  readonly #unsubscribe: () => void;
  readonly #droppedPackets: DropCounter;
  readonly #droppedChunks: DropCounter;
  #closedTotals: TalkStats = NO_TALK_STATS;
  #talksMade = 0;
  #ticking: NodeJS.Timeout | undefined;
  #idling: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: TranscoderOptions) {
    this.#log = options.log.child('transcoder');
    this.#relay = options.relay;
    this.#idleMs = options.idleMs ?? 60_000;
    this.#tickMs = options.tickMs ?? 20;
    this.#droppedPackets = new DropCounter({ log: this.#log, what: 'packets found no worker' });
    this.#droppedChunks = new DropCounter({ log: this.#log, what: 'chunks dropped as latest ran ahead of real time' });
    this.#host = new WorkerHost({
      log: this.#log,
      workerUrl: options.workerUrl,
      onMessage: (message) => this.#heard(message),
      onCrashed: () => this.#workerGone(),
      onRestarted: () => this.#talks.forEach((talk) => talk.tellFormats()),
    });
    this.#latest = perFormat((format) => this.#createLatest(format));
    this.#unsubscribe = options.relay.subscribe({
      streamStarted: () => this.#followLatest(),
      streamEnded: () => this.#followLatest(),
    });
  }

  /** HTTP clients that play something now. */
  get listenerCount(): number {
    let count = this.#latestListeners;
    for (const counts of this.#streamListeners.values()) count += total(counts);
    return count;
  }

  /** Those of `latest` count for the stream that is the latest. */
  listenersOf(streamId: string): number {
    let count = this.#relay.latest?.id === streamId ? this.#latestListeners : 0;
    for (const [stream, counts] of this.#streamListeners) if (stream.id === streamId) count += total(counts);
    return count;
  }

  /** `callback` must not throw. Returns its own unsubscribe function. */
  onListenersChanged(callback: () => void): () => void {
    this.#callbacks.add(callback);
    return () => this.#callbacks.delete(callback);
  }

  /** From now until the talk ends; `consumer.ended()` follows then, not after leaving. Returns how to leave. */
  listenStream(stream: Stream, format: AudioFormat, consumer: AudioConsumer): () => void {
    consumer.chunk(PRELUDE[format]);
    if (stream.ended || this.#closed) {
      consumer.ended();
      return () => undefined;
    }
    let listening = true;
    const leave = (): void => {
      if (!listening) return;
      listening = false;
      counts[format] -= 1;
      if (total(counts) === 0) this.#streamListeners.delete(stream);
      this.#listenersChanged();
    };
    const counts = this.#streamListeners.get(stream) ?? perFormat(() => 0);
    counts[format] += 1;
    this.#streamListeners.set(stream, counts);
    const stop = this.#consume(stream, format, {
      chunk: (bytes) => consumer.chunk(bytes),
      ended: () => {
        leave();
        consumer.ended();
      },
    });
    this.#listenersChanged();
    return () => {
      stop();
      leave();
    };
  }

  /** Whoever speaks, silence between; ends only when the transcoder closes. Returns how to leave. */
  listenLatest(format: AudioFormat, consumer: AudioConsumer): () => void {
    consumer.chunk(PRELUDE[format]);
    if (this.#closed) {
      consumer.ended();
      return () => undefined;
    }
    const leave = this.#latest[format].add(consumer);
    this.#ticking ??= setInterval(() => AUDIO_FORMATS.forEach((each) => this.#latest[each].tick()), this.#tickMs);
    this.#listenersChanged();
    return () => {
      if (leave()) this.#listenersChanged();
    };
  }

  stats(): TranscoderStats {
    const streams: TranscoderStats['streams'] = {};
    const encoders: EncoderStats[] = [];
    let totals = this.#closedTotals;
    for (const { stream, stats, formats } of this.#talks.values()) {
      streams[stream.id] = stats;
      totals = addTalkStats(totals, stats);
      for (const format of formats) encoders.push(this.#encoderStats(stream, format, stats));
    }
    return {
      streams,
      encoders,
      totals: { ...totals },
      listeners: this.listenerCount,
      workerRunning: this.#host.running,
      workerRestarts: this.#host.restarts,
      droppedPackets: this.#droppedPackets.total,
      droppedChunks: this.#droppedChunks.total,
    };
  }

  /** Ends every consumer and stops the worker. */
  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#unsubscribe();
      AUDIO_FORMATS.forEach((format) => this.#latest[format].end());
      for (const talk of [...this.#talks.values()]) talk.end();
      this.#listenersChanged();
      this.#droppedPackets.close();
      this.#droppedChunks.close();
    }
    clearTimeout(this.#idling);
    await this.#stopWorker();
  }

  #encoderStats(stream: Stream, format: AudioFormat, stats: TalkStats): EncoderStats {
    const ofLatest = this.#relay.latest === stream ? this.#latest[format].size : 0;
    return {
      streamId: stream.id,
      format,
      listeners: ofLatest + (this.#streamListeners.get(stream)?.[format] ?? 0),
      concealed: stats.concealedFrames,
      encodeMs: stats.decodeMs + (format === 'wav' ? stats.wavEncodeMs : stats.mp3EncodeMs),
    };
  }

  get #latestListeners(): number {
    return total(perFormat((format) => this.#latest[format].size));
  }

  #consume(stream: Stream, format: AudioFormat, consumer: AudioConsumer): () => void {
    let talk = this.#talks.get(stream);
    if (!talk) {
      this.#startWorker();
      talk = this.#createTalk(stream);
    }
    return talk.add(format, consumer);
  }

  #createTalk(stream: Stream): TranscodedTalk {
    this.#talksMade += 1;
    const talk = new TranscodedTalk({
      number: this.#talksMade,
      stream,
      post: (message) => this.#host.post(message),
      onPacketDropped: () => this.#droppedPackets.count(),
      onConsumerError: (error) => this.#log.error(`a consumer of ${stream.id} failed`, error),
      onUnused: () => this.#talks.delete(stream),
    });
    this.#talks.set(stream, talk);
    this.#byNumber.set(talk.number, talk);
    return talk;
  }

  #createLatest(format: AudioFormat): LatestChannel {
    return new LatestChannel({
      format,
      now: () => performance.now(),
      latest: () => this.#relay.latest,
      consume: (stream, consumer) => this.#consume(stream, format, consumer),
      onChunkDropped: () => this.#droppedChunks.count(),
      onConsumerError: (error) => this.#log.error('a consumer of latest failed', error),
    });
  }

  #heard(message: FromWorker): void {
    const talk = this.#byNumber.get(message.talk);
    if (!talk) return;
    if (message.type === 'chunk') {
      talk.chunk(message.format, Buffer.from(message.bytes.buffer));
      return;
    }
    talk.stats = message.stats;
    if (message.type === 'stats') return;
    this.#byNumber.delete(talk.number);
    this.#closedTotals = addTalkStats(this.#closedTotals, talk.stats);
    if (talk.ending) talk.end();
  }

  /** What the worker counted stays counted; talks it was about to end are over, the others go on with the next one. */
  #workerGone(): void {
    for (const talk of [...this.#byNumber.values()]) {
      this.#closedTotals = addTalkStats(this.#closedTotals, talk.stats);
      talk.stats = NO_TALK_STATS;
      if (talk.ending) talk.end();
      if (this.#talks.get(talk.stream) !== talk) this.#byNumber.delete(talk.number);
    }
  }

  async #stopWorker(): Promise<void> {
    await this.#host.close();
    this.#workerGone();
  }

  #followLatest(): void {
    AUDIO_FORMATS.forEach((format) => this.#latest[format].follow());
    if (this.#latestListeners > 0) this.#listenersChanged();
  }

  #startWorker(): void {
    clearTimeout(this.#idling);
    this.#idling = undefined;
    this.#host.start();
  }

  #listenersChanged(): void {
    if (this.#latestListeners === 0) {
      clearInterval(this.#ticking);
      this.#ticking = undefined;
    }
    if (this.listenerCount > 0) {
      this.#startWorker();
    } else if (!this.#closed) {
      this.#idling ??= setTimeout(() => {
        this.#idling = undefined;
        void this.#stopWorker();
      }, this.#idleMs);
    }
    for (const callback of this.#callbacks) callback();
  }
}

function total(counts: Record<AudioFormat, number>): number {
  return AUDIO_FORMATS.reduce((sum, format) => sum + counts[format], 0);
}
