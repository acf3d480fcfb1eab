/** What went wrong last, and when: for the report that a person sends. Bounded, in memory only. */
import type { Trouble } from './trouble.ts';

export interface TroubleEntry extends Trouble {
  /** Epoch milliseconds. */
  at: number;
  /** Null while it lasts. */
  endedAt: number | null;
}

export class TroubleLog {
  readonly #maxEntries: number;
  #entries: TroubleEntry[] = [];

  constructor({ maxEntries = 20 }: { maxEntries?: number } = {}) {
    this.#maxEntries = maxEntries;
  }

  /** Oldest first. */
  get entries(): readonly TroubleEntry[] {
    return this.#entries;
  }

  /** All that is wrong now: what is new is noted, what is missing has ended. */
  note(troubles: readonly (Trouble | null)[], now = Date.now()): void {
    const lasting = new Set<TroubleEntry>();
    for (const trouble of troubles) {
      if (!trouble) continue;
      const { code, detail } = trouble;
      let entry = this.#entries.find((one) => one.endedAt === null && one.code === code && one.detail === detail);
      if (!entry) this.#entries.push((entry = { ...trouble, at: now, endedAt: null }));
      lasting.add(entry);
    }
    for (const entry of this.#entries) if (entry.endedAt === null && !lasting.has(entry)) entry.endedAt = now;
    this.#entries = this.#entries.slice(-this.#maxEntries);
  }
}
