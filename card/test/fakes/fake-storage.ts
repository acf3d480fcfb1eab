/** A browser's localStorage, in memory. */
export class FakeStorage {
  readonly items = new Map<string, string>();
  /** Full, or forbidden. */
  refuses = false;

  getItem(key: string): string | null {
    if (this.refuses) throw new DOMException('Refused.', 'SecurityError');
    return this.items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    if (this.refuses) throw new DOMException('Refused.', 'QuotaExceededError');
    this.items.set(key, value);
  }

  removeItem(key: string): void {
    this.items.delete(key);
  }

  get asStorage(): Storage {
    return this as unknown as Storage;
  }
}
