/**
 * RecentPackets: the last moments of a stream. An encoder that begins in the middle of a talk needs 50 ms of sound before
 * its first frame can be heard; with these it has them at once.
 */
import type { AudioPacket } from './audio-packet.ts';
import { TICKS_PER_MS, timestampDelta } from './rtp-math.ts';

export interface RecentPacket {
  readonly packet: AudioPacket;
  readonly ageMs: number;
}

/** Two frames of MP3 and a half: the first holds nothing but the encoder's own delay. */
const KEPT_TICKS = 60 * TICKS_PER_MS;
/** Of 10 ms; of longer ones fewer are as much sound. */
const KEPT_PACKETS = 6;
/** A sender that paused goes on from here, not from what it said then. */
const MAX_AGE_MS = 150;

export class RecentPackets {
  readonly #packets: AudioPacket[] = [];
  readonly #arrivedAtMs: number[] = [];
  #count = 0;

  add(packet: AudioPacket, nowMs: number): void {
    const place = this.#count % KEPT_PACKETS;
    this.#packets[place] = packet;
    this.#arrivedAtMs[place] = nowMs;
    this.#count += 1;
  }

  /** In the order of their coming. */
  at(nowMs: number): RecentPacket[] {
    const recent: RecentPacket[] = [];
    for (let index = Math.max(0, this.#count - KEPT_PACKETS); index < this.#count; index += 1) {
      const packet = this.#packets[index % KEPT_PACKETS];
      const ageMs = nowMs - (this.#arrivedAtMs[index % KEPT_PACKETS] ?? 0);
      if (packet && ageMs <= MAX_AGE_MS) recent.push({ packet, ageMs });
    }
    const newest = newestTimestamp(recent);
    return recent.filter(({ packet }) => timestampDelta(packet.timestamp, newest) < KEPT_TICKS);
  }
}

/** One that came late is not the newest. */
function newestTimestamp(recent: readonly RecentPacket[]): number {
  return recent.reduce(
    (newest, { packet }) => (timestampDelta(newest, packet.timestamp) > 0 ? packet.timestamp : newest),
    recent[0]?.packet.timestamp ?? 0,
  );
}
