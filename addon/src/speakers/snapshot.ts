/** What a player was before: its volume, and what it played. Only what a person would miss is put back, nothing is started that was paused. */
import { can, isPlaying } from './player-watch.ts';
import type { HousePlayer } from './ports.ts';

export interface Snapshot {
  readonly off: boolean;
  /** 0 to 1. */
  readonly volume: number | undefined;
  readonly muted: boolean;
  /** Undefined: it played nothing, or nothing that could be named. */
  readonly music: Music | undefined;
}

export interface Music {
  readonly contentId: string | undefined;
  readonly contentType: string;
  readonly source: string | undefined;
  /** Undefined: it has no place to go on from, like radio. */
  readonly positionSeconds: number | undefined;
}

/** A position below this is the beginning. */
const MIN_POSITION_SECONDS = 1;

export function takeSnapshot(player: HousePlayer, nowMs: number): Snapshot {
  const { attributes } = player;
  const volume = attributes['volume_level'];
  return {
    off: player.state === 'off' || player.state === 'standby',
    volume: typeof volume === 'number' && volume >= 0 && volume <= 1 ? volume : undefined,
    muted: attributes['is_volume_muted'] === true,
    music: isPlaying(player) ? musicOf(player, nowMs) : undefined,
  };
}

function musicOf(player: HousePlayer, nowMs: number): Music | undefined {
  const contentId = textOf(player.attributes['media_content_id']);
  const source = can(player, 'selectSource') ? textOf(player.attributes['source']) : undefined;
  if (contentId === undefined && source === undefined) return undefined;
  return {
    contentId,
    contentType: textOf(player.attributes['media_content_type']) ?? 'music',
    source,
    positionSeconds: can(player, 'seek') ? positionOf(player, nowMs) : undefined,
  };
}

/** Core tells where it was when it last looked; it has played on since. */
function positionOf({ attributes }: HousePlayer, nowMs: number): number | undefined {
  const position = Number(attributes['media_position'] ?? Number.NaN);
  const duration = Number(attributes['media_duration'] ?? Number.NaN);
  if (!(position >= 0) || !(duration > 0)) return undefined;
  const at = textOf(attributes['media_position_updated_at']);
  const since = at === undefined ? 0 : (nowMs - Date.parse(at)) / 1000;
  const now = position + (since > 0 ? since : 0);
  return now >= MIN_POSITION_SECONDS && now < duration ? now : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
