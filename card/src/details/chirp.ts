/** A sound that is found again in what came back, however quiet: a sweep, and the correlation that finds it. */

/** Long enough for the codec, short enough to have one place in time. */
const CHIRP_MS = 60;
/** Within what every bandwidth of Opus carries. */
const FROM_HZ = 500;
const TO_HZ = 3_300;
const PEAK = 0.5;
/** Correlation runs on every fourth sample's average: 12 kHz say as much about a sweep that ends at 3.3 kHz. */
const DECIMATION = 4;
/** Of the sound sent: below it nothing came back. */
const SILENCE = 1e-4;

export type EchoFailure = 'silent' | 'unclear';

export interface ChirpOptions {
  /** From one chirp to the next: longer than any delay to be found. */
  periodMs?: number;
  /** 0 to 1, how alike sent and received must be: what a codec leaves of a chirp is above 0.8, noise below 0.3. */
  minLikeness?: number;
  /** Of all chirps, so many must be found. */
  minShare?: number;
}

export const CHIRP_PERIOD_MS = 700;

export function makeChirp(rateHz: number): Float32Array<ArrayBuffer> {
  const length = Math.round((CHIRP_MS / 1000) * rateHz);
  const seconds = length / rateHz;
  return Float32Array.from({ length }, (_, i) => {
    const t = i / rateHz;
    const phase = 2 * Math.PI * (FROM_HZ * t + ((TO_HZ - FROM_HZ) * t * t) / (2 * seconds));
    // A Hann window: no click at either end.
    return PEAK * Math.sin(phase) * 0.5 * (1 - Math.cos((2 * Math.PI * i) / length));
  });
}

/**
 * The median delay between two recordings of one clock: what was sent (chirps in digital silence), and what came back.
 */
export function findDelayMs(
  sent: Float32Array,
  back: Float32Array,
  rateHz: number,
  options: ChirpOptions = {},
): number | EchoFailure {
  const { periodMs = CHIRP_PERIOD_MS, minLikeness = 0.6, minShare = 0.6 } = options;
  const [ours, theirs] = [decimate(sent), decimate(back)];
  const hz = rateHz / DECIMATION;
  const length = Math.round((CHIRP_MS / 1000) * hz);
  const maxLag = Math.round((periodMs / 1000) * hz) - length;
  const starts = startsOf(ours, length).filter((start) => start + maxLag + length <= theirs.length);
  const loudest = theirs.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  if (loudest < SILENCE) return 'silent';
  const delays = starts
    .map((start) => bestMatch(ours.subarray(start, start + length), theirs.subarray(start, start + maxLag + length)))
    .filter(({ likeness }) => likeness >= minLikeness)
    .map(({ lag }) => (lag / hz) * 1000)
    .sort((a, b) => a - b);
  const median = delays[Math.floor(delays.length / 2)];
  return median === undefined || delays.length < starts.length * minShare ? 'unclear' : median;
}

function decimate(samples: Float32Array): Float32Array {
  const result = new Float32Array(Math.floor(samples.length / DECIMATION));
  for (let i = 0; i < result.length; i += 1) {
    const [from, to] = [i * DECIMATION, (i + 1) * DECIMATION];
    result[i] = samples.subarray(from, to).reduce((sum, sample) => sum + sample, 0) / DECIMATION;
  }
  return result;
}

/** Where something begins after silence: in what was sent there is nothing but chirps. */
function startsOf(samples: Float32Array, length: number): number[] {
  const starts: number[] = [];
  for (let i = 0; i < samples.length; i += 1) {
    if (samples[i] === 0) continue;
    starts.push(i);
    i += 2 * length;
  }
  return starts;
}

function bestMatch(chirp: Float32Array, within: Float32Array): { lag: number; likeness: number } {
  const energyOf = (samples: Float32Array): number => samples.reduce((sum, sample) => sum + sample * sample, 0);
  const chirpEnergy = energyOf(chirp);
  let energy = energyOf(within.subarray(0, chirp.length));
  const best = { lag: 0, likeness: 0 };
  for (let lag = 0; lag + chirp.length <= within.length; lag += 1) {
    let product = 0;
    for (let i = 0; i < chirp.length; i += 1) product += (chirp[i] ?? 0) * (within[lag + i] ?? 0);
    // Turned upside down it would still be the same sound.
    const likeness =
      energy > SILENCE * SILENCE * chirp.length ? Math.abs(product) / Math.sqrt(chirpEnergy * energy) : 0;
    if (likeness > best.likeness) Object.assign(best, { lag, likeness });
    energy += (within[lag + chirp.length] ?? 0) ** 2 - (within[lag] ?? 0) ** 2;
  }
  return best;
}
