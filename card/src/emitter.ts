/** The smallest observable: every subscribe returns its own unsubscribe function. */
export class Emitter<T = void> {
  readonly #callbacks = new Set<(value: T) => void>();

  subscribe(callback: (value: T) => void): () => void {
    // A fresh function, so that subscribing the same callback twice gives two subscriptions.
    const entry = (value: T): void => callback(value);
    this.#callbacks.add(entry);
    return () => {
      this.#callbacks.delete(entry);
    };
  }

  /** A callback that throws is reported and does not stop the others. */
  emit(value: T): void {
    for (const callback of [...this.#callbacks]) {
      try {
        callback(value);
      } catch (error) {
        reportError(error);
      }
    }
  }
}
