import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TalkerRows } from '../src/talker-rows.ts';

const LINGER_MS = 2_000;

describe('TalkerRows', () => {
  let rows: TalkerRows;
  let changed: ReturnType<typeof vi.fn<() => void>>;

  const speak = (...ids: string[]): void =>
    rows.update(ids.map((id) => ({ id, name: id.toUpperCase(), volume: 1, muted: false })));
  const shown = (): string[] => rows.rows.map(({ id, live }) => (live ? id : `(${id})`));

  beforeEach(() => {
    vi.useFakeTimers();
    changed = vi.fn<() => void>();
    rows = new TalkerRows({ changed });
  });

  afterEach(() => vi.useRealTimers());

  it('are in order of speaking', () => {
    speak('anna');
    speak('hall', 'anna');
    expect(shown()).toEqual(['anna', 'hall']);
  });

  it('stay for a moment where they are, then close up', () => {
    speak('anna', 'hall', 'attic');
    speak('anna', 'attic');
    expect(shown()).toEqual(['anna', '(hall)', 'attic']);
    vi.advanceTimersByTime(LINGER_MS);
    expect(shown()).toEqual(['anna', 'attic']);
    expect(changed).toHaveBeenCalledOnce();
  });

  it('do not close up under a finger, however long', () => {
    speak('anna', 'hall');
    rows.hold(true);
    speak('hall');
    vi.advanceTimersByTime(LINGER_MS * 5);
    speak('hall', 'attic');
    expect(shown()).toEqual(['(anna)', 'hall', 'attic']);
    rows.hold(false);
    expect(shown()).toEqual(['hall', 'attic']);
    expect(changed).toHaveBeenCalledOnce();
  });

  it('are the same row for one who speaks again in time', () => {
    speak('anna', 'hall');
    speak('hall');
    speak('hall', 'anna');
    vi.advanceTimersByTime(LINGER_MS * 2);
    expect(shown()).toEqual(['anna', 'hall']);
  });

  it('follow volume and name', () => {
    speak('anna');
    rows.update([{ id: 'anna', name: 'Anna', volume: 0.5, muted: true }]);
    expect(rows.rows).toEqual([{ id: 'anna', name: 'Anna', volume: 0.5, muted: true, live: true }]);
  });

  it('are gone with the card, and nothing comes after', () => {
    speak('anna');
    speak();
    rows.clear();
    vi.advanceTimersByTime(LINGER_MS);
    expect(shown()).toEqual([]);
    expect(changed).not.toHaveBeenCalled();
  });
});
