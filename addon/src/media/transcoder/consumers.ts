/** AudioConsumer: who takes the bytes of one format; Consumers: many of them, none able to disturb another. */

export interface AudioConsumer {
  /** It has had sound until now: it wants none from before it joins. */
  readonly continues?: boolean;
  /** Whole frames; the first chunk is the format's prelude. Shared by all consumers: may be kept, never changed. */
  chunk(bytes: Buffer): void;
  /** The talk is over, or the transcoder closes. Nothing follows. */
  ended(): void;
}

export class Consumers {
  readonly #consumers = new Set<AudioConsumer>();
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  get size(): number {
    return this.#consumers.size;
  }

  add(consumer: AudioConsumer): void {
    this.#consumers.add(consumer);
  }

  /** False when it was not there. */
  delete(consumer: AudioConsumer): boolean {
    return this.#consumers.delete(consumer);
  }

  chunk(bytes: Buffer): void {
    for (const consumer of this.#consumers) this.#guard(() => consumer.chunk(bytes));
  }

  /** Tells each once and forgets them. */
  end(): void {
    const all = [...this.#consumers];
    this.#consumers.clear();
    for (const consumer of all) this.#guard(() => consumer.ended());
  }

  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#onError(error);
    }
  }
}
