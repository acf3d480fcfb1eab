/** Delays between tries: doubling, capped, never limited in number, with jitter so that a house does not retry in step. */
export interface BackoffOptions {
  firstMs?: number;
  /** Short, as everything is on the LAN and sound is to be back within 3 s of the network. */
  maxMs?: number;
  random?: () => number;
}

export class Backoff {
  readonly #firstMs: number;
  readonly #maxMs: number;
  readonly #random: () => number;
  #tries = 0;

  constructor(options: BackoffOptions = {}) {
    this.#firstMs = options.firstMs ?? 250;
    this.#maxMs = options.maxMs ?? 1_500;
    this.#random = options.random ?? Math.random;
  }

  /**
   * The delay before the next try: between half and the whole of the capped doubling, less what the failed try took. A
   * try that was refused at once waits; one that heard nothing for seconds has waited already.
   */
  nextMs(triedForMs = 0): number {
    const wholeMs = Math.min(this.#firstMs * 2 ** Math.min(this.#tries, 20), this.#maxMs);
    this.#tries += 1;
    return Math.max(0, wholeMs * (0.5 + this.#random() / 2) - triedForMs);
  }

  reset(): void {
    this.#tries = 0;
  }
}
