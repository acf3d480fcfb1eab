import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { steadyNow } from '../src/steady-clock.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

it('goes on with the clock, also over a sleep, and never back with it', () => {
  const begin = steadyNow();
  vi.advanceTimersByTime(1_000);
  expect(steadyNow() - begin).toBe(1_000);
  vi.setSystemTime(Date.now() - 7_200_000);
  expect(steadyNow() - begin).toBe(1_000);
  vi.advanceTimersByTime(500);
  expect(steadyNow() - begin).toBe(1_500);
  vi.setSystemTime(Date.now() + 60_000);
  expect(steadyNow() - begin).toBe(61_500);
});
