import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TalkMode } from '../src/config.ts';
import { TalkGesture } from '../src/talk-gesture.ts';

describe('TalkGesture', () => {
  let talking: boolean;
  let gesture: TalkGesture;
  const calls: string[] = [];

  let mode: TalkMode;
  const point = (clientX: number, pointerId: number): object => ({ pointerId, clientX, clientY: 0 });
  const at = (clientX = 0, pointerId = 1): PointerEvent => point(clientX, pointerId) as PointerEvent;
  const down = (pointerId = 1): void =>
    gesture.pointerDown({ ...point(0, pointerId), button: 0, currentTarget: { setPointerCapture: vi.fn() } } as never);
  const up = (pointerId = 1): void => gesture.pointerUp(at(0, pointerId));
  const key = (name: string, repeat = false): KeyboardEvent =>
    ({ key: name, repeat, preventDefault: vi.fn() }) as unknown as KeyboardEvent;

  beforeEach(() => {
    vi.useFakeTimers();
    calls.length = 0;
    talking = false;
    mode = 'both';
    gesture = new TalkGesture({
      press: () => {
        talking = true;
        calls.push('press');
      },
      release: () => {
        talking = false;
        calls.push('release');
      },
      isTalking: () => talking,
      changed: vi.fn(),
      mode: () => mode,
    });
  });

  afterEach(() => vi.useRealTimers());

  it('holds', () => {
    down();
    vi.advanceTimersByTime(350);
    up();
    expect(calls).toEqual(['press', 'release']);
  });

  it('latches on a tap and ends with the next', () => {
    down();
    vi.advanceTimersByTime(349);
    up();
    expect(gesture.latched).toBe(true);
    down();
    up();
    expect(calls).toEqual(['press', 'release']);
    expect(gesture.latched).toBe(false);
  });

  it('never latches when the system takes the pointer', () => {
    down();
    gesture.pointerCancel(at());
    expect(calls).toEqual(['press', 'release']);
  });

  it('holds by Space and Enter, whatever the key repeats', () => {
    for (const name of [' ', 'Enter']) {
      gesture.keyDown(key(name));
      gesture.keyDown(key(name, true));
      vi.advanceTimersByTime(500);
      gesture.keyUp(key(name));
    }
    gesture.keyDown(key('a'));
    expect(calls).toEqual(['press', 'release', 'press', 'release']);
  });

  it('ends when the focus leaves while a key is down', () => {
    gesture.keyDown(key(' '));
    gesture.blur();
    expect(calls).toEqual(['press', 'release']);
  });

  it('does not release a held pointer for a blur', () => {
    down();
    gesture.blur();
    expect(calls).toEqual(['press']);
  });

  it('takes a click without pointer or key, as screen readers make, for a tap', () => {
    gesture.click({ detail: 0 } as MouseEvent);
    expect(gesture.latched).toBe(true);
    gesture.click({ detail: 1 } as MouseEvent);
    expect(calls).toEqual(['press']);
  });

  it('starts anew after a latched talk was ended by others', () => {
    down();
    up();
    talking = false;
    expect(gesture.latched).toBe(false);
    down();
    expect(calls).toEqual(['press', 'press']);
  });

  it('does not latch a talk that was refused', () => {
    down();
    talking = false;
    up();
    expect(gesture.latched).toBe(false);
  });

  it('takes a swipe over the button for no tap: it never latches', () => {
    down();
    gesture.pointerMove(at(25));
    up();
    expect(gesture.latched).toBe(false);
    expect(calls).toEqual(['press', 'release']);
  });

  it('goes on while the held finger slides', () => {
    down();
    vi.advanceTimersByTime(500);
    gesture.pointerMove(at(300));
    expect(calls).toEqual(['press']);
    up();
    expect(calls).toEqual(['press', 'release']);
  });

  it('hears nothing of a second finger', () => {
    down();
    vi.advanceTimersByTime(500);
    down(2);
    up(2);
    gesture.pointerCancel(at(0, 2));
    expect(calls).toEqual(['press']);
    up();
    expect(calls).toEqual(['press', 'release']);
  });

  it('forgets what was held when the button goes', () => {
    down();
    gesture.reset();
    up();
    expect(calls).toEqual(['press']);
    expect(gesture.latched).toBe(false);
  });

  describe('hold only', () => {
    beforeEach(() => (mode = 'hold'));

    it('releases after the shortest tap', () => {
      down();
      up();
      expect(calls).toEqual(['press', 'release']);
      expect(gesture.latched).toBe(false);
    });

    it('still latches for a screen reader, which cannot hold', () => {
      gesture.click({ detail: 0 } as MouseEvent);
      expect(gesture.latched).toBe(true);
      gesture.click({ detail: 0 } as MouseEvent);
      expect(calls).toEqual(['press', 'release']);
    });
  });

  describe('latch only', () => {
    beforeEach(() => (mode = 'latch'));

    it('stays on air however long the finger was down, until the next tap', () => {
      down();
      vi.advanceTimersByTime(5_000);
      up();
      expect(gesture.latched).toBe(true);
      down();
      up();
      expect(calls).toEqual(['press', 'release']);
    });

    it('never latches when the system takes the pointer', () => {
      down();
      gesture.pointerCancel(at());
      expect(calls).toEqual(['press', 'release']);
    });
  });
});
