/** To another sample rate, by a windowed sinc: nothing above what both rates can hold comes through as a whistle. */

/** Zero crossings on each side. */
const HALF_WIDTH = 16;

export function resample(samples: Float32Array, fromHz: number, toHz: number): Float32Array {
  if (fromHz === toHz) return samples;
  const ratio = fromHz / toHz;
  // Downwards the filter is as much wider as the new rate is lower.
  const scale = Math.max(1, ratio);
  const reach = HALF_WIDTH * scale;
  const resampled = new Float32Array(Math.floor(samples.length / ratio));
  for (let index = 0; index < resampled.length; index += 1) {
    const center = index * ratio;
    let sum = 0;
    const last = Math.min(samples.length - 1, Math.floor(center + reach));
    for (let at = Math.max(0, Math.ceil(center - reach)); at <= last; at += 1) {
      const distance = (at - center) / scale;
      sum += (samples[at] ?? 0) * sinc(distance) * window(distance / HALF_WIDTH);
    }
    resampled[index] = sum / scale;
  }
  return resampled;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Hann's. */
function window(x: number): number {
  return 0.5 + 0.5 * Math.cos(Math.PI * x);
}
