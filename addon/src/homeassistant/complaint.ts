/** Complaint: what is in the way just now. Each reason is told once, however often it is met, until all is well again. */
import type { Log } from '../log.ts';

/** Reasons remembered; what changes with every try would otherwise fill memory. */
const MAX_REASONS = 16;

export class Complaint {
  readonly #log: Log;
  readonly #said = new Set<string>();
  #latest: string | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  /** The last reason, undefined while all is well. */
  get reason(): string | undefined {
    return this.#latest;
  }

  say(reason: string): void {
    this.#latest = reason;
    if (this.#said.has(reason) || this.#said.size >= MAX_REASONS) {
      this.#log.debug(reason);
      return;
    }
    this.#said.add(reason);
    this.#log.warn(reason);
  }

  /** All is well; `sentence` is told only to whoever heard a complaint. */
  settle(sentence: string): void {
    const complained = this.#latest !== undefined;
    this.#latest = undefined;
    this.#said.clear();
    if (complained) this.#log.info(sentence);
  }
}
