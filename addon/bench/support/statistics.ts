/** Figures of many measurements. Nothing is thrown away: an outlier is a measurement too. */

/** The smallest value that at least the fraction `q` of all does not exceed. NaN of nothing. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export interface Spread {
  p50: number;
  p99: number;
  min: number;
  max: number;
  count: number;
}

/** Throws when there is nothing to judge: a bench that measured nothing is broken. */
export function spread(values: readonly number[], what: string): Spread {
  if (values.length === 0) throw new Error(`nothing was measured: ${what}`);
  return {
    p50: median(values),
    p99: quantile(values, 0.99),
    min: quantile(values, 0),
    max: quantile(values, 1),
    count: values.length,
  };
}

/** As numbers for a person: `1.4 / 3.2`. */
export function pair({ p50, p99 }: { p50: number; p99: number }, unit: string): string {
  return `${round(p50)} / ${round(p99)} ${unit}`;
}

/** Several windows of one figure: their median and how far they lie apart. */
export function windows(values: readonly number[], unit: string): string {
  return `${round(median(values))} ${unit} (${round(Math.min(...values))} to ${round(Math.max(...values))})`;
}

export function round(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(digits);
}
