/**
 * Transcoder: streams as MP3 and WAV for whoever consumes them, live, as a channel or from the first word. Opus is decoded once per
 * stream and encoded once per stream and format, in one worker thread, only while somebody consumes it; here bytes are
 * only handed on. No timer per consumer. It knows nothing of HTTP.
 */
import type { Closeable } from '../../closeable.ts';
import type { Log } from '../../log.ts';
import { DropCounter } from '../drop-counter.ts';
import type { Relay } from '../relay.ts';
import type { Programme, RecordedTalk } from '../ports.ts';
import type { Stream } from '../stream.ts';
import { Channels } from './channels.ts';
import type { AudioConsumer } from './consumers.ts';
import { AUDIO_FORMATS, perFormat, PRELUDE, type AudioFormat } from './formats.ts';
import type { TalkStats } from './messages.ts';
import type { PacedConsumer } from './programme-reader.ts';
import { Programmes, type ProgrammesOptions } from './programmes.ts';
import type { EncoderStats, TranscoderStats } from './stats.ts';
import { TranscodedTalk } from './transcoded-talk.ts';
import { WorkerTalks } from './worker-talks.ts';

export interface TranscoderOptions {
  log: Log;
  relay: Relay;
  /** The bundled worker. */
  workerUrl: URL;
  /** How long the worker waits for another consumer before it is stopped; starting costs about a second of CPU. Default 60 s. */
  idleMs?: number;
  /** How often channels look whether silence is due. Default 100 ms. */
  tickMs?: number;
  /** Limits of players that hear a talk from its first word. */
  programmes?: Pick<ProgrammesOptions, 'maxBytes' | 'keepMs' | 'maxStallMs'>;
}

