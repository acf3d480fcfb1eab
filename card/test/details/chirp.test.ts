import { describe, expect, it } from 'vitest';
import { findDelayMs, makeChirp } from '../../src/details/chirp.ts';

const HZ = 48_000;
const PERIOD_MS = 700;
const COUNT = 5;
const samplesOf = (ms: number, hz = HZ): number => Math.round((ms / 1000) * hz);

/** The same at each run. */
function random(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 30 - 1;
  };
}

/** Chirps on the way out, and on the way back each `delaysMs` later. */
function recording(delaysMs: readonly number[], { gain = 1, noise = 0, hz = HZ } = {}): [Float32Array, Float32Array] {
  const length = samplesOf(500 + COUNT * PERIOD_MS + 100, hz);
  const [sent, back] = [new Float32Array(length), new Float32Array(length)];
  const chirp = makeChirp(hz);
  for (let i = 0; i < COUNT; i += 1) {
    const at = samplesOf(500 + i * PERIOD_MS, hz);
    sent.set(chirp, at);
    const delayMs = delaysMs[i % delaysMs.length]!;
    chirp.forEach((sample, n) => (back[at + samplesOf(delayMs, hz) + n] = gain * sample));
  }
  const next = random();
  for (let i = 0; i < length; i += 1) back[i]! += noise * next();
  return [sent, back];
}

describe('findDelayMs', () => {
  it.each([0, 5, 48, 120.5, 600])('finds %d ms', (delayMs) => {
    expect(findDelayMs(...recording([delayMs]), HZ)).toBeCloseTo(delayMs, 0);
  });

  it('on a clock of 44.1 kHz', () => {
    expect(findDelayMs(...recording([48], { hz: 44_100 }), 44_100)).toBeCloseTo(48, 0);
  });

  it('however quiet, upside down, and beside noise half as loud', () => {
    expect(findDelayMs(...recording([48], { gain: 0.01 }), HZ)).toBeCloseTo(48, 0);
    expect(findDelayMs(...recording([48], { gain: -1 }), HZ)).toBeCloseTo(48, 0);
    expect(findDelayMs(...recording([48], { noise: 0.25 }), HZ)).toBeCloseTo(48, 0);
  });

  it('takes the median: one chirp in five that the jitter buffer delayed changes nothing', () => {
    expect(findDelayMs(...recording([48, 48, 48, 48, 300]), HZ)).toBeCloseTo(48, 0);
  });

  it('says that nothing came back', () => {
    expect(findDelayMs(...recording([48], { gain: 0 }), HZ)).toBe('silent');
  });

  it('guesses nothing from noise', () => {
    expect(findDelayMs(...recording([48], { gain: 0, noise: 0.5 }), HZ)).toBe('unclear');
    expect(findDelayMs(...recording([48], { gain: 0.02, noise: 0.5 }), HZ)).toBe('unclear');
  });

  it('wants most of the chirps', () => {
    const [sent, back] = recording([48]);
    back.fill(0, samplesOf(500 + 2 * PERIOD_MS));
    expect(findDelayMs(sent, back, HZ)).toBe('unclear');
  });
});
