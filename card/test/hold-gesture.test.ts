import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HoldGesture } from '../src/hold-gesture.ts';

let on: boolean;
let changes: number;
let gesture: HoldGesture;
const button = { setPointerCapture: vi.fn() };

beforeEach(() => {
  vi.useFakeTimers();
  [on, changes] = [true, 0];
  gesture = new HoldGesture({
    isOn: () => on,
    toggle: () => {
      on = !on;
      changes += 1;
    },
    changed: () => undefined,
  });
});

afterEach(() => {
  gesture.reset();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

function down(): void {
  gesture.pointerDown({ button: 0, pointerId: 1, currentTarget: button } as unknown as PointerEvent);
}

/** As a browser tells the end of a touch. */
function up(): void {
  gesture.pointerUp();
  gesture.pointerCancel();
  gesture.click({ detail: 1 } as MouseEvent);
}

const key = (name = ' ', repeat = false): { event: KeyboardEvent; prevented: () => boolean } => {
  const preventDefault = vi.fn();
  return {
    event: { key: name, repeat, preventDefault } as unknown as KeyboardEvent,
    prevented: () => preventDefault.mock.calls.length > 0,
  };
};

describe('a finger', () => {
  it('that is short switches nothing off, however often, and it is said why for a while', () => {
    for (let touch = 0; touch < 20; touch += 1) {
      down();
      vi.advanceTimersByTime(900);
      up();
    }
    expect(on).toBe(true);
    expect(gesture.wasShort).toBe(true);
    vi.advanceTimersByTime(4_000);
    expect(gesture.wasShort).toBe(false);
  });

  it('that is held for a second switches off, and its end does not switch on again', () => {
    down();
    vi.advanceTimersByTime(1_000);
    expect(on).toBe(false);
    vi.advanceTimersByTime(3_000);
    up();
    expect([on, changes, gesture.wasShort]).toEqual([false, 1, false]);
  });

  it('switches on at once', () => {
    on = false;
    down();
    up();
    expect(on).toBe(true);
  });

  it('that the system takes away switches nothing', () => {
    down();
    gesture.pointerCancel();
    vi.advanceTimersByTime(5_000);
    expect(on).toBe(true);
  });
});

describe('a key', () => {
  it('must be held, too, and its repeats are no clicks', () => {
    const first = key('Enter');
    gesture.keyDown(first.event);
    gesture.keyUp(key('Enter').event);
    expect([on, gesture.wasShort, first.prevented()]).toEqual([true, true, true]);
    gesture.keyDown(key('Enter').event);
    const repeat = key('Enter', true);
    for (let time = 0; time < 20; time += 1) {
      vi.advanceTimersByTime(100);
      gesture.keyDown(repeat.event);
    }
    gesture.keyUp(key('Enter').event);
    expect([on, changes, repeat.prevented()]).toEqual([false, 1, true]);
  });

  it('switches on when it is let go', () => {
    on = false;
    gesture.keyDown(key().event);
    gesture.keyUp(key().event);
    expect([on, changes]).toEqual([true, 1]);
  });

  it('whose focus goes elsewhere switches nothing', () => {
    gesture.keyDown(key().event);
    gesture.blur();
    vi.advanceTimersByTime(5_000);
    expect(on).toBe(true);
  });
});

it('takes the click of assistive technology, which cannot hold, both ways', () => {
  gesture.click({ detail: 0 } as MouseEvent);
  expect(on).toBe(false);
  gesture.click({ detail: 0 } as MouseEvent);
  expect(on).toBe(true);
});
