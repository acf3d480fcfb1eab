/** CLOCK_MONOTONIC in milliseconds: the same clock in every process of this machine (on Linux). */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
