/** Retry: does one thing until it succeeds, with a growing pause in between, and stops at once when told to. */
import { setTimeout as delay } from 'node:timers/promises';

export interface RetryOptions {
  signal: AbortSignal;
  /** Each failure; what is told to whom is the caller's business. */
  onFailure: (error: unknown) => void;
  /** The first pause; each further one is twice as long. Default 1 s. */
  firstPauseMs?: number;
  /** Default 60 s. */
  longestPauseMs?: number;
}

/** Rejects only when `signal` aborts. */
export async function retry<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { signal, onFailure, firstPauseMs = 1_000, longestPauseMs = 60_000 } = options;
  for (let failures = 0; ; failures += 1) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      onFailure(error);
    }
    // 2 ** 30 would be a number of its own kind.
    await delay(Math.min(firstPauseMs * 2 ** Math.min(failures, 20), longestPauseMs), undefined, { signal });
  }
}

/** Whether `value` comes in time; undefined when it does not, or fails. */
export async function within<T>(ms: number, value: Promise<T>): Promise<T | undefined> {
  const late = new AbortController();
  try {
    return await Promise.race([value, delay(ms, undefined, { signal: late.signal, ref: false })]);
  } catch {
    return undefined;
  } finally {
    late.abort();
  }
}
