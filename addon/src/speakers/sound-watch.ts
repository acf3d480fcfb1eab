/**
 * SoundWatch: judges from what leaves the media server how one speaker does: whether it came for the sound, when it began
 * to take it, whether it goes on, and until when what it has taken lasts. It knows bytes and clocks, not Home Assistant.
 */
import type { SpeakerFault } from '@voice-streaming/shared/protocol';
import { monotonicMs } from '../media/transcoder/monotonic.ts';
import type { Fetch, PlayObserver, PlayReport } from './play.ts';

export interface SoundWatchOptions {
  /** From being asked to play until it comes for the sound. */
  fetchMs: number;
  /** Without taking any sound. */
  stallMs: number;
  /** It left early and may come again. */
  refetchMs: number;
  /** False: it may not have the sound. */
  admit: (fetch: Fetch) => boolean;
  /** It takes sound, so long after it was asked; again when it had only looked before. */
  onStarted: (delayMs: number) => void;
  /** It has all there was; in `endsInMs` it has played that, if it began at once. */
  onFinished: (endsInMs: number) => void;
  /** It came again after it had finished: so it plays now. */
  onAgain: () => void;
  onFault: (fault: SpeakerFault, why: string) => void;
}

/** One connection of the player. */
interface Connection {
  firstSoundAtMs: number | undefined;
  soundMs: number;
}

/** Who takes no more has looked what it is, and comes again. */
const LOOKED_ONLY_MS = 2_000;
/** Who left so little has heard the talk. */
const NEARLY_ALL_MS = 1_000;

export class SoundWatch implements PlayObserver {
  readonly #options: SoundWatchOptions;
  readonly #open = new Set<Connection>();
  #askedAtMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #fetched = false;
  #finished = false;
  #closed = false;
  /** The most that one connection took. */
  #soundMs = 0;
  /** Sound there is in all, once the talk is over. */
  #wholeMs: number | undefined;

  constructor(options: SoundWatchOptions) {
    this.#options = options;
  }

  get fetched(): boolean {
    return this.#fetched;
  }

  get soundMs(): number {
    return this.#soundMs;
  }

  /** The player is told now what to play, maybe again. */
  asked(): void {
    if (this.#fetched || this.#closed) return;
    this.#askedAtMs = monotonicMs();
    const { fetchMs, onFault } = this.#options;
    this.#arm(fetchMs, () => {
      onFault('neverFetched', `It was told to play and did not ask for the sound within ${fetchMs / 1000} s.`);
    });
  }

  /** It could not be told. */
  unasked(): void {
    if (!this.#fetched) clearTimeout(this.#timer);
  }

  /** There is no more sound than this. */
  talkOver(wholeMs: number): void {
    this.#wholeMs = wholeMs;
  }

  onFetched(fetch: Fetch): PlayReport {
    const connection: Connection = { firstSoundAtMs: undefined, soundMs: 0 };
    if (!this.#closed && this.#options.admit(fetch)) {
      this.#fetched = true;
      this.#open.add(connection);
      if (this.#finished) this.#options.onAgain();
      this.#finished = false;
      this.#awaitSound();
    }
    return {
      drained: (_bytes, soundMs) => this.#drained(connection, soundMs),
      closed: (reason) => this.#left(connection, reason),
    };
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #drained(connection: Connection, soundMs: number): void {
    if (this.#closed || !this.#open.has(connection) || soundMs <= connection.soundMs) return;
    connection.soundMs = soundMs;
    if (connection.firstSoundAtMs === undefined) {
      connection.firstSoundAtMs = monotonicMs();
      if (this.#soundMs < LOOKED_ONLY_MS) {
        this.#options.onStarted(connection.firstSoundAtMs - (this.#askedAtMs ?? connection.firstSoundAtMs));
      }
    }
    this.#soundMs = Math.max(this.#soundMs, soundMs);
    this.#awaitSound();
  }

  #left(connection: Connection, reason: 'finished' | 'left' | 'tooSlow'): void {
    if (!this.#open.delete(connection) || this.#closed || this.#open.size > 0) return;
    if (reason === 'finished') {
      this.#finish(connection);
    } else if (reason === 'tooSlow') {
      this.#options.onFault('stalled', 'It did not take the sound as fast as it was spoken.');
    } else {
      this.#arm(this.#options.refetchMs, () => {
        const heard = this.#wholeMs !== undefined && connection.soundMs >= this.#wholeMs - NEARLY_ALL_MS;
        if (heard) this.#finish(connection);
        else this.#options.onFault('stalled', 'It closed the connection before the end, and did not come again.');
      });
    }
  }

  #finish({ firstSoundAtMs, soundMs }: Connection): void {
    clearTimeout(this.#timer);
    this.#finished = true;
    const now = monotonicMs();
    this.#options.onFinished(Math.max(0, (firstSoundAtMs ?? now) + soundMs - now));
  }

  #awaitSound(): void {
    const { stallMs, onFault } = this.#options;
    this.#arm(stallMs, () => onFault('stalled', `It took no sound for ${stallMs / 1000} s.`));
  }

  #arm(ms: number, callback: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(callback, ms);
  }
}
