/** What the cards of a page want of their session, taken together. */

/** What one card wants while it is there. */
export interface Needs {
  sender: boolean;
  receiver: boolean;
  /** Hears also while the page is hidden. */
  autoListen?: boolean;
  chime?: boolean;
  /** See `wake_lock` in config.ts. */
  wakeLock?: boolean | undefined;
}

export class SharedNeeds {
  readonly #needs = new Set<Needs>();

  /** Returns its own remove function. */
  add(needs: Needs): () => void {
    const added = { ...needs };
    this.#needs.add(added);
    return () => void this.#needs.delete(added);
  }

  /** Nobody is left to want anything. */
  clear(): void {
    this.#needs.clear();
  }

  /** One card that wants it is enough. */
  any(need: Exclude<keyof Needs, 'wakeLock'>): boolean {
    return [...this.#needs].some((needs) => needs[need] === true);
  }

  /** One card that wants it is enough; one that refuses goes before those that say nothing. */
  get wakeLock(): boolean | undefined {
    const said = [...this.#needs].map(({ wakeLock }) => wakeLock);
    return said.includes(true) ? true : said.includes(false) ? false : undefined;
  }
}
