/**
 * The last seconds of voice on one transport: loss, concealment, jitter buffer and bitrate are differences of counters,
 * taken only while packets flowed. A pause between talks is no loss, and what browsers invent in it is no concealment.
 */
import type { Counters } from './path-stats.ts';

export interface VoiceQuality {
  /** 0 to 1, of packets. */
  loss: number;
  /** 0 to 1, of samples while somebody spoke; null: nothing of the kind was counted. */
  concealed: number | null;
  bufferMs: number | null;
  /** Sound in one packet, as the talker's browser chose; null: nothing was heard. */
  frameMs: number | null;
  kbps: number;
}

/** Opus in one RTP packet, RFC 7587 3. */
const FRAMES_MS = [2.5, 5, 10, 20, 40, 60, 120];
const SAMPLES_PER_MS = 48;

interface Interval extends Counters {
  ms: number;
  /** Somebody spoke from its begin to its end. */
  live: boolean;
}

export class VoiceWindow {
  readonly #maxIntervals: number;
  #intervals: Interval[] = [];
  #last: { counters: Counters; atMs: number; live: boolean } | null = null;

  constructor({ maxIntervals = 10 }: { maxIntervals?: number } = {}) {
    this.#maxIntervals = maxIntervals;
  }

  add(counters: Counters | null, atMs: number, live: boolean): void {
    const last = this.#last;
    this.#last = counters && { counters, atMs, live };
    if (!counters || !last) return;
    const since = (name: keyof Counters): number => counters[name] - last.counters[name];
    if (since('packets') < 0) this.#intervals = []; // Another peer, which counts anew.
    if (since('packets') <= 0) return;
    this.#intervals.push({
      packets: since('packets'),
      // A late packet takes back a loss that was told before.
      lost: since('lost'),
      bytes: since('bytes'),
      bufferSeconds: since('bufferSeconds'),
      emittedSamples: since('emittedSamples'),
      samples: since('samples'),
      concealedSamples: since('concealedSamples'),
      ms: atMs - last.atMs,
      live: live && last.live,
    });
    this.#intervals = this.#intervals.slice(-this.#maxIntervals);
  }

  /** Null until a voice has been counted. */
  get quality(): VoiceQuality | null {
    const intervals = this.#intervals;
    if (intervals.length === 0) return null;
    const sum = (name: keyof Counters | 'ms', of = intervals): number =>
      of.reduce((total, interval) => total + interval[name], 0);
    const live = intervals.filter((interval) => interval.live);
    return {
      loss: Math.max(0, sum('lost')) / sum('packets'),
      concealed: sum('samples', live) > 0 ? Math.max(0, sum('concealedSamples', live)) / sum('samples', live) : null,
      bufferMs: sum('emittedSamples') > 0 ? (sum('bufferSeconds') / sum('emittedSamples')) * 1000 : null,
      frameMs: sum('emittedSamples') > 0 ? frameOf(sum('emittedSamples') / sum('packets')) : null,
      kbps: (sum('bytes') * 8) / sum('ms'),
    };
  }
}

/** The counters are read between packets, so it is near one of those that are possible. */
function frameOf(samples: number): number {
  const ms = samples / SAMPLES_PER_MS;
  const distance = (frameMs: number): number => Math.abs(Math.log(frameMs / ms));
  return FRAMES_MS.reduce((nearest, frameMs) => (distance(frameMs) < distance(nearest) ? frameMs : nearest));
}
