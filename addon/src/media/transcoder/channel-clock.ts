/**
 * ChannelClock: how much sound a channel has put out against the wall clock since its first listener. Between talks it
 * asks for frames of silence; inside a talk the talk's own clock leads, and this one only sets bounds.
 */
import { FRAME_SAMPLES, SAMPLES_PER_MS, type AudioFormat } from './formats.ts';

export interface ChannelClockOptions {
  /** A talk may be behind by so much before silence stands in for it: worker gone, talks changing. Default 300 ms. */
  maxBehindMs?: number;
  /** Sound of a talk further ahead is dropped. Default 900 ms: above what its own clock lets through, and the silence put in for it. */
  maxAheadMs?: number;
  /** More is skipped, not made up for: the machine slept. Default 2 s. */
  maxCatchUpMs?: number;
}

export class ChannelClock {
  readonly #frameSamples: number;
  readonly #maxBehind: number;
  readonly #maxAhead: number;
  readonly #maxCatchUp: number;
  #startedAtMs: number;
  #position = 0;

  constructor(format: AudioFormat, nowMs: number, options: ChannelClockOptions = {}) {
    this.#frameSamples = FRAME_SAMPLES[format];
    this.#startedAtMs = nowMs;
    this.#maxBehind = (options.maxBehindMs ?? 300) * SAMPLES_PER_MS;
    this.#maxAhead = (options.maxAheadMs ?? 900) * SAMPLES_PER_MS;
    this.#maxCatchUp = (options.maxCatchUpMs ?? 2000) * SAMPLES_PER_MS;
  }

  get position(): number {
    return this.#position;
  }

  /** Frames of silence to put out now. */
  silenceDue(nowMs: number, talking: boolean): number {
    let behind = this.#elapsed(nowMs) - this.#position;
    if (behind > this.#maxCatchUp) {
      this.#startedAtMs = nowMs - this.#position / SAMPLES_PER_MS;
      behind = 0;
    }
    // A talk that is late is not replaced: no more silence than keeps it within the bound, so its sound still has room.
    const bound = talking ? this.#maxBehind : 0;
    if (behind < bound) return 0;
    const frames = Math.floor((behind - bound) / this.#frameSamples) + 1;
    this.#position += frames * this.#frameSamples;
    return frames;
  }

  /** Whether `samples` of a talk may be put out; if so they are counted. */
  admits(nowMs: number, samples: number): boolean {
    if (this.#position - this.#elapsed(nowMs) > this.#maxAhead) return false;
    this.#position += samples;
    return true;
  }

  #elapsed(nowMs: number): number {
    return (nowMs - this.#startedAtMs) * SAMPLES_PER_MS;
  }
}
