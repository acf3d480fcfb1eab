/** What was said and what was heard of it, both recorded: how much later, and where words have holes. */
import { SAMPLE_RATE_HZ } from '../../test/support/pcm.ts';
import { median } from './statistics.ts';

export interface Tape {
  /** 48 kHz mono. */
  pcm: Float32Array;
  /** Of the first sample. */
  beganAtMs: number;
}

export interface Heard {
  /** From said to heard, the median over the windows. */
  delayMs: number;
  /** Of the time in which there was voice to hear. */
  gapShare: number;
  /** Longest first. */
  gapsMs: number[];
  voiceMs: number;
}

const HOP_MS = 5;
const WINDOW_MS = 20;
/** The jitter buffer stretches and skips, so each such piece is laid beside what was said on its own. */
const PIECE_MS = 1500;
const MAX_DELAY_MS = 2000;
/** Below the loudest: quieter is no voice. */
const RANGE_DB = 60;
const VOICE_DB = 28;
/** So much fainter than what was said there is a hole, not the codec's taste. */
const HOLE_DB = 15;
/** What is said so near a pause may be judged by neither, as pieces fit within such bounds only. */
const MARGIN_MS = 40;
/** Shorter than a packet nobody hears. */
const MIN_GAP_MS = 20;

export function compareTapes(said: Tape, heard: Tape): Heard {
  const [spoken, came] = [levels(said.pcm), levels(heard.pcm)];
  const shift = Math.round((heard.beganAtMs - said.beganAtMs) / HOP_MS);
  const piece = PIECE_MS / HOP_MS;
  const margin = MARGIN_MS / HOP_MS;
  const delays: number[] = [];
  const gapsMs: number[] = [];
  let voiceHops = 0;
  const loudness = median([...came].filter((level) => level > RANGE_DB - VOICE_DB));
  const original = median([...spoken].filter((level) => level > RANGE_DB - VOICE_DB));
  for (let start = 0; start + piece <= spoken.length; start += piece) {
    // `lag` leads from a place of the one tape to the same moment of the other, and on to where it was heard.
    const lags = Array.from({ length: MAX_DELAY_MS / HOP_MS }, (_, later) => later - shift);
    let best = { lag: 0, score: -Infinity };
    for (const lag of lags) {
      if (start + lag < 0 || start + piece + lag > came.length) continue;
      const score = correlation(spoken, start, came, start + lag, piece);
      if (score > best.score) best = { lag, score };
    }
    if (best.score === -Infinity) continue;
    let gap = 0;
    const end = (): void => {
      if (gap * HOP_MS >= MIN_GAP_MS) gapsMs.push(gap * HOP_MS);
      gap = 0;
    };
    let voiceOfPiece = 0;
    for (let at = start; at < start + piece; at += 1) {
      const around = spoken.subarray(Math.max(0, at - margin), at + margin + 1);
      if (around.some((level) => level < RANGE_DB - VOICE_DB)) {
        end();
        continue;
      }
      voiceOfPiece += 1;
      const faintest = Math.min(...around) - original;
      if (came[at + best.lag]! - loudness < faintest - HOLE_DB) gap += 1;
      else end();
    }
    end();
    voiceHops += voiceOfPiece;
    if (voiceOfPiece * HOP_MS > 200) delays.push((best.lag + shift) * HOP_MS);
  }
  gapsMs.sort((a, b) => b - a);
  const voiceMs = voiceHops * HOP_MS;
  return { delayMs: median(delays), gapShare: gapsMs.reduce((sum, ms) => sum + ms, 0) / voiceMs, gapsMs, voiceMs };
}

/** Decibels above what counts as silence, 0 at least. */
function levels(pcm: Float32Array): Float32Array {
  const [hop, window] = [(SAMPLE_RATE_HZ / 1000) * HOP_MS, (SAMPLE_RATE_HZ / 1000) * WINDOW_MS];
  const powers = Float32Array.from({ length: Math.max(0, Math.floor((pcm.length - window) / hop)) }, (_, i) =>
    pcm.subarray(i * hop, i * hop + window).reduce((sum, sample) => sum + sample * sample, 0),
  );
  const floor = powers.reduce((max, power) => Math.max(max, power), 1e-9) / 10 ** (RANGE_DB / 10);
  return powers.map((power) => 10 * Math.log10(Math.max(power, floor) / floor));
}

function correlation(a: Float32Array, fromA: number, b: Float32Array, fromB: number, length: number): number {
  let [meanA, meanB] = [0, 0];
  for (let i = 0; i < length; i += 1) {
    meanA += a[fromA + i]! / length;
    meanB += b[fromB + i]! / length;
  }
  let [product, energyA, energyB] = [0, 0, 0];
  for (let i = 0; i < length; i += 1) {
    const [x, y] = [a[fromA + i]! - meanA, b[fromB + i]! - meanB];
    product += x * y;
    energyA += x * x;
    energyB += y * y;
  }
  return product / Math.sqrt(energyA * energyB + 1e-9);
}
