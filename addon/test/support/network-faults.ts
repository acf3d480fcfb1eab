/** What a bad network does to the datagrams of one way, by seeded dice: the same seed, the same faults at the same datagrams. */
import { seeded } from './seeded.ts';

export interface Faults {
  /** Share of datagrams that never arrive, each on its own. */
  loss?: number;
  /** All come so much later. */
  delayMs?: number;
  /** On top of it each waits at random up to so long; order is kept, as in a queue. */
  jitterMs?: number;
  /** Share of datagrams that are overtaken by those of the next `overtakenMs`. */
  reorder?: number;
  overtakenMs?: number;
  /** Share of datagrams that arrive twice. */
  duplicate?: number;
  /** Nothing passes. */
  outage?: boolean;
}

/** Datagrams by their fate. */
export interface FaultCounts {
  seen: number;
  lost: number;
  duplicated: number;
  reordered: number;
}

/** What it waits with; timers by default. */
export interface FaultClock {
  now: () => number;
  /** Returns how to forget it. */
  after: (ms: number, deliver: () => void) => () => void;
}

const TIMERS: FaultClock = {
  now: () => performance.now(),
  after: (ms, deliver) => {
    const timer = setTimeout(deliver, ms);
    return () => clearTimeout(timer);
  },
};

export class NetworkFaults {
  readonly counts: FaultCounts = { seen: 0, lost: 0, duplicated: 0, reordered: 0 };
  /** May be changed at any time. */
  faults: Faults;
  readonly #random: () => number;
  readonly #clock: FaultClock;
  readonly #held = new Set<() => void>();
  #lastDueMs = 0;

  constructor(faults: Faults = {}, seed = 1, clock: FaultClock = TIMERS) {
    this.faults = faults;
    this.#clock = clock;
    this.#random = seeded(seed);
  }

  /** Delivers it now, later, twice or never. */
  carry<T>(data: T, deliver: (data: T) => void): void {
    const { loss = 0, delayMs = 0, jitterMs = 0, reorder = 0, overtakenMs = 50, duplicate = 0, outage } = this.faults;
    // As many throws for each datagram, whatever its fate.
    const [lossDie, jitterDie, reorderDie, duplicateDie] = [0, 0, 0, 0].map(() => this.#random()) as Dice;
    this.counts.seen += 1;
    if (outage === true || lossDie < loss) {
      this.counts.lost += 1;
      return;
    }
    const nowMs = this.#clock.now();
    const isOvertaken = reorderDie < reorder;
    let dueMs = nowMs + delayMs + jitterDie * jitterMs;
    if (isOvertaken) {
      this.counts.reordered += 1;
      dueMs += overtakenMs;
    } else {
      dueMs = Math.max(dueMs, this.#lastDueMs);
      this.#lastDueMs = dueMs;
    }
    this.#after(dueMs - nowMs, () => deliver(data));
    if (duplicateDie < duplicate) {
      this.counts.duplicated += 1;
      this.#after(dueMs - nowMs, () => deliver(data));
    }
  }

  close(): void {
    for (const forget of this.#held) forget();
    this.#held.clear();
  }

  #after(ms: number, deliver: () => void): void {
    if (ms < 0.5) {
      deliver();
      return;
    }
    const forget = this.#clock.after(ms, () => {
      this.#held.delete(forget);
      deliver();
    });
    this.#held.add(forget);
  }
}

type Dice = [number, number, number, number];
