/** What a player was before: its volume, and what it played. Only what a person would miss is put back, nothing is started that was paused. */
import type { TargetLimits } from './limits.ts';
import { can, isPlaying, type PlayerWatch } from './player-watch.ts';
import type { PlatformRow } from './platforms.ts';
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

/**
 * What we shall start again is asked once more: Core may know a place ten seconds old, nothing of a wind since then (core:dlna_dmr), and
 * nothing of a pause or an end where it polls (core:mpd). Takes `prepareMs` at most; never rejects.
 */
export async function takeSnapshot(
  watch: PlayerWatch,
  player: HousePlayer,
  row: PlatformRow,
  { prepareMs }: TargetLimits,
): Promise<Snapshot> {
  const askedAtMs = Date.now();
  const isOurs = !row.announce && row.snapshot === undefined;
  const winds = can(player, 'seek') && durationOf(player) > 0;
  const asks = isOurs && isPlaying(player) && (winds || row.polled === true);
  const answered = asks && (await watch.attempt('homeassistant.update_entity', {}, prepareMs));
  const now = watch.now ?? player;
  const snapshot = snapshotOf(now, answered && row.polled === true ? askedAtMs : 0);
  // Of a player that turns out to be off, Core tells no volume any more.
  return { ...snapshot, volume: snapshot.volume ?? volumeOf(player) };
}

/** `polledAtMs`: whatever it says of its place is no older. */
function snapshotOf(player: HousePlayer, polledAtMs: number): Snapshot {
  const { attributes } = player;
  return {
    off: player.state === 'off' || player.state === 'standby',
    volume: volumeOf(player),
    muted: attributes['is_volume_muted'] === true,
    music: isPlaying(player) ? musicOf(player, polledAtMs) : undefined,
  };
}

function volumeOf({ attributes }: HousePlayer): number | undefined {
  const volume = attributes['volume_level'];
  return typeof volume === 'number' && volume >= 0 && volume <= 1 ? volume : undefined;
}

function musicOf(player: HousePlayer, polledAtMs: number): Music | undefined {
  const contentId = textOf(player.attributes['media_content_id']);
  const source = can(player, 'selectSource') ? textOf(player.attributes['source']) : undefined;
  if (contentId === undefined && source === undefined) return undefined;
  return {
    contentId,
    contentType: textOf(player.attributes['media_content_type']) ?? 'music',
    source,
    positionSeconds: can(player, 'seek') ? positionOf(player, polledAtMs) : undefined,
  };
}

/**
 * Core tells where it was when it last looked; it has played on since. When it looks again and finds the same second, it leaves
 * the time of the former look (async_upnp_client profile.py, core:mpd).
 */
function positionOf(player: HousePlayer, polledAtMs: number): number | undefined {
  const { attributes } = player;
  const position = Number(attributes['media_position'] ?? Number.NaN);
  const duration = durationOf(player);
  if (!(position >= 0) || !(duration > 0)) return undefined;
  const nowMs = Date.now();
  const at = textOf(attributes['media_position_updated_at']);
  const lookedAtMs = Math.max(polledAtMs, at === undefined ? nowMs : Date.parse(at));
  const now = position + Math.max(0, nowMs - lookedAtMs) / 1000;
  return now >= MIN_POSITION_SECONDS && now < duration ? now : undefined;
}

/** NaN: it has none, like radio. */
function durationOf({ attributes }: HousePlayer): number {
  return Number(attributes['media_duration'] ?? Number.NaN);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
