/**
 * Slices: the worker's long jobs take turns of a few milliseconds, and messages are heard between any two turns: however
 * much has to be caught up with, no live talk waits for longer than one turn.
 */
import type { TalkStats } from './messages.ts';

export interface SlicedJob {
  /** For about `sliceMs`. Whether there is more to do at once. */
  work(sliceMs: number): boolean;
  stats(): TalkStats;
  close(): void;
}

/** Below a packet's 10 ms. */
const SLICE_MS = 4;

export class Slices<J extends SlicedJob> {
  readonly #jobs = new Map<number, J>();
  /** In the order of their turns. */
  readonly #wanting = new Set<number>();
  #isWorking = false;

  get size(): number {
    return this.#jobs.size;
  }

  get(number: number): J | undefined {
    return this.#jobs.get(number);
  }

  entries(): IterableIterator<[number, J]> {
    return this.#jobs.entries();
  }

  add(number: number, job: J): void {
    this.#jobs.set(number, job);
    this.wants(number);
  }

  /** There is something to do for this job. */
  wants(number: number): void {
    this.#wanting.add(number);
    if (this.#isWorking) return;
    this.#isWorking = true;
    setImmediate(() => this.#turn());
  }

  delete(number: number): void {
    this.#jobs.get(number)?.close();
    this.#jobs.delete(number);
    this.#wanting.delete(number);
  }

  #turn(): void {
    const [number] = this.#wanting;
    if (number !== undefined) {
      this.#wanting.delete(number);
      if (this.#jobs.get(number)?.work(SLICE_MS) === true) this.#wanting.add(number);
    }
    this.#isWorking = this.#wanting.size > 0;
    if (this.#isWorking) setImmediate(() => this.#turn());
  }
}
