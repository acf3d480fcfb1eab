/** Puts a player back as it was: silent first, then its volume, then what it played. */
import { messageOf } from './message.ts';
import { can, isPlaying, type PlayerWatch } from './player-watch.ts';
import type { PlatformRow } from './platforms.ts';
import { houseErrorCode, type HousePlayer } from './ports.ts';
import type { Music, Snapshot } from './snapshot.ts';
import type { TargetLimits } from './limits.ts';

export interface PutBackOptions {
  watch: PlayerWatch;
  row: PlatformRow;
  playId: string;
  /** Undefined: only silent. */
  snapshot: Snapshot | undefined;
  volumeWasSet: boolean;
  limits: TargetLimits;
  /** Another announcement goes on here. */
  abort: AbortSignal;
}

interface PuttingBack extends PutBackOptions {
  /** Of all of it: what Core does not answer by then is left. */
  deadlineMs: number;
}

/** Half of what a person could set. */
const SAME_VOLUME = 0.005;
const MAX_SEEKS = 4;
/** More than what rounding loses of a percent, less than anybody's step. */
const NUDGE = 0.001;

/** Never rejects; a sentence when something could not be put back. */
export async function putBack(given: PutBackOptions): Promise<string | undefined> {
  const options: PuttingBack = { ...given, deadlineMs: performance.now() + given.limits.restoreMs };
  const { watch, row, snapshot, abort, deadlineMs } = options;
  const complaints: string[] = [];
  const step = async (what: string, call: () => Promise<void>): Promise<void> => {
    const isLate = complaints.length > 0 && performance.now() >= deadlineMs;
    if (abort.aborted || isLate) return;
    try {
      await call();
    } catch (error) {
      complaints.push(`${what} could not be put back: ${messageOf(error)}.`);
    }
  };
  const player = watch.now;
  const another = player !== undefined && playsAnother(player, options);
  if (!row.announce && !another) await step('Its silence', () => stop(options));
  if (snapshot && options.volumeWasSet) {
    await step('Its volume', () => putVolumeBack(options, snapshot));
    if (snapshot.muted) await step('Its muting', () => insist(options, 'volume_mute', { is_volume_muted: true }));
  }
  if (snapshot && !row.announce && !another) {
    const { restore } = row.snapshot ?? {};
    if (restore !== undefined) await step('What it played', () => insist(options, restore, {}));
    else if (snapshot.music) {
      const { music } = snapshot;
      await step('What it played', () => putMusicBack(options, music));
    } else if (row.off !== undefined && snapshot.off && can(watch.now, 'turnOff')) {
      await step('It', () => insist(options, 'turn_off', {}));
    }
  }
  return complaints[0];
}

/** Somebody has put something else on in the meantime: that stays. */
function playsAnother(player: HousePlayer, { playId, snapshot }: PutBackOptions): boolean {
  const id = player.attributes['media_content_id'];
  if (!isPlaying(player) || typeof id !== 'string' || id === '' || !id.includes('://')) return false;
  return !id.includes(playId) && id !== snapshot?.music?.contentId && !id.includes('/announcement/');
}

async function stop(options: PuttingBack): Promise<void> {
  const { watch } = options;
  const player = watch.now;
  if (can(player, 'stop')) await insist(options, 'media_stop', {});
  else if (can(player, 'pause') && player !== undefined && isPlaying(player)) await insist(options, 'media_pause', {});
}

async function putVolumeBack(options: PuttingBack, { volume }: Snapshot): Promise<void> {
  if (volume === undefined) return;
  const { watch, row, limits, abort } = options;
  const level = row.floorsVolume === true ? Math.min(1, volume + NUDGE) : volume;
  const isBack = (): boolean => {
    const now = watch.now?.attributes['volume_level'];
    return typeof now !== 'number' || Math.abs(now - volume) < SAME_VOLUME;
  };
  for (let tries = 0; tries < 2 && !abort.aborted; tries += 1) {
    await insist(options, 'volume_set', { volume_level: level });
    if (row.polled === true) await insist(options, 'homeassistant.update_entity', {});
    if (await watch.until(isBack, limits.confirmMs, abort)) return;
  }
}

async function putMusicBack(options: PuttingBack, music: Music): Promise<void> {
  const { watch, limits, abort } = options;
  const { contentId, contentType, source, positionSeconds } = music;
  if (contentId === undefined) {
    if (source !== undefined) await insist(options, 'select_source', { source });
    return;
  }
  await insist(options, 'play_media', { media_content_id: contentId, media_content_type: contentType });
  if (positionSeconds === undefined) return;
  const plays = (): boolean => watch.now !== undefined && isPlaying(watch.now);
  await watch.until(plays, limits.confirmMs, abort);
  for (let triesLeft = MAX_SEEKS - 1; !abort.aborted; triesLeft -= 1) {
    try {
      await insist(options, 'media_seek', { seek_position: positionSeconds });
      return;
    } catch (error) {
      if (triesLeft === 0 || houseErrorCode(error) !== 'refused') throw error;
      // MPD says that it plays, and does not wind while it still opens the file.
      await watch.until(() => false, limits.pollMs, abort);
    }
  }
}

function insist(
  { watch, deadlineMs, abort }: PuttingBack,
  service: string,
  data: Record<string, unknown>,
): Promise<void> {
  return watch.insist(service, data, deadlineMs - performance.now(), abort);
}
