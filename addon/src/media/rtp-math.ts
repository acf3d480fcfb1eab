/** Arithmetic on RTP's wrapping counters (RFC 3550, RFC 1982) and on Opus time. */

export const CLOCK_RATE_HZ = 48_000;
export const TICKS_PER_MS = CLOCK_RATE_HZ / 1000;
/** The usual Opus frame, 20 ms; who can is asked for 10. */
export const FRAME_TICKS = 960;

/** How far `to` is ahead of `from`, in -32768..32767. */
export function sequenceDelta(from: number, to: number): number {
  return ((to - from) << 16) >> 16;
}

export function addSequence(sequenceNumber: number, delta: number): number {
  return (sequenceNumber + delta) & 0xffff;
}

/** How far `to` is ahead of `from` in ticks, in -2^31..2^31-1. */
export function timestampDelta(from: number, to: number): number {
  return (to - from) | 0;
}

export function addTimestamp(timestamp: number, ticks: number): number {
  return (timestamp + ticks) >>> 0;
}
