/** Time that a test makes pass: what is planned happens in order, at once, the same way on every machine. */
interface Planned {
  atMs: number;
  happen: () => void;
}

export class VirtualClock {
  nowMs = 0;
  readonly #planned: Planned[] = [];

  /** Things planned for one moment happen in the order in which they were planned. */
  after(ms: number, happen: () => void): void {
    const atMs = this.nowMs + ms;
    let at = this.#planned.length;
    while (at > 0 && this.#planned[at - 1]!.atMs > atMs) at -= 1;
    this.#planned.splice(at, 0, { atMs, happen });
  }

  every(ms: number, happen: () => void): void {
    this.after(ms, () => {
      happen();
      this.every(ms, happen);
    });
  }

  runUntil(ms: number): void {
    while ((this.#planned[0]?.atMs ?? Infinity) <= ms) {
      const { atMs, happen } = this.#planned.shift()!;
      this.nowMs = atMs;
      happen();
    }
    this.nowMs = ms;
  }
}
