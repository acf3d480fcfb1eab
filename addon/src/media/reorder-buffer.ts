/**
 * ReorderBuffer: packets in any order in, packets in order out, and how many are missing before each. It waits at most
 * `maxWaitMs` for a missing one. Only the HTTP branch has it: WebRTC receivers have jitter buffers of their own.
 * Time is handed in, so it has no timers; whoever owns it asks again later.
 */
import { addSequence, sequenceDelta } from './rtp-math.ts';

export interface ReorderBufferOptions {
  /** How long a packet waits for an earlier one. Default 60 ms: three usual packets. */
  maxWaitMs?: number;
  /** A wider jump, in packets, is a new source, not loss. Default 50. */
  maxJump?: number;
  /** Packets held at once, whatever their age. Default 32. */
  maxPackets?: number;
  /** So many late packets in a row are a source that began anew a little further back. Default 8. */
  maxLateRun?: number;
}

export interface OrderedPacket<P> {
  packet: P;
  /** Packets missing directly before this one. */
  lost: number;
  /** Numbering does not go on from the packet before: neither sequence number nor timestamp mean anything to it. */
  newSource: boolean;
}

interface Held<P> {
  packet: P;
  arrivedAtMs: number;
}

export class ReorderBuffer<P extends { readonly sequenceNumber: number }> {
  /** Packets given up on. */
  lost = 0;
  /** Packets that came after they had been given up on, dropped. */
  late = 0;
  duplicates = 0;
  readonly #maxWaitMs: number;
  readonly #maxJump: number;
  readonly #maxPackets: number;
  readonly #maxLateRun: number;
  /** By sequence number; all are ahead of `#next`. */
  readonly #held = new Map<number, Held<P>>();
  readonly #ready: OrderedPacket<P>[] = [];
  #next: number | undefined;
  #lateRun = 0;

  constructor(options: ReorderBufferOptions = {}) {
    this.#maxWaitMs = options.maxWaitMs ?? 60;
    this.#maxJump = options.maxJump ?? 50;
    this.#maxPackets = options.maxPackets ?? 32;
    this.#maxLateRun = options.maxLateRun ?? 8;
  }

  /** Packets that have arrived and are not taken yet. */
  get size(): number {
    return this.#held.size + this.#ready.length;
  }

  push(packet: P, nowMs: number): void {
    const { sequenceNumber } = packet;
    if (this.#next === undefined) {
      this.#release(packet, 0, false);
      return;
    }
    const ahead = sequenceDelta(this.#next, sequenceNumber);
    if (Math.abs(ahead) > this.#maxJump) {
      this.#startAnew(packet);
    } else if (ahead < 0) {
      // The newest packet released once more is a duplicate; what lies further back cannot be told from a late one.
      if (ahead === -1) this.duplicates += 1;
      else this.late += 1;
      this.#lateRun += 1;
      if (this.#lateRun > this.#maxLateRun) this.#startAnew(packet);
    } else if (this.#held.has(sequenceNumber)) {
      this.duplicates += 1;
    } else if (ahead === 0) {
      this.#release(packet, 0, false);
      this.#releaseInOrder();
    } else {
      this.#lateRun = 0;
      this.#held.set(sequenceNumber, { packet, arrivedAtMs: nowMs });
      if (this.#held.size > this.#maxPackets) this.#giveUpOnMissing();
    }
  }

  /** The next packet in order, or undefined while there is none or an earlier one may still come. */
  pop(nowMs: number): OrderedPacket<P> | undefined {
    if (this.#ready.length === 0 && this.#oldestArrivalMs() <= nowMs - this.#maxWaitMs) this.#giveUpOnMissing();
    return this.#ready.shift();
  }

  /** Waits for nothing any more: all that is held can be popped. */
  flush(): void {
    while (this.#held.size > 0) this.#giveUpOnMissing();
  }

  #oldestArrivalMs(): number {
    let oldest = Infinity;
    for (const { arrivedAtMs } of this.#held.values()) oldest = Math.min(oldest, arrivedAtMs);
    return oldest;
  }

  #startAnew(packet: P): void {
    this.flush();
    this.#release(packet, 0, true);
  }

  #release(packet: P, lost: number, newSource: boolean): void {
    this.#ready.push({ packet, lost, newSource });
    this.lost += lost;
    this.#lateRun = 0;
    this.#next = addSequence(packet.sequenceNumber, 1);
  }

  #releaseInOrder(): void {
    for (;;) {
      const held = this.#next === undefined ? undefined : this.#held.get(this.#next);
      if (!held) return;
      this.#held.delete(held.packet.sequenceNumber);
      this.#release(held.packet, 0, false);
    }
  }

  /** Goes on with the nearest packet held; those before it are lost. */
  #giveUpOnMissing(): void {
    const next = this.#next ?? 0;
    let nearest: P | undefined;
    for (const { packet } of this.#held.values()) {
      if (!nearest || sequenceDelta(packet.sequenceNumber, nearest.sequenceNumber) > 0) nearest = packet;
    }
    if (!nearest) return;
    this.#held.delete(nearest.sequenceNumber);
    this.#release(nearest, sequenceDelta(next, nearest.sequenceNumber), false);
    this.#releaseInOrder();
  }
}
