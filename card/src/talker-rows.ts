/**
 * The rows of those who speak, in order of speaking. A row never moves under a finger: who stops stays for a moment as a
 * pale row, a new one comes at the end, and rows close up only while nobody points at them.
 */
export interface TalkerRow {
  id: string;
  name: string;
  /** 0 to 1. */
  volume: number;
  muted: boolean;
  /** Still speaks. */
  live: boolean;
}

export interface TalkerRowsOptions {
  changed: () => void;
  /** How long a row stays after its talk. */
  lingerMs?: number;
}

export class TalkerRows {
  readonly #changed: () => void;
  readonly #lingerMs: number;
  #rows: TalkerRow[] = [];
  #held = false;
  /** What waits for its row's end, by id. */
  readonly #leaving = new Map<string, ReturnType<typeof setTimeout>>();
  /** Their time is over, but somebody points at the rows. */
  readonly #overdue = new Set<string>();

  constructor({ changed, lingerMs = 2_000 }: TalkerRowsOptions) {
    this.#changed = changed;
    this.#lingerMs = lingerMs;
  }

  get rows(): readonly TalkerRow[] {
    return this.#rows;
  }

  /** Those who speak now, in order of speaking. */
  update(talkers: readonly Omit<TalkerRow, 'live'>[]): void {
    const now = new Map(talkers.map((talker) => [talker.id, talker]));
    const before = this.#rows;
    const stays = before.filter(({ id }) => !this.#overdue.has(id) || this.#held || now.has(id));
    this.#rows = stays.map((row) => ({ ...row, ...now.get(row.id), live: now.has(row.id) }));
    for (const talker of talkers) {
      if (!this.#rows.some(({ id }) => id === talker.id)) this.#rows.push({ ...talker, live: true });
    }
    for (const { id, live } of this.#rows) {
      if (live) this.#keep(id);
      else this.#linger(id);
    }
  }

  /** Somebody points at the rows, or no longer does. */
  hold(held: boolean): void {
    if (held === this.#held) return;
    this.#held = held;
    if (!held) this.#closeUp();
  }

  clear(): void {
    for (const timer of this.#leaving.values()) clearTimeout(timer);
    this.#leaving.clear();
    this.#overdue.clear();
    this.#rows = [];
    this.#held = false;
  }

  #keep(id: string): void {
    clearTimeout(this.#leaving.get(id));
    this.#leaving.delete(id);
    this.#overdue.delete(id);
  }

  #linger(id: string): void {
    if (this.#leaving.has(id) || this.#overdue.has(id)) return;
    const over = (): void => {
      this.#leaving.delete(id);
      this.#overdue.add(id);
      if (!this.#held) this.#closeUp();
    };
    this.#leaving.set(id, setTimeout(over, this.#lingerMs));
  }

  #closeUp(): void {
    if (this.#overdue.size === 0) return;
    this.#rows = this.#rows.filter(({ id }) => !this.#overdue.has(id));
    this.#overdue.clear();
    this.#changed();
  }
}
