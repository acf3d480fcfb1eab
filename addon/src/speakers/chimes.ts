/** The chimes that are built in, made when first wanted: struck bars and bowls as sums of partials that die away. */
import { SAMPLE_RATE_HZ } from '../media/transcoder/formats.ts';

/** One blow: when, how high, how long it rings (to a thousandth), how loud. */
interface Stroke {
  atMs: number;
  hz: number;
  ringMs: number;
  level: number;
}

interface Instrument {
  strokes: readonly Stroke[];
  lengthMs: number;
  /** Frequency, loudness and ringing of each partial, by those of the lowest. */
  partials: readonly (readonly [ratio: number, level: number, ring: number])[];
  attackMs: number;
}

/** A bar of metal, tuned: overtones two octaves and more up, soon gone. */
const BAR = [
  [1, 1, 1],
  [2.0, 0.12, 0.6],
  [4.0, 0.16, 0.32],
  [9.2, 0.05, 0.1],
] as const;
/** A bowl: close partials beat against each other. */
const BOWL = [
  [1, 1, 1],
  [1.006, 0.6, 0.9],
  [2.71, 0.4, 0.5],
  [5.18, 0.15, 0.25],
] as const;

const INSTRUMENTS = {
  /** Short, so that the voice is not kept waiting. */
  ding: {
    strokes: [{ atMs: 0, hz: 1046.5, ringMs: 620, level: 0.5 }],
    lengthMs: 520,
    partials: BAR,
    attackMs: 3,
  },
  dingdong: {
    strokes: [
      { atMs: 0, hz: 830.6, ringMs: 1000, level: 0.42 },
      { atMs: 420, hz: 659.3, ringMs: 1200, level: 0.42 },
    ],
    lengthMs: 1350,
    partials: BAR,
    attackMs: 4,
  },
  gong: {
    strokes: [{ atMs: 0, hz: 220, ringMs: 2200, level: 0.36 }],
    lengthMs: 1800,
    partials: BOWL,
    attackMs: 25,
  },
} as const satisfies Record<string, Instrument>;

export type BuiltInChime = keyof typeof INSTRUMENTS;
export const BUILT_IN_CHIMES = Object.keys(INSTRUMENTS) as BuiltInChime[];

/** -60 dB. */
const RUNG_OUT = Math.log(1000);
const FADE_MS = 40;

/** 48 kHz mono, peaks below full scale. */
export function synthesize(chime: BuiltInChime): Int16Array {
  const { strokes, lengthMs, partials, attackMs }: Instrument = INSTRUMENTS[chime];
  const length = samplesIn(lengthMs);
  const sound = new Float32Array(length);
  for (const { atMs, hz, ringMs, level } of strokes) {
    const start = samplesIn(atMs);
    for (const [ratio, loudness, ring] of partials) {
      addPartial(sound.subarray(start), {
        step: (2 * Math.PI * hz * ratio) / SAMPLE_RATE_HZ,
        level: level * loudness,
        decay: Math.exp(-RUNG_OUT / samplesIn(ringMs * ring)),
        attack: samplesIn(attackMs),
      });
    }
  }
  return toPcm(fadedOut(sound));
}

/** A sine that dies away, by its recurrence: a chime is made in a moment, with voices waiting on this thread. */
function addPartial(
  sound: Float32Array,
  { step, level, decay, attack }: { step: number; level: number; decay: number; attack: number },
): void {
  const turn = 2 * decay * Math.cos(step);
  const fade = decay * decay;
  let before = 0;
  let now = decay * Math.sin(step);
  for (let age = 1; age < sound.length; age += 1) {
    sound[age] = (sound[age] ?? 0) + level * Math.min(1, age / attack) * now;
    const next = turn * now - fade * before;
    before = now;
    now = next;
  }
}

/** A tone that rises through what speakers can do: two octaves in the time, for who tests one. */
export function chirp(lengthMs = 900): Int16Array {
  const length = samplesIn(lengthMs);
  const sound = new Float32Array(length);
  let phase = 0;
  for (let at = 0; at < length; at += 1) {
    const hz = 440 * 4 ** (at / length);
    phase += (2 * Math.PI * hz) / SAMPLE_RATE_HZ;
    sound[at] = 0.35 * Math.sin(phase) * Math.min(1, at / samplesIn(FADE_MS));
  }
  return toPcm(fadedOut(sound));
}

export function samplesIn(ms: number): number {
  return Math.round((ms / 1000) * SAMPLE_RATE_HZ);
}

function fadedOut(sound: Float32Array): Float32Array {
  const fade = samplesIn(FADE_MS);
  for (let left = 1; left <= fade && left <= sound.length; left += 1) {
    const at = sound.length - left;
    sound[at] = (sound[at] ?? 0) * (left / fade);
  }
  return sound;
}

function toPcm(sound: Float32Array): Int16Array {
  const pcm = new Int16Array(sound.length);
  for (let at = 0; at < sound.length; at += 1) {
    pcm[at] = Math.max(-32_767, Math.min(32_767, Math.round((sound[at] ?? 0) * 32_767)));
  }
  return pcm;
}
