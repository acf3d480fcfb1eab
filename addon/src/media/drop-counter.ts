/**
 * DropCounter: counts on the hot path and tells the log at most once per interval, so that a bad minute is one line.
 * (The idea is mediamtx's counterdumper.) No timer runs while nothing is counted.
 */
import type { Log } from '../log.ts';

export interface DropCounterOptions {
  log: Log;
  /** What was dropped, as the log says it: "12 packets of audio dropped" has `packets of audio dropped`. */
  what: string;
  /** Default 10 s. */
  intervalMs?: number;
}

export class DropCounter {
  /** Since the start of the process. */
  total = 0;
  readonly #log: Log;
  readonly #what: string;
  readonly #intervalMs: number;
  #unreported = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: DropCounterOptions) {
    this.#log = options.log;
    this.#what = options.what;
    this.#intervalMs = options.intervalMs ?? 10_000;
  }

  count(amount = 1): void {
    this.total += amount;
    this.#unreported += amount;
    if (this.#timer || this.#closed) return;
    this.#timer = setTimeout(() => this.#report(), this.#intervalMs);
    this.#timer.unref();
  }

  /** Reports what is left; later counts are added but told to nobody. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#report();
  }

  #report(): void {
    this.#timer = undefined;
    if (this.#unreported === 0) return;
    this.#log.warn(`${this.#unreported} ${this.#what}`);
    this.#unreported = 0;
  }
}
