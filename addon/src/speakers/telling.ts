/** Gets one player to play: awake, as loud as asked, told in its platform's way, and again when Core restarts meanwhile. */
import { messageOf } from './message.ts';
import type { TargetLimits } from './limits.ts';
import type { PlatformRow } from './platforms.ts';
import { can, type PlayerWatch } from './player-watch.ts';
import { houseErrorCode } from './ports.ts';
import type { Snapshot } from './snapshot.ts';
import type { SoundWatch } from './sound-watch.ts';

interface Telling {
  watch: PlayerWatch;
  row: PlatformRow;
  limits: TargetLimits;
  volume: number | undefined;
  abort: AbortSignal;
}

export interface PrepareOptions extends Telling {
  snapshot: Snapshot | undefined;
  /** It is to keep its own state as well, where its integration can. */
  keepState: boolean;
}

export interface TellOptions extends Telling {
  sound: Pick<SoundWatch, 'asked' | 'unasked' | 'fetched'>;
  url: string;
  title: string;
}

export type Answer = 'told' | 'away' | { refused: string };

/** What of this does not work is no reason not to speak. Whether its volume may have changed. */
export async function prepare({ watch, row, limits, volume, abort, ...options }: PrepareOptions): Promise<boolean> {
  const { snapshot, keepState } = options;
  const player = watch.now;
  if (row.snapshot && keepState) await watch.attempt(row.snapshot.save, {}, limits.prepareMs);
  if (row.off === 'turnOn' && snapshot?.off === true && can(player, 'turnOn')) {
    await watch.attempt('turn_on', {}, limits.prepareMs);
    const isOn = (): boolean => watch.now?.state !== 'off' && watch.now?.state !== 'standby';
    await watch.until(isOn, limits.wakeMs, abort);
  }
  if (volume === undefined || row.volumeBy === 'extra') return false;
  const sets = can(player, 'volumeSet');
  if (sets) await watch.attempt('volume_set', { volume_level: volume }, limits.prepareMs);
  if (snapshot?.muted === true && volume > 0 && can(player, 'volumeMute')) {
    await watch.attempt('volume_mute', { is_volume_muted: false }, limits.prepareMs);
    return true;
  }
  return sets;
}

export async function tell(options: TellOptions): Promise<Answer> {
  const { watch, row, limits, abort, sound, url, title, volume } = options;
  const data = {
    media_content_id: contentOf(row, url, title),
    media_content_type: row.contentType ?? 'music',
    ...(row.announce ? { announce: true } : {}),
    ...(row.extra ? { extra: row.extra({ volume, title }) } : {}),
  };
  for (let tries = 0; tries < limits.maxTells && !abort.aborted; tries += 1) {
    sound.asked();
    try {
      await watch.call('play_media', data);
      return 'told';
    } catch (error) {
      const code = houseErrorCode(error);
      // Some answer only when all has been played.
      if (sound.fetched || code === 'timeout') return 'told';
      sound.unasked();
      if (code !== 'unavailable') return { refused: messageOf(error) };
      // Core may be gone before that is known.
      await watch.until(() => !watch.isReachable(), limits.settleMs, abort);
      await watch.until(() => watch.isReachable(), limits.awayMs, abort);
    }
  }
  return 'away';
}

function contentOf({ content, url: form }: PlatformRow, url: string, title: string): string {
  if (content) return content(url, title);
  return form === 'sonosRadio' ? url.replace(/^http:/, 'x-rincon-mp3radio:') : url;
}
