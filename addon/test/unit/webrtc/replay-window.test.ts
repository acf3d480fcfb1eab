import { expect, test } from 'vitest';
import { ReplayWindow } from '../../../src/webrtc/replay-window.ts';

function admitted(indices: readonly number[]): boolean[] {
  const window = new ReplayWindow();
  return indices.map((index) => window.admit(index));
}

test.each([
  ['each once', [7, 8, 9], [true, true, true]],
  ['twice', [7, 7, 8, 7], [true, false, true, false]],
  ['late ones', [7, 9, 8, 8], [true, true, true, false]],
  ['too old to know', [10, 1034, 10, 11, 11], [true, true, false, true, false]],
  ['after a jump beyond the window', [10, 5000, 4500, 10, 4500], [true, true, true, false, false]],
  ['the same place of the window, a round later', [3, 3 + 1024, 3 + 2048, 3 + 1024], [true, true, true, false]],
  ['beyond 32 bits', [2 ** 47 - 1, 2 ** 47, 2 ** 47 - 1], [true, true, false]],
])('%s', (_name, indices, expected) => {
  expect(admitted(indices)).toEqual(expected);
});

test('agrees with a plain list of what came, over random walks', () => {
  const window = new ReplayWindow();
  const seen = new Set<number>();
  let seed = 1;
  let highest = -1;
  const random = (below: number): number => (seed = (seed * 48_271) % 0x7fff_ffff) % below;
  for (let n = 0; n < 20_000; n += 1) {
    const index = Math.max(0, highest + random(90) - 80);
    const isNew = index > highest - 1024 && !seen.has(index);
    expect(window.admit(index), `index ${index} with highest ${highest}`).toBe(isNew);
    seen.add(index);
    highest = Math.max(highest, index);
  }
});
