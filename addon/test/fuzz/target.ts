/** What is fuzzed, and what must hold whatever comes: one target for each door through which strangers' bytes come in. */
import type { Arbitrary } from 'fast-check';

export interface FuzzTarget<T> {
  readonly name: string;
  /** Of a thousand inputs of all targets, so many are for this one. */
  readonly share: number;
  /** Processor time of one run. Default 100 ms. */
  readonly maxRunMs?: number;
  open(): Promise<FuzzRig<T>>;
}

/** The real code with all that it needs, opened once for many inputs. */
export interface FuzzRig<T> {
  /** What one run takes: a message, or a short story of several. */
  readonly inputs: Arbitrary<T>;
  /** Inputs that failed once and have a regression test: tried first. */
  readonly former?: readonly T[];
  /** Messages, packets or requests in it. */
  count(input: T): number;
  /** Gives it to the code; throws or rejects when something does not hold. May be called again with the same input. */
  run(input: T): void | Promise<void>;
  /** What must be the same after each batch as before it: sessions, sockets, listeners, entries. */
  sizes(): Readonly<Record<string, number>>;
  /** Somebody else, who was there all the time, still gets answers. */
  witness(): Promise<void>;
  close(): Promise<void>;
}

/** Whatever the type of its inputs. */
export type AnyTarget = FuzzTarget<unknown>;

export function defineTarget<T>(target: FuzzTarget<T>): AnyTarget {
  return target;
}

/** Planted where the code keeps its secrets; must never be seen in an answer or in a log. */
export const SECRET = 'pl4nted-s3cret-that-nobody-may-see';

export function mustNotTell(what: string, text: string): void {
  const at = text.indexOf(SECRET);
  if (at >= 0) throw new Error(`${what} tells a secret: ${text.slice(Math.max(0, at - 100), at + 60)}`);
}

export function must(holds: boolean, sentence: string): asserts holds {
  if (!holds) throw new Error(sentence);
}
