/**
 * LiveEdge: tells a backlog from live sound. When this process or the network stood still, what was said meanwhile comes at
 * once afterwards; relayed, it would be heard in a hurry, seconds late. A packet is stale when it lags behind the
 * freshest lately seen AND packets come faster than they were spoken. Lag alone is no sign: a microphone that paused
 * goes on at the next timestamp, and packets at their pace are live whatever their numbers say. What comes before it can
 * be known (the first packets of a backlog) and a backlog before a talk's first packet are not stale.
 * Both memories fade, so clocks may drift and timestamps jump.
 */
import { sequenceDelta, TICKS_PER_MS, timestampDelta } from './rtp-math.ts';

export interface LiveEdgeOptions {
  /** Lag that a jitter buffer may still bridge. Default 400 ms. */
  maxBehindMs?: number;
  /** A backlog is left out until no more than this is left of it. Default 100 ms. */
  resumeBehindMs?: number;
  /** So much sound ahead of its pace is a burst, not jitter. Default 70 ms: above three packets of 20 ms at once. */
  maxHurryMs?: number;
  /** Lag fades to a third over so much sound that comes at its pace. Default 1 s. */
  forgetMs?: number;
}

/** Slower than this times its pace, a burst is draining, and what it brings is heard as it comes. */
const HURRY_PACE = 1.5;
/** 60 s of 10 ms packets; a wider jump is a new source. */
const MAX_GAP_PACKETS = 6000;

export class LiveEdge {
  readonly #maxBehindMs: number;
  readonly #resumeBehindMs: number;
  readonly #maxHurryMs: number;
  readonly #forgetMs: number;
  #started = false;
  #sequenceNumber = 0;
  #timestamp = 0;
  #arrivedAtMs = 0;
  #behindMs = 0;
  #hurryMs = 0;
  #stale = false;

  constructor(options: LiveEdgeOptions = {}) {
    this.#maxBehindMs = options.maxBehindMs ?? 400;
    this.#resumeBehindMs = options.resumeBehindMs ?? 100;
    this.#maxHurryMs = options.maxHurryMs ?? 70;
    this.#forgetMs = options.forgetMs ?? 1000;
  }

  /** To be asked for each packet as it comes; `nowMs` is any clock that only grows. */
  isStale(sequenceNumber: number, timestamp: number, nowMs: number): boolean {
    const steps = sequenceDelta(this.#sequenceNumber, sequenceNumber);
    const ticks = timestampDelta(this.#timestamp, timestamp);
    const isNewSource = !this.#started || Math.abs(steps) > MAX_GAP_PACKETS || (steps > 0 && ticks < 0);
    // Late or twice: it shares the fate of its neighbours.
    if (!isNewSource && steps <= 0) return this.#stale;
    if (isNewSource) this.#begin();
    else this.#advance(ticks / TICKS_PER_MS, nowMs - this.#arrivedAtMs);
    this.#sequenceNumber = sequenceNumber;
    this.#timestamp = timestamp;
    this.#arrivedAtMs = nowMs;
    return this.#stale;
  }

  #begin(): void {
    this.#started = true;
    this.#behindMs = 0;
    this.#hurryMs = 0;
    this.#stale = false;
  }

  #advance(soundMs: number, waitedMs: number): void {
    const gainedMs = soundMs - waitedMs * HURRY_PACE;
    this.#hurryMs = Math.min(Math.max(0, this.#hurryMs + gainedMs), 2 * this.#maxHurryMs);
    // A burst says nothing about the lag of what follows it.
    if (gainedMs <= 0) this.#behindMs *= 1 - Math.min(1, soundMs / this.#forgetMs);
    this.#behindMs = Math.max(0, this.#behindMs + waitedMs - soundMs);
    const admittedMs = this.#stale ? this.#resumeBehindMs : this.#maxBehindMs;
    this.#stale = gainedMs > 0 && this.#behindMs > admittedMs && this.#hurryMs > this.#maxHurryMs;
  }
}
