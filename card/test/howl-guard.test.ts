import { describe, expect, it } from 'vitest';
import { HowlGuard } from '../src/howl-guard.ts';

/** Levels as the server sends them, every 200 ms; the answers. */
function hear(guard: HowlGuard, levels: readonly number[]): boolean[] {
  return levels.map((dBov, index) => guard.update(dBov, index * 200));
}

const steady = (dBov: number, count: number): number[] => Array.from({ length: count }, () => dBov);

describe('HowlGuard', () => {
  it('notices a loud sound without a pause for two seconds', () => {
    const answers = hear(new HowlGuard(), steady(-6, 12));
    expect(answers.indexOf(true)).toBe(10);
  });

  it('hears no howl in loud speech, which has pauses', () => {
    const speech = [-8, -10, -6, -30, -9, -7, -12, -45, -8, -6, -9, -28, -7, -8, -10, -35, -6];
    expect(hear(new HowlGuard(), [...speech, ...speech])).not.toContain(true);
  });

  it('hears none in a steady sound that is not near clipping', () => {
    expect(hear(new HowlGuard(), steady(-16, 50))).not.toContain(true);
  });

  it('is over with the first pause', () => {
    const answers = hear(new HowlGuard(), [...steady(-4, 12), -40, -4]);
    expect(answers.slice(-3)).toEqual([true, false, false]);
  });

  it('begins anew with each talk', () => {
    const guard = new HowlGuard();
    hear(guard, steady(-4, 12));
    guard.reset();
    expect(guard.update(-4, 2_600)).toBe(false);
  });
});
