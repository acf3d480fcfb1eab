/** What should stay flat, and whether it does: Theil-Sen through the medians of each minute of the second half. */
import { quantile, slopeOf } from './statistics.ts';
import type { Sample } from './watch.ts';

export type CurveName = Exclude<keyof Sample, 'atSeconds'>;

export interface CurveFigures {
  /** Medians of the second half's first and last minute. */
  from: number;
  to: number;
  most: number;
  p99: number;
  perMinute: number;
  /** The most it may be; undefined: it is drawn, not judged. */
  allowedPerMinute: number | undefined;
}

/**
 * What a leak worth the name would pass: a day of 0.1 MiB a minute is 144 MiB. RSS moves with the allocator; 4 talkers
 * coming and going move handles and files, whose medians by the minute are whole numbers.
 */
export const MOST_PER_MINUTE: Partial<Record<CurveName, number>> = {
  rssMiB: 0.25,
  heapMiB: 0.1,
  handles: 0.25,
  files: 0.25,
  loopDelayP99Ms: 0.25,
};
/** A shorter half says nothing. */
const MIN_JUDGED_MINUTES = 5;
/** A minute with fewer looks is not whole. */
const MIN_SAMPLES = 20;

export function judgeCurves(samples: readonly Sample[]): { figures: Record<string, CurveFigures>; broken: string[] } {
  const figures: Record<string, CurveFigures> = {};
  const broken: string[] = [];
  for (const name of Object.keys(samples[0] ?? {}) as (keyof Sample)[]) {
    if (name === 'atSeconds') continue;
    const values = samples.map((sample) => sample[name]);
    const all = minutesOf(samples).filter((minute) => minute.length >= MIN_SAMPLES);
    const minutes = all.slice(Math.floor(all.length / 2)).map((minute) => medianOf(minute, name));
    const isJudged = minutes.length >= MIN_JUDGED_MINUTES;
    const allowedPerMinute = isJudged ? MOST_PER_MINUTE[name] : undefined;
    const perMinute = slopeOf(minutes);
    figures[name] = {
      from: minutes[0] ?? quantile(values, 0.5),
      to: minutes.at(-1) ?? quantile(values, 0.5),
      most: Math.max(...values),
      p99: quantile(values, 0.99),
      perMinute,
      allowedPerMinute,
    };
    if (allowedPerMinute !== undefined && perMinute > allowedPerMinute) {
      broken.push(`${name} grows by ${perMinute.toFixed(3)} a minute; at most ${allowedPerMinute} is allowed`);
    }
  }
  return { figures, broken };
}

/** The looks of each minute. */
export function minutesOf(samples: readonly Sample[]): Sample[][] {
  const minutes: Sample[][] = [];
  for (const sample of samples) (minutes[Math.floor(sample.atSeconds / 60)] ??= []).push(sample);
  return minutes.filter((minute) => minute.length > 0);
}

export function medianOf(samples: readonly Sample[], name: keyof Sample): number {
  return quantile(
    samples.map((sample) => sample[name]),
    0.5,
  );
}
