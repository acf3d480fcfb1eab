/** Why a target cannot be spoken to, before anything is tried. */
import type { SpeakerFault } from '@voice-streaming/shared/protocol';
import { can, isReachable } from './player-watch.ts';
import type { PlatformRow } from './platforms.ts';
import type { HousePlayer } from './ports.ts';

export interface Refusal {
  fault: SpeakerFault;
  why: string;
}

export function refusalOf(entityId: string, player: HousePlayer | undefined, row: PlatformRow): Refusal | undefined {
  if (!entityId.startsWith('media_player.')) {
    return { fault: 'notAPlayer', why: 'It is no media player: those are called media_player.…' };
  }
  if (!player) return { fault: 'notFound', why: 'Home Assistant has no such media player.' };
  if (!isReachable(player)) {
    return { fault: 'unavailable', why: 'Home Assistant cannot reach it: it may be switched off.' };
  }
  if (!can(player, 'playMedia')) {
    return { fault: 'notAPlayer', why: 'It cannot play an address (its integration has no play_media).' };
  }
  return row.cannot === undefined ? undefined : { fault: 'notAPlayer', why: row.cannot };
}
