/** What a long run is judged by: the slope of what should stay flat. */

/**
 * Theil-Sen: the median of the slopes through all pairs. One collection of garbage or one busy minute moves it little, and
 * a leak cannot hide behind them.
 */
export function slopeOf(values: readonly number[]): number {
  const slopes: number[] = [];
  for (let later = 1; later < values.length; later += 1) {
    for (let earlier = 0; earlier < later; earlier += 1) {
      slopes.push((values[later]! - values[earlier]!) / (later - earlier));
    }
  }
  return quantile(slopes, 0.5);
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
}
