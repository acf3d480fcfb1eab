import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TalkGesture } from '../src/talk-gesture.ts';

describe('TalkGesture', () => {
  let talking: boolean;
  let gesture: TalkGesture;
  const calls: string[] = [];

  const down = (): void =>
    gesture.pointerDown({ button: 0, pointerId: 1, currentTarget: { setPointerCapture: vi.fn() } } as never);
  const key = (name: string, repeat = false): KeyboardEvent =>
    ({ key: name, repeat, preventDefault: vi.fn() }) as unknown as KeyboardEvent;

  beforeEach(() => {
    vi.useFakeTimers();
    calls.length = 0;
    talking = false;
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
    });
  });

  afterEach(() => vi.useRealTimers());

  it('holds', () => {
    down();
    vi.advanceTimersByTime(350);
    gesture.pointerUp();
    expect(calls).toEqual(['press', 'release']);
  });

  it('latches on a tap and ends with the next', () => {
    down();
    vi.advanceTimersByTime(349);
    gesture.pointerUp();
    expect(gesture.latched).toBe(true);
    down();
    gesture.pointerUp();
    expect(calls).toEqual(['press', 'release']);
    expect(gesture.latched).toBe(false);
  });

  it('never latches when the system takes the pointer', () => {
    down();
    gesture.pointerCancel();
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
    gesture.pointerUp();
    talking = false;
    expect(gesture.latched).toBe(false);
    down();
    expect(calls).toEqual(['press', 'press']);
  });

  it('does not latch a talk that was refused', () => {
    down();
    talking = false;
    gesture.pointerUp();
    expect(gesture.latched).toBe(false);
  });
});
