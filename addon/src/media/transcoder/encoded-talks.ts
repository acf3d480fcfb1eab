/**
 * EncodedTalks: the recorded talks that somebody plays, each encoded once for each format, and kept a while for the next
 * player that comes. All of them together hold no more than `maxBytes`.
 */
import type { Log } from '../../log.ts';
import type { RecordedTalk } from '../ports.ts';
import { EncodedTalk } from './encoded-talk.ts';
import type { AudioFormat } from './formats.ts';
import type { WorkerTalks } from './worker-talks.ts';

export interface EncodedTalksOptions {
  log: Log;
  worker: WorkerTalks;
  /** Then what nobody reads goes, then the oldest sound of the longest. Default 32 MiB. */
  maxBytes?: number;
  /** A longer talk keeps its last so much. Default 120 s. */
  maxTalkMs?: number;
  /** How long a whole talk that nobody reads is kept. Default 60 s. */
  keepMs?: number;
}

export class EncodedTalks {
  readonly #options: EncodedTalksOptions;
  readonly #maxBytes: number;
  readonly #keepMs: number;
  /** Oldest first. */
  readonly #talks = new Map<string, EncodedTalk>();
  readonly #timers = new Map<EncodedTalk, NodeJS.Timeout>();
  #bytes = 0;

  constructor(options: EncodedTalksOptions) {
    this.#options = options;
    this.#maxBytes = options.maxBytes ?? 32 * 1024 * 1024;
    this.#keepMs = options.keepMs ?? 60_000;
  }

  get bytes(): number {
    return this.#bytes;
  }

  values(): EncodedTalk[] {
    return [...this.#talks.values()];
  }

  /** Encodes it unless that is done already or going on. Returns it and how to leave, which must be called. */
  join(talk: RecordedTalk, format: AudioFormat, onMore: () => void): { encoded: EncodedTalk; leave: () => void } {
    const encoded = this.#talks.get(keyOf(talk, format)) ?? this.#open(talk, format);
    clearTimeout(this.#timers.get(encoded));
    this.#timers.delete(encoded);
    const leave = encoded.join(onMore);
    return {
      encoded,
      leave: () => {
        leave();
        if (encoded.readers === 0) this.#unread(encoded);
      },
    };
  }

  close(): void {
    for (const encoded of this.values()) this.#close(encoded);
  }

  #open(talk: RecordedTalk, format: AudioFormat): EncodedTalk {
    const { worker, log, maxTalkMs } = this.#options;
    const encoded = worker.add(
      (number) =>
        new EncodedTalk({
          number,
          talk,
          format,
          maxMs: maxTalkMs ?? 120_000,
          post: (message, transfer) => worker.post(message, transfer),
          onBytes: (delta) => {
            this.#bytes += delta;
            if (delta > 0) this.#makeRoom();
          },
          onReaderError: (error) => log.error(`a reader of a talk of ${talk.streamId} failed`, error),
        }),
    );
    this.#talks.set(keyOf(talk, format), encoded);
    encoded.begin();
    return encoded;
  }

  /** What is whole waits for the next player; what is not is made anew for it. */
  #unread(encoded: EncodedTalk): void {
    if (!encoded.finished || encoded.first > 0) {
      this.#close(encoded);
      return;
    }
    clearTimeout(this.#timers.get(encoded));
    const timer = setTimeout(() => this.#close(encoded), this.#keepMs);
    timer.unref();
    this.#timers.set(encoded, timer);
  }

  #close(encoded: EncodedTalk): void {
    clearTimeout(this.#timers.get(encoded));
    this.#timers.delete(encoded);
    const key = keyOf(encoded.talk, encoded.format);
    if (this.#talks.get(key) === encoded) this.#talks.delete(key);
    encoded.close();
  }

  #makeRoom(): void {
    while (this.#bytes > this.#maxBytes) {
      const all = this.values();
      const unread = all.find((encoded) => encoded.readers === 0);
      if (unread) {
        this.#close(unread);
        continue;
      }
      const longest = all.reduce<EncodedTalk | undefined>((a, b) => (a && a.bytes >= b.bytes ? a : b), undefined);
      if (!longest?.trim()) return;
    }
  }
}

function keyOf(talk: RecordedTalk, format: AudioFormat): string {
  return `${talk.talkId}.${format}`;
}
