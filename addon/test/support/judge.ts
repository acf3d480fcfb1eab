/**
 * Did this recording carry that speech? Compares how the energy in 24 mel bands moves over time, at the best of all
 * shifts: deaf to delay, loudness, tone colour and codecs, but not to other words, noise, a tone or silence.
 */
import { SAMPLE_RATE_HZ } from './pcm.ts';

/** What the right speech exceeds: 0.8 to 0.97 through browsers, 0.65 on a machine that is too busy to keep time. */
export const SAME_SPEECH = 0.6;
/** What other speech, noise, tones and silence stay below, the more so the longer the recording. */
export const OTHER_SPEECH = 0.45;

const FRAME_SAMPLES = 1024;
const HOP_MS = 20;
const HOP_SAMPLES = (SAMPLE_RATE_HZ * HOP_MS) / 1000;
const BANDS = 24;
const LOWEST_HZ = 120;
const HIGHEST_HZ = 6000;
/** Below the loudest band of the whole recording: quieter than this is silence. */
const RANGE_DB = 50;
/** Less sound than this proves nothing. */
const MIN_SOUND_MS = 2000;
const WINDOW = 1400 / HOP_MS;
const MAX_SHIFT = 600 / HOP_MS;

export interface Verdict {
  /** -1 to 1; 0 where there is too little sound to judge. */
  score: number;
  /** Where in the speech the recording's first sound lies; negative when it begins before. */
  offsetMs: number;
  /** From the first to the last sound of the recording. */
  soundMs: number;
}

type Frames = Float32Array[];

/** Both are 48 kHz mono; the recording may hold only a part of the speech, with silence around it. */
export function compareSpeech(recorded: Float32Array, spoken: Float32Array): Verdict {
  const heard = trim(toFrames(recorded));
  const expected = trim(toFrames(spoken));
  const soundMs = heard.length * HOP_MS;
  const nothing = { score: 0, offsetMs: 0, soundMs };
  if (soundMs < MIN_SOUND_MS || expected.length === 0) return nothing;
  const minOverlap = Math.ceil(Math.max(WINDOW, 0.7 * Math.min(heard.length, expected.length)));
  const whole = bestOffset(heard, expected, minOverlap - heard.length, expected.length - minOverlap);
  return { score: windowScore(heard, expected, whole.offset), offsetMs: whole.offset * HOP_MS, soundMs };
}

/**
 * The median over windows, each shifted a little on its own: a jitter buffer stretches and skips, most of all on a busy
 * machine, and a stall early on must not spoil what is right later.
 */
function windowScore(heard: Frames, expected: Frames, offset: number): number {
  const scores: number[] = [];
  for (let start = 0; start + WINDOW <= heard.length; start += WINDOW / 2) {
    const window = heard.slice(start, start + WINDOW);
    const first = Math.max(0, start + offset - MAX_SHIFT);
    const last = Math.min(expected.length - WINDOW, start + offset + MAX_SHIFT);
    if (first <= last) scores.push(bestOffset(window, expected, first, last).score);
  }
  scores.sort((a, b) => a - b);
  return scores[scores.length >> 1] ?? 0;
}

function bestOffset(heard: Frames, expected: Frames, first: number, last: number): { offset: number; score: number } {
  let best = { offset: first, score: -1 };
  for (let offset = first; offset <= last; offset++) {
    const score = correlate(heard, expected, offset);
    if (score > best.score) best = { offset, score };
  }
  return best;
}

/** Root mean square, 0 to 1. */
export function loudness(pcm: Float32Array): number {
  return Math.sqrt(pcm.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, pcm.length));
}

