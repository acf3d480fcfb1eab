import { describe, expect, it } from 'vitest';
import { ChannelClock } from '../../../../src/media/transcoder/channel-clock.ts';

const MS = 48;

describe('ChannelClock', () => {
  it.each(['mp3', 'wav'] as const)('puts out %s silence in real time, for an hour', (format) => {
    const clock = new ChannelClock(format, 0);
    for (let ms = 0; ms <= 3_600_000; ms += 20) {
      clock.silenceDue(ms, false);
      const ahead = clock.position / MS - ms;
      if (ahead < 0 || ahead > 24) throw new Error(`${ahead} ms ahead after ${ms} ms`);
    }
    expect(clock.position / MS).toBeCloseTo(3_600_000, -2);
  });

  it('leaves a talk its usual lag, stands in for one that hangs', () => {
    const clock = new ChannelClock('wav', 0);
    clock.silenceDue(0, false);
    expect(clock.silenceDue(300, true)).toBe(0);
    expect(clock.silenceDue(340, true)).toBe(2);
    expect(clock.silenceDue(350, true)).toBe(0);
    expect(clock.silenceDue(440, true)).toBe(5);
  });

  it('has room for all of a talk that comes after it was given up on', () => {
    const clock = new ChannelClock('wav', 0);
    for (let ms = 0; ms <= 500; ms += 100) clock.silenceDue(ms, true);
    // What was said in that half second comes at once, and goes on.
    expect(clock.admits(510, 500 * MS)).toBe(true);
    for (let ms = 520; ms <= 1000; ms += 20) expect(clock.admits(ms, 20 * MS)).toBe(true);
  });

  it('takes the tail of a talk off the silence that follows', () => {
    const clock = new ChannelClock('wav', 0);
    expect(clock.admits(0, 100 * MS)).toBe(true);
    expect(clock.silenceDue(90, false)).toBe(0);
    expect(clock.silenceDue(110, false)).toBe(1);
  });

  it('drops sound that runs further ahead than its bound', () => {
    const clock = new ChannelClock('mp3', 0);
    expect(clock.admits(0, 888 * MS)).toBe(true);
    expect(clock.admits(0, 24 * MS)).toBe(true);
    expect(clock.admits(0, 24 * MS)).toBe(false);
    expect(clock.position).toBe(912 * MS);
    expect(clock.admits(20, 24 * MS)).toBe(true);
  });

  it('skips the time a machine slept', () => {
    const clock = new ChannelClock('wav', 0);
    expect(clock.silenceDue(3_600_000, false)).toBe(1);
  });
});
