/** A player that waits until it has so many bytes, whatever is in them, and plays in order from then on: when what came is heard. */

export interface Arrival {
  bytes: number;
  atMs: number;
}

export interface Head {
  /** Come at once, before all other bytes. */
  bytes: number;
  /** How long they are to be heard. */
  soundMs: number;
}

export interface Heard {
  /** From the request. */
  startMs: number;
  /** From the coming of live bytes to their being heard, median; undefined when it never began. */
  lateMs: number | undefined;
  /** It had nothing left to play, and went on with the next byte. */
  gaps: number;
}

/** Timers are this exact. */
const GAP_MS = 2;

export function playBuffered(
  arrivals: readonly Arrival[],
  { thresholdBytes, bytesPerMs, head }: { thresholdBytes: number; bytesPerMs: number; head: Head },
): Heard {
  let had = head.bytes;
  const startMs = arrivals.find(({ bytes }) => (had += bytes) >= thresholdBytes)?.atMs ?? Infinity;
  if (startMs === Infinity) return { startMs, lateMs: undefined, gaps: 0 };
  let playedUntilMs = startMs + head.soundMs;
  let gaps = 0;
  const lateMs: number[] = [];
  for (const { bytes, atMs } of arrivals) {
    if (atMs > startMs && atMs > playedUntilMs + GAP_MS) gaps += 1;
    const heardAtMs = Math.max(playedUntilMs, atMs);
    if (atMs > startMs) lateMs.push(heardAtMs - atMs);
    playedUntilMs = heardAtMs + bytes / bytesPerMs;
  }
  return { startMs, lateMs: lateMs.sort((a, b) => a - b)[lateMs.length >> 1], gaps };
}
