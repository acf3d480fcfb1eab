import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { LoopWatch } from '../../src/loop-watch.ts';
import { quietLog } from '../support/quiet-log.ts';

let watch: LoopWatch;

afterEach(() => watch.close());

/** Nothing gets its turn. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

it('knows how long nothing got its turn, while it is asked at once and afterwards, and tells of it', async () => {
  const log = quietLog();
  watch = new LoopWatch({ log, toldMs: 500 });
  await delay(10);
  const before = watch.blockedMs;
  block(1_200);
  expect(watch.blockedMs - before).toBeGreaterThan(900);
  await expect.poll(() => log.lines.length, { timeout: 5_000 }).toBe(1);
  expect(log.lines[0]).toMatch(/^WARN .*nothing got its turn for \d\.\d s: this program, or the whole machine/);
  expect(watch.blockedMs - before).toBeGreaterThan(900);
  await watch.close();
});
