/**
 * EncodedTalk: one recorded talk in one format, encoded once from its first word on, for however many readers at whatever
 * place. Readers fetch what they can take; what is kept for the slow ones is bounded.
 */
import type { RecordedTalk } from '../ports.ts';
import { samplesIn, SAMPLES_PER_MS, type AudioFormat } from './formats.ts';
import { NO_TALK_STATS, type TalkStats, type ToWorker } from './messages.ts';
import type { WorkerTalk } from './worker-talks.ts';

export interface EncodedTalkOptions {
  /** Its number in the worker. */
  number: number;
  talk: RecordedTalk;
  format: AudioFormat;
  /** Of a longer talk the last so much is kept. */
  maxMs: number;
  /** False when there is no worker to hear it. */
  post: (message: ToWorker, transfer?: ArrayBuffer[]) => boolean;
  /** It holds so many bytes more, or less. */
  onBytes: (delta: number) => void;
  onReaderError: (error: unknown) => void;
}

export class EncodedTalk implements WorkerTalk {
  readonly talk: RecordedTalk;
  readonly format: AudioFormat;
  stats: TalkStats = NO_TALK_STATS;
  readonly #options: EncodedTalkOptions;
  readonly #readers = new Set<() => void>();
  /** From `#first` on. */
  #chunks: Buffer[] = [];
  #first = 0;
  /** Of the chunks. */
  #bytes = 0;
  /** Ever put out. */
  #bytesMade = 0;
  /** What the next worker makes once more. */
  #bytesToSkip = 0;
  #finished = false;
  #closed = false;
  #stopReading: () => void = () => undefined;

  constructor(options: EncodedTalkOptions) {
    this.#options = options;
    this.talk = options.talk;
    this.format = options.format;
  }

  /** All of it is here. */
  get finished(): boolean {
    return this.#finished;
  }

  get readers(): number {
    return this.#readers.size;
  }

  /** Index of the first chunk that is still here. */
  get first(): number {
    return this.#first;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Undefined: not yet, or not any more. */
  chunkAt(index: number): Buffer | undefined {
    return this.#chunks[index - this.#first];
  }

  /** `onMore` is called when there is more, or when it is finished or trimmed. Returns how to leave. */
  join(onMore: () => void): () => void {
    const reader = (): void => onMore();
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  /** Makes the worker encode it: what has been said, then what is being said. */
  begin(): void {
    const { number, format, post } = this.#options;
    post({ type: 'replay', talk: number, format });
    this.#stopReading();
    // One message for all that is there; each packet that comes is one of its own.
    const kept: Uint8Array[] = [];
    const read = { live: false, over: false };
    this.#stopReading = this.talk.read({
      packets: (packed) => {
        if (read.live) this.#post([packed]);
        else kept.push(packed);
      },
      ended: () => {
        read.over = true;
        if (read.live) this.#end();
      },
    });
    this.#post(kept);
    read.live = true;
    if (read.over) this.#end();
  }

  /** Gives the oldest chunk up; readers that have not taken it are left behind. False: there is none. */
  trim(): boolean {
    const oldest = this.#chunks.shift();
    if (!oldest) return false;
    this.#first += 1;
    this.#count(-oldest.length);
    return true;
  }

  /** Nobody wants it any more. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopReading();
    if (!this.#finished) this.#options.post({ type: 'formats', talk: this.#options.number, formats: [] });
    this.#count(-this.#bytes);
    this.#chunks = [];
  }

  chunk(_format: AudioFormat, bytes: Buffer): void {
    if (this.#closed) return;
    const skipped = Math.min(this.#bytesToSkip, bytes.length);
    this.#bytesToSkip -= skipped;
    if (skipped === bytes.length) return;
    const rest = bytes.subarray(skipped);
    this.#chunks.push(rest);
    this.#bytesMade += rest.length;
    this.#count(rest.length);
    const { maxMs } = this.#options;
    while (samplesIn(this.format, this.#bytes) > maxMs * SAMPLES_PER_MS && this.trim());
    this.#tellReaders();
  }

  closedByWorker(): void {
    if (this.#closed || this.#finished) return;
    this.#finished = true;
    this.#stopReading();
    this.#tellReaders();
  }

  workerGone(): boolean {
    if (this.#closed || this.#finished) return false;
    // What is gone cannot be made once more: it is over here.
    if (this.talk.isWhole === false) {
      this.closedByWorker();
      return false;
    }
    this.#stopReading();
    this.#bytesToSkip = this.#bytesMade;
    return true;
  }

  workerBack(): void {
    this.begin();
  }

  #post(packed: readonly Uint8Array[]): void {
    if (this.#closed || packed.length === 0) return;
    // A copy of its own, which can be handed over; a view would take all the memory it lies in with it.
    const bytes = new Uint8Array(packed.reduce((sum, each) => sum + each.length, 0));
    let at = 0;
    for (const each of packed) {
      bytes.set(each, at);
      at += each.length;
    }
    this.#options.post({ type: 'packed', talk: this.#options.number, bytes }, [bytes.buffer]);
  }

  #end(): void {
    if (!this.#closed) this.#options.post({ type: 'end', talk: this.#options.number });
  }

  #count(delta: number): void {
    this.#bytes += delta;
    this.#options.onBytes(delta);
  }

  #tellReaders(): void {
    for (const reader of [...this.#readers]) {
      try {
        reader();
      } catch (error) {
        this.#options.onReaderError(error);
      }
    }
  }
}
