import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLog } from '../../../src/log.ts';
import { DropCounter } from '../../../src/media/drop-counter.ts';

describe('DropCounter', () => {
  const lines: string[] = [];
  const log = createLog('debug', (_level, line) => lines.push(line));

  beforeEach(() => {
    vi.useFakeTimers();
    lines.length = 0;
  });
  afterEach(() => vi.useRealTimers());

  it('says nothing and runs no timer while nothing is counted', () => {
    const counter = new DropCounter({ log, what: 'packets dropped' });
    expect(vi.getTimerCount()).toBe(0);
    counter.close();
    expect(lines).toEqual([]);
  });

  it('reports the sum of an interval in one line, and again only for what came after', () => {
    const counter = new DropCounter({ log, what: 'packets dropped', intervalMs: 1000 });
    counter.count();
    counter.count(4);
    vi.advanceTimersByTime(999);
    expect(lines).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('WARN  5 packets dropped');
    vi.advanceTimersByTime(10_000);
    expect(lines).toHaveLength(1);
    counter.count(2);
    vi.advanceTimersByTime(1000);
    expect(lines[1]).toContain('2 packets dropped');
    expect(counter.total).toBe(7);
  });

  it('reports what is left when closed and leaves no timer', () => {
    const counter = new DropCounter({ log, what: 'packets dropped' });
    counter.count(3);
    counter.close();
    counter.count();
    expect(vi.getTimerCount()).toBe(0);
    expect(lines).toHaveLength(1);
    expect(counter.total).toBe(4);
  });
});
