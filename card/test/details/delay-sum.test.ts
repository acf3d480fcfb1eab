import { describe, expect, it } from 'vitest';
import { sumDelay } from '../../src/details/delay-sum.ts';

describe('sumDelay', () => {
  it('adds frame, both halves of the network, relay, buffer and output', () => {
    const { parts, ms, atLeast } = sumDelay({ roundTripMs: 10, bufferMs: 40, frameMs: 20, outputMs: 15 });
    expect(Object.fromEntries(parts.map((part) => [part.part, part.ms]))).toEqual({
      frame: 20,
      talker: 5,
      relay: 1,
      network: 5,
      buffer: 40,
      output: 15,
    });
    expect(ms).toBe(86);
    expect(atLeast).toBe(false);
  });

  it.each([{ roundTripMs: null }, { bufferMs: null }, { outputMs: null }])('says "at least" without %j', (missing) => {
    const sum = sumDelay({ roundTripMs: 10, bufferMs: 40, frameMs: 20, outputMs: 15, ...missing });
    expect(sum.atLeast).toBe(true);
    expect(sum.ms).toBeLessThan(86);
  });

  it('takes packets to be as the server asks for them until it is known', () => {
    expect(sumDelay({ roundTripMs: 0, bufferMs: null, frameMs: null, outputMs: 0 }).ms).toBe(11);
  });
});
