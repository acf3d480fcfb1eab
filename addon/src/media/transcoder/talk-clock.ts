/**
 * TalkClock: how much sound one talk has put out and how much it should have by now. RTP is the clock while packets
 * come; when none came for a while the wall clock takes over and asks for silence, so that a player never starves. A
 * pause of a muted browser is invisible in RTP (sequence number and timestamp go on by one packet), DTX is a timestamp
 * gap between consecutive sequence numbers: the wall clock bounds both, so no silence is put out twice and nothing
 * piles up. Positions and lengths are samples at 48 kHz; it knows neither Opus nor threads.
 */
import { TICKS_PER_MS, timestampDelta } from '../rtp-math.ts';

export interface TalkClockOptions {
  /** No packet for so long: the wall clock takes over. Default 80 ms. */
  stallMs?: number;
  /**
   * Sound further ahead of the wall clock than this is dropped: a burst after a stall, a sender's fast clock. Default 500 ms:
   * a network or a machine that stood still for so long costs a player no word, it is late until the next pause.
   */
  maxAheadMs?: number;
  /** Silence is put in before a quiet frame when the sound is further behind than this: a sender's slow clock. Default 80 ms. */
  maxBehindMs?: number;
  /** And within words only when it is so much further behind still: speech that pauses never is. Default 170 ms. */
  maxMoreBehindInWordsMs?: number;
  /** From here on a quiet frame is dropped, which nobody hears. Default 40 ms. */
  softLimitMs?: number;
  /** The machine slept or was stopped: more than this is skipped, not made up for. Default 2 s. */
  maxCatchUpMs?: number;
}

/** Concealing further guesses nothing but noise; Opus's own limit for one call. */
const MAX_CONCEALED_SAMPLES = 120 * TICKS_PER_MS;
/** Opus conceals in steps of 2.5 ms. */
const CONCEALMENT_STEP_SAMPLES = 120;
/** Silence comes in slices of 20 ms. */
export const SLICE_SAMPLES = 20 * TICKS_PER_MS;

/** What to put out before a packet, in this order. */
export interface Gap {
  silence: number;
  /** To be guessed by the decoder. */
  concealed: number;
}

export class TalkClock {
  /** Samples dropped as they were too far ahead. */
  dropped = 0;
  /** Samples of silence put in by the wall clock or for DTX. */
  silent = 0;
  readonly #stallMs: number;
  readonly #maxAhead: number;
  readonly #maxBehind: number;
  readonly #maxBehindInWords: number;
  readonly #softLimit: number;
  readonly #maxCatchUp: number;
  #startedAtMs: number;
  #lastArrivalMs: number;
  #position = 0;
  #hadPacket = false;
  #nextTimestamp: number | undefined;
  #silentSincePacket = 0;

  constructor(nowMs: number, options: TalkClockOptions = {}) {
    this.#startedAtMs = nowMs;
    this.#lastArrivalMs = nowMs;
    this.#stallMs = options.stallMs ?? 80;
    this.#maxAhead = (options.maxAheadMs ?? 500) * TICKS_PER_MS;
    this.#maxBehind = (options.maxBehindMs ?? 80) * TICKS_PER_MS;
    this.#maxBehindInWords = this.#maxBehind + (options.maxMoreBehindInWordsMs ?? 170) * TICKS_PER_MS;
    this.#softLimit = (options.softLimitMs ?? 40) * TICKS_PER_MS;
    this.#maxCatchUp = (options.maxCatchUpMs ?? 2000) * TICKS_PER_MS;
  }

  /** Samples put out so far. */
  get position(): number {
    return this.#position;
  }

  /** How far the sound is ahead of the wall clock; negative: behind. */
  aheadAt(nowMs: number): number {
    return this.#position - (nowMs - this.#startedAtMs) * TICKS_PER_MS;
  }

  /** A packet came in, in whatever order. Packets are judged by the time they came, not by when they are worked on. */
  arrived(nowMs: number): void {
    if (!this.#hadPacket && this.#position === 0) this.#startedAtMs = nowMs;
    this.#hadPacket = true;
    this.#lastArrivalMs = nowMs;
  }

  /** The next packet in order is about to be decoded: what has to be put out before it. */
  gapBefore(arrivedAtMs: number, timestamp: number, lost: number, newSource: boolean): Gap {
    const gap =
      newSource || this.#nextTimestamp === undefined ? 0 : Math.max(0, timestampDelta(this.#nextTimestamp, timestamp));
    const missing = Math.max(0, gap - this.#silentSincePacket);
    const behind = -this.aheadAt(arrivedAtMs);
    const concealed = lost > 0 ? Math.min(missing, MAX_CONCEALED_SAMPLES, Math.max(0, behind + this.#maxAhead)) : 0;
    const wholeConcealed = concealed - (concealed % CONCEALMENT_STEP_SAMPLES);
    const silence = Math.floor(Math.min(missing - wholeConcealed, Math.max(0, behind - wholeConcealed)));
    this.#position += wholeConcealed + silence;
    this.silent += silence;
    return { silence, concealed: wholeConcealed };
  }

  /**
   * A packet of `samples` was decoded: how often to put it out, 0 (dropped), 1, or 1 with a slice of silence before it.
   * `quiet`: nobody would miss it.
   */
  decoded(
    arrivedAtMs: number,
    timestamp: number,
    samples: number,
    quiet: boolean,
  ): { play: boolean; silenceBefore: number } {
    this.#nextTimestamp = (timestamp + samples) >>> 0;
    this.#silentSincePacket = 0;
    const ahead = this.aheadAt(arrivedAtMs);
    if (ahead > this.#maxAhead || (quiet && ahead > this.#softLimit)) {
      this.dropped += samples;
      return { play: false, silenceBefore: 0 };
    }
    // Behind by the wait for a lost packet is usual; the packets that waited make up for it, so quiet alone is not enough.
    const silenceBefore = -ahead > (quiet ? this.#maxBehind : this.#maxBehindInWords) ? SLICE_SAMPLES : 0;
    this.#position += samples + silenceBefore;
    this.silent += silenceBefore;
    return { play: true, silenceBefore };
  }

  /** Silence due by the wall clock, in whole slices; 0 while packets come. */
  silenceDue(nowMs: number): number {
    if (nowMs - this.#lastArrivalMs < this.#stallMs) return 0;
    let behind = -this.aheadAt(nowMs);
    if (behind > this.#maxCatchUp) {
      this.#startedAtMs = nowMs - this.#position / TICKS_PER_MS;
      behind = SLICE_SAMPLES;
    }
    if (behind < SLICE_SAMPLES) return 0;
    const due = behind - (behind % SLICE_SAMPLES);
    this.#position += due;
    this.#silentSincePacket += due;
    this.silent += due;
    return due;
  }
}
