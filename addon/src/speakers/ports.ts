/** What speakers need of others; main.ts hands the implementations in. */
import type { AudioFormat } from '../media/transcoder/formats.ts';

/** Home Assistant, as far as it has media players. */
export interface House {
  /** False while Core does not answer; `players()` then tells what was last known. */
  readonly available: boolean;
  /** Every media player that has a state now, groups included. */
  players(): readonly HousePlayer[];
  /**
   * A player came, went or changed (state, attributes, name, area). Called for each player that differs once Core is back
   * after having been away. Returns its own unsubscribe function.
   */
  onPlayersChanged(callback: (entityId: string) => void): () => void;
  /** Core went away or came back. Returns its own unsubscribe function. */
  onAvailableChanged(callback: () => void): () => void;
  /** `media_player.play_media` …; resolves when Core says that it is done. Rejects with HouseError only. */
  callService(service: string, entityId: string, data: Readonly<Record<string, unknown>>): Promise<void>;
  /** An event on Core's bus. Rejects with HouseError only. */
  fireEvent(type: string, data: Readonly<Record<string, unknown>>): Promise<void>;
}

/** A media player as Core describes it now. */
export interface HousePlayer {
  readonly entityId: string;
  /** In the entity registry, where it stays when the player is renamed; null: not registered. */
  readonly registryId?: string | null;
  readonly name: string;
  /** The room: the entity's own area, else its device's. */
  readonly area: string | null;
  /** The integration behind it, by the entity registry: `sonos`, `cast` …; null: not registered (YAML without unique id). */
  readonly platform: string | null;
  /** By the device registry. */
  readonly manufacturer: string | null;
  readonly model: string | null;
  /** `idle`, `playing`, `paused`, `off`, `unavailable` … */
  readonly state: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** MediaPlayerEntityFeature; 0 when Core says nothing of it. */
  readonly supportedFeatures: number;
}

/** Why a service call did not work. Home Assistant's side has a class of its own, so it is told by its fields. */
export type HouseErrorCode =
  /** Core is away, or left before it answered. */
  | 'unavailable'
  /** It said no; the error's message is in its words. */
  | 'refused'
  /** It never answered. */
  | 'timeout';

export interface HouseError extends Error {
  readonly code: HouseErrorCode;
}

export function houseErrorCode(error: unknown): HouseErrorCode | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'unavailable' || code === 'refused' || code === 'timeout' ? code : undefined;
}

/** Makes the URLs by which players come for their share. */
export interface PlayUrlBook {
  /** False: their port is closed, and no player could come. Default: true. */
  readonly isReachable?: boolean;
  announcementUrl(playId: string, format: AudioFormat): string;
}
