/** Programmes: every player of a programme, what it needs encoded, and the one timer that paces them all. */
import type { Log } from '../../log.ts';
import type { Programme, RecordedTalk } from '../ports.ts';
import { EncodedPreludes } from './encoded-preludes.ts';
import type { EncodedTalk } from './encoded-talk.ts';
import { EncodedTalks, type EncodedTalksOptions } from './encoded-talks.ts';
import type { AudioFormat } from './formats.ts';
import { ProgrammeReader, type PacedConsumer } from './programme-reader.ts';
import type { WorkerTalks } from './worker-talks.ts';

export interface ProgrammesOptions extends Pick<EncodedTalksOptions, 'maxBytes' | 'keepMs'> {
  log: Log;
  worker: WorkerTalks;
  /** Default 20 ms. */
  tickMs?: number;
  /** A player that takes nothing for so long is left behind. Default 60 s. */
  maxStallMs?: number;
  /** Somebody came or left, or a programme's talk began. */
  onChanged: () => void;
}

export class Programmes {
  readonly #options: ProgrammesOptions;
  readonly #talks: EncodedTalks;
  readonly #preludes: EncodedPreludes;
  readonly #readers = new Set<ProgrammeReader>();
  #ticking: NodeJS.Timeout | undefined;

  constructor(options: ProgrammesOptions) {
    this.#options = options;
    this.#talks = new EncodedTalks(options);
    this.#preludes = new EncodedPreludes(options.worker);
  }

  get size(): number {
    return this.#readers.size;
  }

  /** Bytes kept for players. */
  get bytes(): number {
    return this.#talks.bytes;
  }

  /** Those who hear a talk of this stream, live or a little later. */
  listenersOf(streamId: string, format?: AudioFormat): number {
    return [...this.#readers].filter(
      (reader) => reader.talk?.streamId === streamId && (format === undefined || reader.format === format),
    ).length;
  }

  /** Talks that run and are played. */
  encoding(): EncodedTalk[] {
    return this.#talks.values().filter(({ talk, readers }) => !talk.ended && readers > 0);
  }

  /** Returns how to leave. */
  listen(programme: Programme, format: AudioFormat, consumer: PacedConsumer): () => void {
    const { prelude } = programme;
    const reader: ProgrammeReader = new ProgrammeReader({
      programme,
      format,
      consumer,
      now: () => performance.now(),
      maxStallMs: this.#options.maxStallMs ?? 60_000,
      encodePrelude: () => (prelude ? this.#preludes.get(prelude, format) : Promise.resolve(Buffer.alloc(0))),
      join: (talk, onMore) => this.#talks.join(talk, format, onMore),
      onChanged: () => this.#changed(reader),
    });
    this.#readers.add(reader);
    this.#ticking ??= setInterval(() => this.#tick(), this.#options.tickMs ?? 20);
    this.#options.onChanged();
    reader.start();
    return () => reader.leave();
  }

  /**
   * How long a talk is in bytes, once all of it is encoded: at once when it is, after at most `timeoutMs` when the talk
   * is over, else undefined.
   */
  async lengthOf(talk: RecordedTalk, format: AudioFormat, timeoutMs: number): Promise<number | undefined> {
    if (!talk.ended || talk.isWhole === false) return undefined;
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined = undefined;
      const { encoded, leave } = this.#talks.join(talk, format, () => {
        if (encoded.finished) done();
      });
      const done = (): void => {
        clearTimeout(timer);
        resolve(encoded.finished && encoded.first === 0 ? encoded.bytes : undefined);
        leave();
      };
      if (encoded.finished) done();
      else timer = setTimeout(done, timeoutMs);
    });
  }

  close(): void {
    for (const reader of [...this.#readers]) reader.end();
    this.#talks.close();
  }

  #tick(): void {
    for (const reader of [...this.#readers]) reader.tick();
  }

  #changed(reader: ProgrammeReader): void {
    if (reader.over) this.#readers.delete(reader);
    if (this.#readers.size === 0) {
      clearInterval(this.#ticking);
      this.#ticking = undefined;
    }
    this.#options.onChanged();
  }
}
