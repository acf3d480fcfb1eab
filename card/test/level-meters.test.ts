import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LevelMeters, levelOf } from '../src/level-meters.ts';

describe('levelOf', () => {
  it('is 0 for a quiet room, 1 for a loud voice, and more between', () => {
    expect(levelOf(-127)).toBe(0);
    expect(levelOf(-55)).toBe(0);
    expect(levelOf(-20)).toBeGreaterThan(levelOf(-30));
    expect(levelOf(-6)).toBe(1);
    expect(levelOf(0)).toBe(1);
  });
});

describe('LevelMeters', () => {
  let frames: FrameRequestCallback[];
  let reducedMotion: boolean;
  let shown: string[];
  let meters: LevelMeters;
  let nowMs: number;

  /** Runs what waits for a frame; false when nothing does. */
  const frame = (): boolean => {
    const waiting = frames.splice(0);
    nowMs += 16;
    for (const callback of waiting) callback(nowMs);
    return waiting.length > 0;
  };

  beforeEach(() => {
    frames = [];
    shown = [];
    reducedMotion = false;
    nowMs = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
    vi.stubGlobal('requestAnimationFrame', (callback: FrameRequestCallback) => frames.push(callback));
    vi.stubGlobal('cancelAnimationFrame', () => (frames.length = 0));
    vi.stubGlobal('matchMedia', () => ({ matches: reducedMotion }));
    vi.stubGlobal('CSS', { escape: (text: string) => text });
    const element = { style: { setProperty: (_name: string, value: string) => shown.push(value) } };
    const renderRoot = { querySelectorAll: () => [element] };
    meters = new LevelMeters({ addController: vi.fn(), renderRoot } as never);
  });

  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  it('rises smoothly, and stands still with no frame to wait for when it is there', () => {
    meters.update({ hall: -6 });
    let count = 0;
    while (frame()) count += 1;
    expect(count).toBeGreaterThan(5);
    expect(count).toBeLessThan(60);
    expect(shown).toEqual([...shown].sort());
    expect(shown.at(-1)).toBe('1.000');
  });

  it('falls to nothing when the talk is over', () => {
    meters.update({ hall: -6 });
    while (frame());
    meters.keepOnly(new Set());
    while (frame());
    expect(shown.at(-1)).toBe('0.000');
  });

  it('steps with reduced motion', () => {
    reducedMotion = true;
    meters.update({ hall: -6 });
    expect([frame(), frame()]).toEqual([true, false]);
    expect(shown).toEqual(['1.000']);
  });

  it('stops with its card', () => {
    meters.update({ hall: -6 });
    meters.hostDisconnected();
    expect(frame()).toBe(false);
  });
});
