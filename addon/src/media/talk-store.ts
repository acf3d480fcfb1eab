/**
 * TalkStore: every talk as Opus from its first packet, while it runs and some time after, so that a player that connects
 * late still hears the first word. Not kept: echoes, which never are in the relay, and monitors, which never end and are
 * a room's sound rather than something said. Memory is bounded three ways; every bound is an option.
 */
import type { Closeable } from '../closeable.ts';
import type { Log } from '../log.ts';
import { LimitBreaches, type BreachCounter } from './limit-breaches.ts';
import type { RecordedTalk, StreamListener } from './ports.ts';
import type { Relay } from './relay.ts';
import type { Stream } from './stream.ts';
import { TalkRecording } from './talk-recording.ts';

export interface TalkStoreOptions {
  log: Log;
  relay: Relay;
  /** A longer talk keeps its last so much. Default 120 s. */
  maxTalkMs?: number;
  /** Of all talks together: then the oldest of those that are over go, then the oldest sound. Default 16 MiB. */
  maxBytes?: number;
  /** From the end of a talk. Default 60 s. */
  keepMs?: number;
  /** What was said may be heard again for so long; 0: not at all. Default 0. */
  replayMs?: number;
  /** Talks listed to be heard again. Default 20. */
  maxReplays?: number;
  breaches?: BreachCounter | undefined;
  /** Talks remembered as over, so that their URL says so. Default 1000. */
  maxOver?: number;
}

export interface TalkStoreStats {
  talks: number;
  bytes: number;
}

export class TalkStore implements Closeable, StreamListener {
  readonly #log: Log;
  readonly #relay: Relay;
  readonly #breaches: BreachCounter;
  readonly #maxTalkMs: number;
  readonly #maxBytes: number;
  readonly #keepMs: number;
  readonly #replayMs: number;
  readonly #maxReplays: number;
  readonly #maxOver: number;
  readonly #unsubscribe: () => void;
  /** Oldest first. */
  readonly #talks = new Map<string, TalkRecording>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** Of which stream they were. */
  readonly #over = new Map<string, string>();
  readonly #running = new Map<string, TalkRecording>();
  readonly #callbacks = new Set<(talk: RecordedTalk) => void>();
  readonly #replayCallbacks = new Set<() => void>();
  #bytes = 0;

  constructor(options: TalkStoreOptions) {
    this.#log = options.log.child('talks');
    this.#relay = options.relay;
    this.#breaches = options.breaches ?? new LimitBreaches(options);
    this.#maxTalkMs = options.maxTalkMs ?? 120_000;
    this.#maxBytes = options.maxBytes ?? 16 * 1024 * 1024;
    this.#replayMs = options.replayMs ?? 0;
    this.#keepMs = Math.max(options.keepMs ?? 60_000, this.#replayMs);
    this.#maxReplays = options.maxReplays ?? 20;
    this.#maxOver = options.maxOver ?? 1000;
    this.#unsubscribe = this.#relay.subscribe(this);
  }

  get replayMs(): number {
    return this.#replayMs;
  }

  /** `over`: it was there, and is no more. */
  get(talkId: string): RecordedTalk | 'over' | undefined {
    return this.#talks.get(talkId) ?? (this.#over.has(talkId) ? 'over' : undefined);
  }

  /** The stream a talk is or was of. */
  streamIdOf(talkId: string): string | undefined {
    return this.#talks.get(talkId)?.streamId ?? this.#over.get(talkId);
  }

  /** `streamId` may be `latest`. */
  runningTalkOf(streamId: string): RecordedTalk | undefined {
    return this.#running.get(streamId === 'latest' ? (this.#relay.latest?.id ?? '') : streamId);
  }

  /** Before its first packet. Returns its own unsubscribe function. */
  onTalkStarted(callback: (talk: RecordedTalk) => void): () => void {
    const entry = (talk: RecordedTalk): void => callback(talk);
    this.#callbacks.add(entry);
    return () => this.#callbacks.delete(entry);
  }

  /** What was said and may be heard again, newest first; private talks included, so ask who wants to know. */
  replays(): RecordedTalk[] {
    if (this.#replayMs === 0) return [];
    const ended = [...this.#talks.values()].filter((talk) => talk.ended && talk.bytes > 0);
    return ended.reverse().slice(0, this.#maxReplays);
  }

  /** `replays()` has changed. Returns its own unsubscribe function. */
  onReplaysChanged(callback: () => void): () => void {
    const entry = (): void => callback();
    this.#replayCallbacks.add(entry);
    return () => this.#replayCallbacks.delete(entry);
  }

  /** What /metrics tells. */
  stats(): TalkStoreStats {
    return { talks: this.#talks.size, bytes: this.#bytes };
  }

  streamStarted(stream: Stream): void {
    if (stream.monitor) return;
    const talk = new TalkRecording({
      stream,
      maxTalkMs: this.#maxTalkMs,
      onBytes: (delta) => {
        this.#bytes += delta;
        if (delta > 0) this.#makeRoom();
      },
      onReaderError: (error) => this.#log.error(`a reader of ${stream.id} failed`, error),
    });
    this.#talks.set(talk.talkId, talk);
    this.#running.set(talk.streamId, talk);
    stream.attach(talk);
    this.#tell(this.#callbacks, talk);
  }

  streamEnded(stream: Stream): void {
    const talk = this.#running.get(stream.id);
    if (talk?.talkId !== stream.talkId) return;
    this.#running.delete(stream.id);
    const timer = setTimeout(() => this.#forget(talk), this.#keepMs);
    timer.unref();
    this.#timers.set(talk.talkId, timer);
    this.#tellReplays();
  }

  close(): Promise<void> {
    this.#unsubscribe();
    for (const talk of [...this.#talks.values()]) {
      talk.detached();
      this.#forget(talk);
    }
    return Promise.resolve();
  }

  #forget(talk: TalkRecording): void {
    clearTimeout(this.#timers.get(talk.talkId));
    this.#timers.delete(talk.talkId);
    if (!this.#talks.delete(talk.talkId)) return;
    talk.forget();
    this.#over.set(talk.talkId, talk.streamId);
    const [oldest] = this.#over.keys();
    if (this.#over.size > this.#maxOver && oldest !== undefined) this.#over.delete(oldest);
    this.#tellReplays();
  }

  #makeRoom(): void {
    while (this.#bytes > this.#maxBytes) {
      this.#breaches.count('kept_bytes', `More than ${this.#maxBytes} bytes were said lately: the oldest sound goes.`);
      const talks = [...this.#talks.values()];
      const over = talks.find((talk) => talk.ended);
      if (over) {
        this.#forget(over);
        continue;
      }
      const longest = talks.reduce<TalkRecording | undefined>((a, b) => (a && a.bytes >= b.bytes ? a : b), undefined);
      if (!longest?.shorten()) return;
    }
  }

  #tellReplays(): void {
    if (this.#replayMs > 0) this.#tell(this.#replayCallbacks, undefined);
  }

  #tell<T>(callbacks: ReadonlySet<(value: T) => void>, value: T): void {
    for (const callback of [...callbacks]) {
      try {
        callback(value);
      } catch (error) {
        this.#log.error('a listener of talks failed', error);
      }
    }
  }
}
