import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Blips } from '../src/blips.ts';

/** Stand-in for an AudioContext: notes what would sound. */
class FakeContext {
  currentTime = 0;
  readonly destination = {};
  readonly notes: { hz: number; from: number; to: number }[] = [];
  readonly gains: number[] = [];
  resume = vi.fn(() => Promise.resolve());
  suspend = vi.fn(() => Promise.resolve());

  createOscillator(): unknown {
    const note = { hz: 0, from: 0, to: 0 };
    this.notes.push(note);
    return {
      frequency: {
        set value(hz: number) {
          note.hz = hz;
        },
      },
      connect: (next: unknown) => next,
      start: (at: number) => (note.from = at),
      stop: (at: number) => (note.to = at),
    };
  }

  createGain(): unknown {
    const set = (value: number): number => this.gains.push(value);
    return {
      gain: { setValueAtTime: set, linearRampToValueAtTime: set },
      connect: (next: unknown) => next,
    };
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('Blips', () => {
  let context: FakeContext;
  let made: number;
  let blips: Blips;
  let speaker: string;

  beforeEach(() => {
    context = new FakeContext();
    made = 0;
    speaker = '';
    const createContext = (): AudioContext => {
      made += 1;
      return context as unknown as AudioContext;
    };
    blips = new Blips({ createContext, speaker: () => speaker });
  });

  it('makes its context with the first press only: a page that loads stops no music', async () => {
    blips.play('on');
    expect(made).toBe(0);
    blips.prepare();
    blips.prepare();
    await settle();
    expect(made).toBe(1);
    expect(context.notes).toEqual([]);
  });

  it('goes up for on, down for off, three times for refused, each short and soft', async () => {
    blips.prepare();
    const hear = async (blip: 'on' | 'off' | 'refused'): Promise<number[]> => {
      context.notes.length = 0;
      blips.play(blip);
      await settle();
      expect(Math.max(...context.notes.map(({ to }) => to))).toBeLessThan(0.3);
      return context.notes.map(({ hz }) => hz);
    };
    const [low, high] = await hear('on');
    expect(high).toBeGreaterThan(low!);
    expect(await hear('off')).toEqual([high, low]);
    expect(new Set(await hear('refused')).size).toBe(1);
    expect(context.notes).toHaveLength(3);
    expect(Math.max(...context.gains)).toBeLessThanOrEqual(0.1);
  });

  it('does not sound late, when the browser lets it at last', async () => {
    let allow = (): void => undefined;
    context.resume.mockReturnValue(new Promise((resolve) => (allow = resolve)));
    blips.prepare();
    vi.spyOn(performance, 'now').mockReturnValueOnce(0).mockReturnValueOnce(401);
    blips.play('on');
    allow();
    await settle();
    expect(context.notes).toEqual([]);
    vi.restoreAllMocks();
  });

  it('sounds on the chosen speaker, where the browser can do that', () => {
    const setSinkId = vi.fn(() => Promise.resolve());
    Object.assign(context, { setSinkId });
    blips.prepare();
    expect(setSinkId).not.toHaveBeenCalled();
    speaker = 'desk';
    blips.prepare();
    blips.prepare();
    speaker = '';
    blips.prepare();
    expect(setSinkId.mock.calls).toEqual([['desk'], ['']]);
  });

  it('is silent where there is no Web Audio', () => {
    const none = new Blips({
      createContext: () => {
        throw new Error('too many contexts');
      },
    });
    none.prepare();
    none.play('refused');
    none.rest();
  });
});
