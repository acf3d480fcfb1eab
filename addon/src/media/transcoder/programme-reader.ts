/**
 * ProgrammeReader: one player's way through a programme: the prelude, silence at the pace of the clock until there are
 * words, the talk from its first word as fast as the player takes it until it has caught up, then live, then the end.
 * It hands on only what the player has room for, so a slow one costs nothing and a burst never overflows it.
 */
import type { Programme, RecordedTalk } from '../ports.ts';
import type { AudioConsumer } from './consumers.ts';
import type { EncodedTalk } from './encoded-talk.ts';
import {
  FRAME_BYTES,
  FRAME_SAMPLES,
  PRELUDE,
  samplesIn,
  SAMPLES_PER_MS,
  silence,
  type AudioFormat,
} from './formats.ts';

/** A consumer that says when it has enough. */
export interface PacedConsumer extends AudioConsumer {
  /** It wants no more for now; `onRoom` is called when it does again. */
  readonly isFull: boolean;
  onRoom: (() => void) | undefined;
  /** It took nothing for too long, or what it was to take next is gone. Nothing follows. */
  leftBehind(): void;
  /** The programme was stopped: silence as soon as can be. Nothing follows. */
  stopped(): void;
}

export interface ProgrammeReaderOptions {
  programme: Programme;
  format: AudioFormat;
  consumer: PacedConsumer;
  now: () => number;
  /** A consumer without room for so long is left behind. */
  maxStallMs: number;
  encodePrelude: () => Promise<Buffer>;
  join: (talk: RecordedTalk, onMore: () => void) => { encoded: EncodedTalk; leave: () => void };
  /** The talk is known, or it is over for this reader. */
  onChanged: () => void;
}

/** A prelude is handed on in pieces of whole frames. */
const PIECE_FRAMES = 20;
/** Silence further behind the clock is skipped, not made up for: the player had no room, or the machine slept. */
const MAX_CATCH_UP_MS = 2000;

export class ProgrammeReader {
  readonly #options: ProgrammeReaderOptions;
  readonly #unsubscribe: (() => void)[] = [];
  #startedAtMs: number;
  #fullSinceMs: number | undefined;
  /** Samples handed on before the first word. */
  #position = 0;
  /** Undefined while it is being encoded. */
  #prelude: Buffer | undefined;
  #talk: RecordedTalk | undefined;
  #source: { encoded: EncodedTalk; leave: () => void } | undefined;
  /** Of the next chunk; undefined before the first word. */
  #next: number | undefined;
  #over = false;

  constructor(options: ProgrammeReaderOptions) {
    this.#options = options;
    this.#startedAtMs = options.now();
  }

  /** Undefined: not known yet. */
  get talk(): RecordedTalk | undefined {
    return this.#talk;
  }

  get format(): AudioFormat {
    return this.#options.format;
  }

  get over(): boolean {
    return this.#over;
  }

  start(): void {
    const { programme, consumer, format, encodePrelude } = this.#options;
    consumer.chunk(PRELUDE[format]);
    if (format !== 'wav') this.#position += FRAME_SAMPLES[format];
    consumer.onRoom = () => this.#pump();
    if (programme.prelude) {
      void encodePrelude().then((bytes) => {
        this.#prelude = bytes;
        this.#pump();
      });
    } else {
      this.#prelude = Buffer.alloc(0);
    }
    this.#subscribe(programme.onStopped(() => this.#finish(() => consumer.stopped())));
    if (!this.#over) this.#subscribe(programme.onTalk((talk) => this.#begin(talk)));
    this.#pump();
  }

  /** To be called about every 20 ms. */
  tick(): void {
    if (this.#over) return;
    const { consumer, now, maxStallMs } = this.#options;
    if (!consumer.isFull) this.#fullSinceMs = undefined;
    else if (now() - (this.#fullSinceMs ??= now()) > maxStallMs) this.#finish(() => consumer.leftBehind());
    if (this.#next === undefined) this.#beSilent();
  }

  /** The player left. Nothing is told any more. */
  leave(): void {
    this.#finish(() => undefined);
  }

  /** The transcoder closes. */
  end(): void {
    this.#finish(() => this.#options.consumer.ended());
  }

  #subscribe(unsubscribe: () => void): void {
    // It may be over already: both callbacks may come at once.
    if (this.#over) unsubscribe();
    else this.#unsubscribe.push(unsubscribe);
  }

  #begin(talk: RecordedTalk): void {
    if (this.#over || this.#talk) return;
    this.#talk = talk;
    this.#source = this.#options.join(talk, () => this.#pump());
    this.#options.onChanged();
    this.#pump();
  }

  #pump(): void {
    while (!this.#over && !this.#options.consumer.isFull && this.#handOn());
  }

  /** One piece. False: nothing is there now. */
  #handOn(): boolean {
    const { consumer, format } = this.#options;
    if (!this.#prelude) return false;
    if (this.#prelude.length > 0) {
      const piece = this.#prelude.subarray(0, PIECE_FRAMES * FRAME_BYTES[format]);
      this.#prelude = this.#prelude.subarray(piece.length);
      this.#position += samplesIn(format, piece.length);
      consumer.chunk(piece);
      return true;
    }
    const { encoded } = this.#source ?? {};
    if (!encoded) return false;
    const next = this.#next ?? encoded.first;
    const chunk = encoded.chunkAt(next);
    if (chunk) {
      this.#next = next + 1;
      consumer.chunk(chunk);
      return true;
    }
    if (next < encoded.first) this.#finish(() => consumer.leftBehind());
    else if (encoded.finished) this.#finish(() => consumer.ended());
    return false;
  }

  #beSilent(): void {
    const { consumer, now, format } = this.#options;
    if (this.#prelude?.length !== 0 || consumer.isFull) return;
    const frame = FRAME_SAMPLES[format];
    let behind = (now() - this.#startedAtMs) * SAMPLES_PER_MS - this.#position;
    if (behind > MAX_CATCH_UP_MS * SAMPLES_PER_MS) {
      this.#startedAtMs = now() - this.#position / SAMPLES_PER_MS;
      behind = frame;
    }
    const frames = Math.floor(behind / frame);
    if (frames < 1) return;
    this.#position += frames * frame;
    consumer.chunk(silence(format, frames));
  }

  #finish(tell: () => void): void {
    if (this.#over) return;
    this.#over = true;
    this.#options.consumer.onRoom = undefined;
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    this.#source?.leave();
    this.#source = undefined;
    tell();
    this.#options.onChanged();
  }
}
