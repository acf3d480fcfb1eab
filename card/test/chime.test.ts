import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Chime } from '../src/chime.ts';

class FakeContext {
  state = 'suspended';
  currentTime = 0;
  closed = false;
  sink = '';
  readonly destination = {};
  readonly tones: { hz: number; at: number }[] = [];
  readonly #allowed: boolean;

  constructor(allowed: boolean) {
    this.#allowed = allowed;
  }

  /** A browser that wants a gesture leaves it open for ever. */
  resume = (): Promise<void> => {
    if (!this.#allowed) return new Promise(() => undefined);
    this.state = 'running';
    return Promise.resolve();
  };

  setSinkId = (id: string): Promise<void> => {
    this.sink = id;
    return Promise.resolve();
  };

  close = (): Promise<void> => {
    this.closed = true;
    return Promise.resolve();
  };

  createGain = (): unknown => ({
    gain: {
      setValueAtTime: () => undefined,
      linearRampToValueAtTime: () => undefined,
      exponentialRampToValueAtTime: () => undefined,
    },
    connect: (to: unknown) => to,
  });

  createOscillator = (): unknown => {
    const tone = {
      frequency: { value: 0 },
      onended: null as (() => void) | null,
      connect: (to: unknown) => to,
      start: (at: number) => void this.tones.push({ hz: tone.frequency.value, at }),
      stop: (at: number) => void setTimeout(() => tone.onended?.(), at * 1000),
    };
    return tone;
  };
}

describe('Chime', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  const play = async (context: FakeContext): Promise<boolean> => {
    const chime = new Chime({ createContext: () => context as unknown as AudioContext, speaker: () => 'kitchen' });
    const played = chime.play();
    await vi.advanceTimersByTimeAsync(2_000);
    return played;
  };

  it('is two falling tones on the chosen speaker, and leaves no context open', async () => {
    const context = new FakeContext(true);
    expect(await play(context)).toBe(true);
    expect(context.tones).toHaveLength(2);
    expect(context.tones[1]!.hz).toBeLessThan(context.tones[0]!.hz);
    expect(context.tones[1]!.at).toBeGreaterThan(context.tones[0]!.at);
    expect(context.sink).toBe('kitchen');
    expect(context.closed).toBe(true);
  });

  it('is left out where the browser makes no sound before a gesture, instead of sounding late', async () => {
    const context = new FakeContext(false);
    expect(await play(context)).toBe(false);
    expect(context.tones).toEqual([]);
    expect(context.closed).toBe(true);
  });
});
