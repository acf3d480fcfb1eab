/**
 * RecentPackets: the last moments of a stream. An encoder that begins in the middle of a talk needs 50 ms of sound before
 * its first frame can be heard; with these it has them at once.
 */
import type { AudioPacket } from './audio-packet.ts';

export interface RecentPacket {
  readonly packet: AudioPacket;
  readonly ageMs: number;
}

/** Two frames of MP3 and a half: the first holds nothing but the encoder's own delay. */
const KEPT = 3;
/** A sender that paused goes on from here, not from what it said then. */
const MAX_AGE_MS = 150;

export class RecentPackets {
  readonly #packets: AudioPacket[] = [];
  readonly #arrivedAtMs: number[] = [];
  #count = 0;

  add(packet: AudioPacket, nowMs: number): void {
    const place = this.#count % KEPT;
    this.#packets[place] = packet;
    this.#arrivedAtMs[place] = nowMs;
    this.#count += 1;
  }

  /** In the order of their coming. */
  at(nowMs: number): RecentPacket[] {
    const recent: RecentPacket[] = [];
    for (let index = Math.max(0, this.#count - KEPT); index < this.#count; index += 1) {
      const packet = this.#packets[index % KEPT];
      const ageMs = nowMs - (this.#arrivedAtMs[index % KEPT] ?? 0);
      if (packet && ageMs <= MAX_AGE_MS) recent.push({ packet, ageMs });
    }
    return recent;
  }
}