/** Correlation of all bands at once, each band's mean taken off, where the two overlap. */
function correlate(heard: Frames, expected: Frames, offset: number): number {
  const from = Math.max(0, -offset);
  const to = Math.min(heard.length, expected.length - offset);
  let [product, energyA, energyB] = [0, 0, 0];
  for (let band = 0; band < BANDS; band++) {
    let [meanA, meanB] = [0, 0];
    for (let i = from; i < to; i++) {
      meanA += heard[i]![band]!;
      meanB += expected[i + offset]![band]!;
    }
    meanA /= to - from;
    meanB /= to - from;
    for (let i = from; i < to; i++) {
      const a = heard[i]![band]! - meanA;
      const b = expected[i + offset]![band]! - meanB;
      product += a * b;
      energyA += a * a;
      energyB += b * b;
    }
  }
  const scale = Math.sqrt(energyA * energyB);
  return scale < 1e-6 ? 0 : product / scale;
}

/** Decibels above the floor, per frame and band. */
function toFrames(pcm: Float32Array): Frames {
  const frames: Frames = [];
  for (let start = 0; start + FRAME_SAMPLES <= pcm.length; start += HOP_SAMPLES) {
    frames.push(bandEnergies(pcm.subarray(start, start + FRAME_SAMPLES)));
  }
  const loudest = frames.reduce((max, frame) => frame.reduce((a, b) => Math.max(a, b), max), 0);
  // Digital silence, or what is left of it after a codec.
  const floor = Math.max(loudest / 10 ** (RANGE_DB / 10), 1e-6);
  return frames.map((frame) => frame.map((energy) => 10 * Math.log10(Math.max(energy, floor) / floor)));
}

/** Without the silent frames at both ends. */
function trim(frames: Frames): Frames {
  const isSound = (frame: Float32Array): boolean => frame.some((decibels) => decibels > RANGE_DB / 3);
  const first = frames.findIndex(isSound);
  return first < 0 ? [] : frames.slice(first, frames.findLastIndex(isSound) + 1);
}

const HANN = Float32Array.from(
  { length: FRAME_SAMPLES },
  (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / FRAME_SAMPLES),
);
const BAND_OF_BIN = Int8Array.from({ length: FRAME_SAMPLES / 2 }, (_, bin) => {
  const position = (mel((bin * SAMPLE_RATE_HZ) / FRAME_SAMPLES) - mel(LOWEST_HZ)) / (mel(HIGHEST_HZ) - mel(LOWEST_HZ));
  return position < 0 || position >= 1 ? -1 : Math.floor(position * BANDS);
});

function mel(hz: number): number {
  return 2595 * Math.log10(1 + hz / 700);
}

function bandEnergies(samples: Float32Array): Float32Array {
  const real = samples.map((sample, i) => sample * HANN[i]!);
  const imaginary = new Float32Array(FRAME_SAMPLES);
  transform(real, imaginary);
  const bands = new Float32Array(BANDS);
  for (let bin = 1; bin < FRAME_SAMPLES / 2; bin++) {
    const band = BAND_OF_BIN[bin]!;
    if (band >= 0) bands[band]! += real[bin]! ** 2 + imaginary[bin]! ** 2;
  }
  return bands;
}

/** Radix-2 FFT in place (Cooley-Tukey). */
function transform(real: Float32Array, imaginary: Float32Array): void {
  const size = real.length;
  for (let i = 1, j = 0; i < size; i++) {
    let bit = size >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) [real[i], real[j]] = [real[j]!, real[i]!];
  }
  for (let length = 2; length <= size; length *= 2) {
    const angle = (-2 * Math.PI) / length;
    for (let start = 0; start < size; start += length) {
      for (let k = 0; k < length / 2; k++) {
        const [a, b] = [start + k, start + k + length / 2];
        const [cos, sin] = [Math.cos(angle * k), Math.sin(angle * k)];
        const [re, im] = [real[b]! * cos - imaginary[b]! * sin, real[b]! * sin + imaginary[b]! * cos];
        [real[b], imaginary[b]] = [real[a]! - re, imaginary[a]! - im];
        [real[a], imaginary[a]] = [real[a]! + re, imaginary[a]! + im];
      }
    }
  }
}
