/** ListenerPlaces: how many players each address has, so that one machine alone cannot take the places of all. */
export class ListenerPlaces {
  readonly #taken = new Map<string, number>();

  /** Also those that are about to begin. */
  of(address: string): number {
    return this.#taken.get(address) ?? 0;
  }

  /** Returns how to leave; leaving twice is fine. */
  take(address: string): () => void {
    this.#taken.set(address, this.of(address) + 1);
    let taken = true;
    return () => {
      if (!taken) return;
      taken = false;
      const left = this.of(address) - 1;
      if (left > 0) this.#taken.set(address, left);
      else this.#taken.delete(address);
    };
  }
}
