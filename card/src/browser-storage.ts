/** What a browser keeps for this origin. Where storage is refused or full, things stay as long as the page. */
export class BrowserStorage {
  readonly #storage: Storage | null;
  readonly #ofPage = new Map<string, string | null>();

  constructor(storage: Storage | null = localStorageIfAllowed()) {
    this.#storage = storage;
  }

  read(item: string): string | null {
    const kept = this.#ofPage.get(item);
    if (kept !== undefined) return kept;
    try {
      return this.#storage?.getItem(item) ?? null;
    } catch {
      return null;
    }
  }

  /** Null forgets it. */
  write(item: string, value: string | null): void {
    this.#ofPage.set(item, value);
    try {
      if (value === null) this.#storage?.removeItem(item);
      else this.#storage?.setItem(item, value);
    } catch {
      // Full or forbidden: the page's own copy has it.
    }
  }
}

/** Reading `localStorage` itself throws where cookies are blocked. */
function localStorageIfAllowed(): Storage | null {
  try {
    return globalThis.localStorage;
  } catch {
    return null;
  }
}
