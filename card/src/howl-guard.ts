/**
 * Notices feedback: another device in the room plays this device's voice into its microphone. No echo canceller knows of
 * it, and the way round is long, so it is an echo that fills every pause and grows until it clips. See DESIGN.md.
 */
export interface HowlGuardOptions {
  /** So long without a pause; speech has several in it. */
  windowMs?: number;
  /** In dBov: a pause is below, … */
  pauseDbov?: number;
  /** … and feedback is louder than this on average. */
  loudDbov?: number;
}

export class HowlGuard {
  readonly #windowMs: number;
  readonly #pauseDbov: number;
  readonly #loudDbov: number;
  #loudSince: number | null = null;
  #levels: number[] = [];

  constructor({ windowMs = 2_000, pauseDbov = -20, loudDbov = -12 }: HowlGuardOptions = {}) {
    this.#windowMs = windowMs;
    this.#pauseDbov = pauseDbov;
    this.#loudDbov = loudDbov;
  }

  /** The own level as the server has it, while on air and heard by somebody. True while it howls. */
  update(dBov: number, nowMs: number): boolean {
    if (dBov < this.#pauseDbov) {
      this.reset();
      return false;
    }
    this.#loudSince ??= nowMs;
    this.#levels.push(dBov);
    // At five levels a second, enough for the window.
    if (this.#levels.length > 16) this.#levels.shift();
    const average = this.#levels.reduce((sum, level) => sum + level, 0) / this.#levels.length;
    return nowMs - this.#loudSince >= this.#windowMs && average > this.#loudDbov;
  }

  reset(): void {
    this.#loudSince = null;
    this.#levels = [];
  }
}
