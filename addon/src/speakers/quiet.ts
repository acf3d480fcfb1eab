/** Waits until a player has played what it took: no sooner than can be, no later than must be. */
import type { TargetLimits } from './limits.ts';
import type { PlatformRow } from './platforms.ts';
import { isPlaying, isSilent, type PlayerWatch } from './player-watch.ts';

export interface QuietOptions {
  row: PlatformRow;
  limits: Pick<TargetLimits, 'lagMs' | 'pollMs'>;
  /** It was seen to play this already. */
  hasPlayed: boolean;
  /** It has played everything then, if it began at once. */
  endsInMs: number;
  abort: AbortSignal;
}

/** Resolved when the player says so, else when it must have ended, or at `abort`. */
export async function awaitQuiet(watch: PlayerWatch, options: QuietOptions): Promise<void> {
  const { row, limits, endsInMs, abort } = options;
  const plays = (): boolean => watch.now !== undefined && isPlaying(watch.now);
  let seenPlaying = options.hasPlayed || plays();
  const unsubscribe = watch.onChange(() => {
    seenPlaying ||= plays();
  });
  // Music beneath an announcement plays on: its state says nothing.
  const isQuiet = (): boolean => !row.announce && seenPlaying && watch.now !== undefined && isSilent(watch.now);
  try {
    if (await watch.until(isQuiet, endsInMs, abort)) return;
    const lagMs = row.lagMs ?? limits.lagMs;
    for (let leftMs = lagMs; leftMs > 0 && !abort.aborted; leftMs -= limits.pollMs) {
      if (row.polled === true) await watch.attempt('homeassistant.update_entity', {}, limits.pollMs);
      if (await watch.until(isQuiet, Math.min(leftMs, limits.pollMs), abort)) return;
    }
  } finally {
    unsubscribe();
  }
}
