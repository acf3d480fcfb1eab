/** Who is heard now: a row each, in the order in which they began, so that no row jumps while it is there. */
import type { StreamInfo } from '@voice-streaming/shared/protocol';
import { Volumes } from './volumes.ts';

export interface Talker {
  streamId: string;
  name: string;
  /** The audio section that carries the voice. */
  mid: string;
  /** The last that the server said, in dBov: 0 loudest, -127 silent. `Session.levels` tells when it changes. */
  level: number;
  /** 0 to 1, as a person set it on this device. */
  volume: number;
  /** Silenced by a person, on this page and for as long as it is open. */
  muted: boolean;
}

/** RFC 6464: nothing can be heard of it. */
export const SILENCE_DBOV = -127;

export class Talkers {
  readonly #volumes: Volumes;
  readonly #levels = new Map<string, number>();
  readonly #muted = new Set<string>();
  #names = new Map<string, string>();
  #slots: Readonly<Record<string, string | null>> = {};
  #order: string[] = [];

  constructor(volumes = new Volumes()) {
    this.#volumes = volumes;
  }

  get list(): readonly Talker[] {
    const mids = new Map(Object.entries(this.#slots).map(([mid, id]) => [id, mid]));
    return this.#order.map((streamId) => ({
      streamId,
      name: this.#names.get(streamId) ?? streamId,
      mid: mids.get(streamId) ?? '',
      level: this.#levels.get(streamId) ?? SILENCE_DBOV,
      volume: this.#volumes.of(streamId),
      muted: this.#muted.has(streamId),
    }));
  }

  get ids(): readonly string[] {
    return this.#order;
  }

  /** How loud each slot is to be played, by mid; an empty one at full, for whoever comes. */
  get volumes(): Record<string, number> {
    return Object.fromEntries(
      Object.entries(this.#slots).map(([mid, id]) => [mid, id === null ? 1 : this.loudnessOf(id)]),
    );
  }

  setSlots(slots: Readonly<Record<string, string | null>>): void {
    this.#slots = slots;
    const heard = Object.values(slots).filter((id) => id !== null);
    const staying = this.#order.filter((id) => heard.includes(id));
    this.#order = [...staying, ...heard.filter((id) => !staying.includes(id))];
    for (const id of this.#levels.keys()) if (!heard.includes(id)) this.#levels.delete(id);
  }

  setStreams(streams: readonly StreamInfo[]): void {
    this.#names = new Map(streams.map(({ id, name }) => [id, name]));
  }

  setLevels(levels: Readonly<Record<string, number>>): void {
    for (const id of this.#order) {
      const level = levels[id];
      if (level !== undefined) this.#levels.set(id, level);
    }
  }

  volumeOf(streamId: string): number {
    return this.#volumes.of(streamId);
  }

  setVolume(streamId: string, volume: number): void {
    this.#volumes.set(streamId, volume);
    this.#muted.delete(streamId);
  }

  setMuted(streamId: string, muted: boolean): void {
    if (muted) this.#muted.add(streamId);
    else this.#muted.delete(streamId);
  }

  /** 0: a person turned its sound off. */
  loudnessOf(streamId: string): number {
    return this.#muted.has(streamId) ? 0 : this.#volumes.of(streamId);
  }
}
