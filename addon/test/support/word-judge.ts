/**
 * Was this word heard whole? For what is too short for the speech judge: the waveform itself, found in the recording at
 * the best of all shifts and compared part by part, so that a missing first syllable is not outweighed by the rest.
 */
/** What a word exceeds after Opus and MP3, each of its parts: 0.77 to 0.97. A part that is missing has 0. */
export const WHOLE_WORD = 0.6;

const PARTS = 8;
const COARSE_STEP = 24;
/** Parts quieter than this share of the word prove nothing. */
const MIN_SHARE = 0.004;

export interface WordVerdict {
  /** The worst part's correlation, -1 to 1. */
  score: number;
  /** Where in the recording the word begins. */
  startMs: number;
}

/** Both are 48 kHz mono. */
export function findWord(recorded: Float32Array, word: Float32Array): WordVerdict {
  const last = recorded.length - word.length;
  // A codec may shift by some milliseconds either way, so the word may stand out at both ends.
  const slack = 4800;
  let best = { at: 0, score: -1 };
  for (let at = -slack; at <= last + slack; at += COARSE_STEP) best = better(best, at, recorded, word, COARSE_STEP / 8);
  const coarse = best.at;
  for (let at = coarse - COARSE_STEP; at <= coarse + COARSE_STEP; at += 1) best = better(best, at, recorded, word, 1);
  const length = Math.floor(word.length / PARTS);
  const energy = correlation(word, word, 0, 0, word.length, 1).energy;
  let score = 1;
  for (let part = 0; part < PARTS; part += 1) {
    const start = part * length;
    const { value, energy: share } = correlation(recorded, word, best.at, start, start + length, 1);
    if (share > MIN_SHARE * energy) score = Math.min(score, value);
  }
  return { score, startMs: best.at / 48 };
}

function better(
  best: { at: number; score: number },
  at: number,
  recorded: Float32Array,
  word: Float32Array,
  step: number,
): { at: number; score: number } {
  const score = correlation(recorded, word, at, 0, word.length, step).value;
  return score > best.score ? { at, score } : best;
}

function correlation(
  recorded: Float32Array,
  word: Float32Array,
  at: number,
  from: number,
  to: number,
  step: number,
): { value: number; energy: number } {
  let [product, heard, energy] = [0, 0, 0];
  for (let i = from; i < to; i += step) {
    const a = recorded[at + i] ?? 0;
    const b = word[i]!;
    product += a * b;
    heard += a * a;
    energy += b * b;
  }
  return { value: product / Math.sqrt(heard * energy || 1), energy };
}
