import { describe, expect, it } from 'vitest';
import { seeded } from '../../../test/support/seeded.ts';
import { judgeCurves } from '../../curves.ts';
import { slopeOf } from '../../statistics.ts';
import type { Sample } from '../../watch.ts';

const MINUTES = 20;
const noise = seeded(1);

function samplesOf(heapMiB: (minute: number, second: number) => number): Sample[] {
  return Array.from({ length: MINUTES * 60 }, (_, second) => ({
    atSeconds: second,
    rssMiB: 100,
    heapMiB: heapMiB(second / 60, second),
    handles: 150,
    files: 80,
    loopDelayP99Ms: 2,
    cpuPercent: 10,
    peers: 24,
    streams: 4,
    listeners: 20,
  }));
}

describe('curves', () => {
  it('are flat though they are rough', () => {
    const { broken, figures } = judgeCurves(samplesOf((_, second) => 30 + 5 * noise() + (second === 900 ? 80 : 0)));
    expect(broken).toEqual([]);
    expect(Math.abs(figures['heapMiB']!.perMinute)).toBeLessThan(0.1);
  });

  it('may grow at the start, as caches do', () => {
    expect(judgeCurves(samplesOf((minute) => Math.min(30, 10 + 4 * minute))).broken).toEqual([]);
  });

  it('may not go on growing', () => {
    const { broken } = judgeCurves(samplesOf((minute) => 30 + 0.15 * minute + noise()));
    expect(broken).toHaveLength(1);
    expect(broken[0]).toMatch(/^heapMiB grows by 0\.1\d+ a minute/);
  });

  it('say nothing of a short run', () => {
    expect(judgeCurves(samplesOf((minute) => 30 + minute).slice(0, 300)).broken).toEqual([]);
  });
});

describe('a slope', () => {
  it('is the median of all', () => {
    expect(slopeOf([1, 2, 3, 400, 5, 6])).toBe(1);
    expect(slopeOf([7])).toBe(0);
  });
});
