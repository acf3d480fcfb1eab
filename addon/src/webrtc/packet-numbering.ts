/**
 * The RTP numbers one receiver slot sends: incoming number + an offset, so that gaps and order inside a talk reach the
 * receiver as they are (its jitter buffer conceals real loss), while a start, a switch or a wide jump goes on by one
 * packet and by the time that passed. A counter of our own would hide loss; a timestamp that stood still during a pause
 * would make the next talk look seconds late, and Chromium's jitter buffer would grow to that (measured: 2 s).
 */
import { randomInt } from 'node:crypto';
import {
  addSequence,
  addTimestamp,
  FRAME_TICKS,
  sequenceDelta,
  TICKS_PER_MS,
  timestampDelta,
} from '../media/rtp-math.ts';

/**
 * Wider jumps, either way, get a new offset. It also keeps every gap we send far below the 165 packets over a wrap of
 * the sequence number that desynchronise werift's SRTP rollover counter.
 */
const MAX_JUMP_PACKETS = 50;

/**
 * Behind by more than a jump, but by no more than this in both number and time: late, not another numbering. 5 s of 10 ms
 * packets; whoever really went back by less is silent until they have caught up.
 */
const MAX_LATE_PACKETS = 500;
const MAX_LATE_TICKS = 10_000 * TICKS_PER_MS;

export interface Numbers {
  sequenceNumber: number;
  timestamp: number;
  /** The first packet since a start, switch or jump: the receiver's marker bit. */
  restarted: boolean;
}

export class PacketNumbering {
  #started = false;
  #skipped = false;
  /** Highest number that went out, over all talks. */
  #sentSequenceNumber = randomInt(0x8000);
  #sentTimestamp = randomInt(0x1_0000_0000);
  #sentAtMs: number | undefined;
  #sequenceOffset = 0;
  #timestampOffset = 0;
  /** Highest incoming number since the last restart. */
  #highestIn = 0;
  /** How many numbers the highest is ahead of the first of this run; up to MAX_JUMP_PACKETS, then it does not matter. */
  #aheadOfFirst = 0;

  /** The next packet belongs to another source. */
  restart(): void {
    this.#started = false;
  }

  /**
   * Packets before the next were left out on purpose: its number goes on by one, so nobody asks for them again, and its
   * timestamp by all the time they took, so that it looks no later than the packets before them.
   */
  skipped(): void {
    this.#skipped = true;
  }

  /**
   * Numbers for an incoming packet, or undefined for one that is too late: it was before the first of its run, or is further
   * behind than a jump. `nowMs` is any clock that only grows.
   */
  next(sequenceNumber: number, timestamp: number, nowMs: number): Numbers | undefined {
    const delta = sequenceDelta(this.#highestIn, sequenceNumber);
    if (this.#skipped && this.#started && delta > 0) return this.#resume(sequenceNumber, timestamp, nowMs);
    if (!this.#started) return this.#begin(sequenceNumber, timestamp, nowMs);
    if (Math.abs(delta) > MAX_JUMP_PACKETS) {
      return this.#isLate(delta, timestamp) ? undefined : this.#begin(sequenceNumber, timestamp, nowMs);
    }
    if (delta > 0) {
      this.#highestIn = sequenceNumber;
      this.#aheadOfFirst = Math.min(this.#aheadOfFirst + delta, MAX_JUMP_PACKETS);
    } else if (-delta > this.#aheadOfFirst) {
      return undefined;
    }
    const numbers = {
      sequenceNumber: addSequence(sequenceNumber, this.#sequenceOffset),
      timestamp: addTimestamp(timestamp, this.#timestampOffset),
      restarted: false,
    };
    if (delta > 0) {
      this.#sentSequenceNumber = numbers.sequenceNumber;
      this.#sentTimestamp = numbers.timestamp;
      this.#sentAtMs = nowMs;
    }
    return numbers;
  }

  #isLate(delta: number, timestamp: number): boolean {
    const leap = timestampDelta(this.#sentTimestamp, addTimestamp(timestamp, this.#timestampOffset));
    return delta < 0 && delta >= -MAX_LATE_PACKETS && leap < 0 && leap >= -MAX_LATE_TICKS;
  }

  #resume(sequenceNumber: number, timestamp: number, nowMs: number): Numbers {
    const leap = timestampDelta(this.#sentTimestamp, addTimestamp(timestamp, this.#timestampOffset));
    const frames = leap > 0 ? leap / FRAME_TICKS : 1;
    return this.#startAt(sequenceNumber, timestamp, frames, nowMs);
  }

  #begin(sequenceNumber: number, timestamp: number, nowMs: number): Numbers {
    const pausedFrames = Math.round(((nowMs - (this.#sentAtMs ?? nowMs)) * TICKS_PER_MS) / FRAME_TICKS);
    return this.#startAt(sequenceNumber, timestamp, Math.max(1, pausedFrames), nowMs);
  }

  #startAt(sequenceNumber: number, timestamp: number, frames: number, nowMs: number): Numbers {
    this.#sentSequenceNumber = addSequence(this.#sentSequenceNumber, 1);
    this.#sentTimestamp = addTimestamp(this.#sentTimestamp, frames * FRAME_TICKS);
    this.#sentAtMs = nowMs;
    this.#sequenceOffset = sequenceDelta(sequenceNumber, this.#sentSequenceNumber);
    this.#timestampOffset = timestampDelta(timestamp, this.#sentTimestamp);
    this.#highestIn = sequenceNumber;
    this.#aheadOfFirst = 0;
    this.#started = true;
    this.#skipped = false;
    return { sequenceNumber: this.#sentSequenceNumber, timestamp: this.#sentTimestamp, restarted: true };
  }
}