export class Transcoder implements Closeable {
  readonly #log: Log;
  readonly #idleMs: number;
  readonly #worker: WorkerTalks;
  readonly #channels: Channels;
  readonly #programmes: Programmes;
  readonly #talks = new Map<Stream, TranscodedTalk>();
  readonly #streamListeners = new Map<Stream, Record<AudioFormat, number>>();
  readonly #callbacks = new Set<() => void>();
  readonly #unsubscribe: () => void;
  readonly #droppedPackets: DropCounter;
  readonly #droppedChunks: DropCounter;
  #idling: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: TranscoderOptions) {
    const { relay } = options;
    this.#log = options.log.child('transcoder');
    this.#idleMs = options.idleMs ?? 60_000;
    this.#droppedPackets = new DropCounter({ log: this.#log, what: 'packets found no worker' });
    this.#droppedChunks = new DropCounter({
      log: this.#log,
      what: 'chunks dropped as a channel ran ahead of real time',
    });
    this.#worker = new WorkerTalks({ log: this.#log, workerUrl: options.workerUrl });
    this.#channels = new Channels({
      relay,
      tickMs: options.tickMs ?? 100,
      consume: (format) => (stream, consumer) => this.#consume(stream, format, consumer),
      onChunkDropped: () => this.#droppedChunks.count(),
      onConsumerError: (error) => this.#log.error('a consumer of a channel failed', error),
    });
    this.#programmes = new Programmes({
      ...options.programmes,
      log: this.#log,
      worker: this.#worker,
      onChanged: () => this.#listenersChanged(),
    });
    this.#unsubscribe = relay.subscribe({
      streamStarted: () => this.#follow(),
      streamEnded: () => this.#follow(),
    });
  }

  /** HTTP clients that play something now. */
  get listenerCount(): number {
    let count = this.#channels.size + this.#programmes.size;
    for (const counts of this.#streamListeners.values()) count += total(counts);
    return count;
  }

  /** Those of `latest` count for the stream that is the latest. */
  listenersOf(streamId: string): number {
    let count = this.#channels.listenersOf(streamId) + this.#programmes.listenersOf(streamId);
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

  /**
   * Whoever speaks (`latest`), or one stream whenever it speaks and not privately; silence between. Ends only when the
   * transcoder closes. Returns how to leave.
   */
  listenChannel(id: string, format: AudioFormat, consumer: AudioConsumer): () => void {
    consumer.chunk(PRELUDE[format]);
    if (this.#closed) {
      consumer.ended();
      return () => undefined;
    }
    const leave = this.#channels.add(id, format, consumer);
    this.#listenersChanged();
    return () => {
      if (leave()) this.#listenersChanged();
    };
  }

  /** A programme from its first byte, at the consumer's pace until it has caught up. Returns how to leave. */
  listenProgramme(programme: Programme, format: AudioFormat, consumer: PacedConsumer): () => void {
    if (this.#closed) {
      consumer.chunk(PRELUDE[format]);
      consumer.ended();
      return () => undefined;
    }
    return this.#programmes.listen(programme, format, consumer);
  }

  /** What a player of this talk gets in all, in bytes; undefined while that is not known, waited for until `timeoutMs`. */
  async lengthOf(talk: RecordedTalk, format: AudioFormat, timeoutMs: number): Promise<number | undefined> {
    if (this.#closed) return undefined;
    const bytes = await this.#programmes.lengthOf(talk, format, timeoutMs);
    this.prepare();
    return bytes === undefined ? undefined : PRELUDE[format].length + bytes;
  }

  /** Somebody will listen soon: starts the worker, which takes a moment. */
  prepare(): void {
    if (this.#closed) return;
    this.#startWorker();
    this.#restSoon();
  }

  stats(): TranscoderStats {
    const streams: TranscoderStats['streams'] = {};
    const encoders: EncoderStats[] = [];
    for (const { stream, stats, formats } of this.#talks.values()) {
      streams[stream.id] = stats;
      for (const format of formats) encoders.push(this.#encoderStats(stream, format, stats));
    }
    for (const { talk, format, stats } of this.#programmes.encoding()) {
      const { streamId } = talk;
      if (encoders.some((encoder) => encoder.streamId === streamId && encoder.format === format)) continue;
      const listeners = this.#programmes.listenersOf(streamId, format);
      encoders.push({ streamId, format, listeners, ...encoderTimes(format, stats) });
    }
    return {
      streams,
      encoders,
      totals: this.#worker.totals,
      listeners: this.listenerCount,
      programmeListeners: this.#programmes.size,
      encodedBytes: this.#programmes.bytes,
      workerRunning: this.#worker.running,
      workerRestarts: this.#worker.restarts,
      droppedPackets: this.#droppedPackets.total,
      droppedChunks: this.#droppedChunks.total,
    };
  }

  /** Ends every consumer and stops the worker. */
  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#unsubscribe();
      this.#channels.end();
      this.#programmes.close();
      for (const talk of [...this.#talks.values()]) talk.end();
      this.#listenersChanged();
      this.#droppedPackets.close();
      this.#droppedChunks.close();
    }
    clearTimeout(this.#idling);
    await this.#worker.close();
  }

  #encoderStats(stream: Stream, format: AudioFormat, stats: TalkStats): EncoderStats {
    const live = this.#streamListeners.get(stream)?.[format] ?? 0;
    return {
      streamId: stream.id,
      format,
      listeners: live + this.#channels.listenersOf(stream.id, format) + this.#programmes.listenersOf(stream.id, format),
      ...encoderTimes(format, stats),
    };
  }

  #consume(stream: Stream, format: AudioFormat, consumer: AudioConsumer): () => void {
    const talk = this.#talks.get(stream) ?? this.#createTalk(stream);
    return talk.add(format, consumer);
  }

  #createTalk(stream: Stream): TranscodedTalk {
    const talk = this.#worker.add(
      (number) =>
        new TranscodedTalk({
          number,
          stream,
          post: (message) => this.#worker.post(message),
          onPacketDropped: () => this.#droppedPackets.count(),
          onConsumerError: (error) => this.#log.error(`a consumer of ${stream.id} failed`, error),
          onUnused: () => this.#talks.delete(stream),
        }),
    );
    this.#talks.set(stream, talk);
    return talk;
  }

  #follow(): void {
    this.#channels.follow();
    if (this.#channels.size > 0) this.#listenersChanged();
  }

  #startWorker(): void {
    clearTimeout(this.#idling);
    this.#idling = undefined;
    this.#worker.start();
  }

  #restSoon(): void {
    if (this.#closed || this.listenerCount > 0) return;
    this.#idling ??= setTimeout(() => {
      this.#idling = undefined;
      void this.#worker.close();
    }, this.#idleMs);
  }

  #listenersChanged(): void {
    if (this.listenerCount > 0) this.#startWorker();
    else this.#restSoon();
    for (const callback of this.#callbacks) callback();
  }
}

function total(counts: Record<AudioFormat, number>): number {
  return AUDIO_FORMATS.reduce((sum, format) => sum + counts[format], 0);
}

function encoderTimes(format: AudioFormat, stats: TalkStats): Pick<EncoderStats, 'concealed' | 'encodeMs'> {
  const encodeMs = format === 'wav' ? stats.wavEncodeMs : stats.mp3EncodeMs;
  return { concealed: stats.concealedFrames, encodeMs: stats.decodeMs + encodeMs };
}
