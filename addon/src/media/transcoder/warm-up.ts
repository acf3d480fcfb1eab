/**
 * Warm-up: LAME's first half second is ten times as slow as the rest, as V8 only learns it then. A worker that has
 * nothing to do yet (somebody listens to `latest`, nobody speaks) learns it on noise, one frame at a time.
 */
import { createEncoder } from './encoder.ts';
import { FRAME_SAMPLES } from './formats.ts';

/** Measured: from about the 25th frame on it is as fast as it gets. */
const WARM_UP_FRAMES = 30;

/** Stops for good as soon as `isWanted` says that there is real work. */
export function warmUp(isWanted: () => boolean): void {
  const encoder = createEncoder('mp3');
  let left = WARM_UP_FRAMES;
  const step = (): void => {
    if (left === 0 || isWanted()) return;
    left -= 1;
    encoder.encode(noise());
    setImmediate(step);
  };
  setImmediate(step);
}

/** Loud enough for LAME to try all it can. */
function noise(): Int16Array {
  return Int16Array.from({ length: FRAME_SAMPLES.mp3 }, (_, i) => 8000 * Math.sin(i / 20) + 4000 * Math.random());
}
