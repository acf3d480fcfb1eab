/**
 * LossRepair: asks a sender for packets that did not come (RFC 4585 6.2.1). Chromium keeps a second of them and answers though
 * audio NACKs are never negotiated; who does not understand ignores it. No timers: a packet that comes is the occasion to
 * ask for those before it, and to ask again. What comes late is relayed under its number, and jitter buffers put it in place.
 */
import { addSequence, sequenceDelta } from '../media/rtp-math.ts';

export interface LossRepairOptions {
  /** Sends one request. */
  ask: (sequenceNumbers: number[]) => void;
  /** Before it asks for the same packet again; on a LAN the answer takes a few milliseconds. Default 30 ms. */
  retryMs?: number;
  /** After this a packet is of no use to a jitter buffer. Default 200 ms. */
  giveUpMs?: number;
  /** A wider gap is an outage or a new source, and not asked for. Default 20 packets. */
  maxGap?: number;
  /** Looked for at once; more are no loss, but a client that makes us look. Default 100. */
  maxMissing?: number;
}

interface Missing {
  sinceMs: number;
  askedAtMs: number;
}

export class LossRepair {
  /** Packets that came after they had been asked for. */
  repaired = 0;
  readonly #ask: (sequenceNumbers: number[]) => void;
  readonly #retryMs: number;
  readonly #giveUpMs: number;
  readonly #maxGap: number;
  readonly #maxMissing: number;
  readonly #missing = new Map<number, Missing>();
  #highest: number | undefined;

  constructor(options: LossRepairOptions) {
    this.#ask = options.ask;
    this.#retryMs = options.retryMs ?? 30;
    this.#giveUpMs = options.giveUpMs ?? 200;
    this.#maxGap = options.maxGap ?? 20;
    this.#maxMissing = options.maxMissing ?? 100;
  }

  /** A packet came; `nowMs` is any clock that only grows. */
  received(sequenceNumber: number, nowMs: number): void {
    const ahead = this.#highest === undefined ? 1 : sequenceDelta(this.#highest, sequenceNumber);
    if (ahead === 1 && this.#missing.size === 0) {
      this.#highest = sequenceNumber;
      return;
    }
    if (ahead > 0) this.#advance(sequenceNumber, ahead, nowMs);
    else if (this.#missing.delete(sequenceNumber)) this.repaired += 1;
    else if (-ahead > this.#maxGap) this.#startAnew(sequenceNumber);
    this.#askForMissing(nowMs);
  }

  #advance(sequenceNumber: number, ahead: number, nowMs: number): void {
    if (ahead - 1 > this.#maxGap || this.#missing.size + ahead - 1 > this.#maxMissing) {
      this.#startAnew(sequenceNumber);
      return;
    }
    for (let back = ahead - 1; back > 0; back -= 1) {
      this.#missing.set(addSequence(sequenceNumber, -back), { sinceMs: nowMs, askedAtMs: -Infinity });
    }
    this.#highest = sequenceNumber;
  }

  #startAnew(sequenceNumber: number): void {
    this.#missing.clear();
    this.#highest = sequenceNumber;
  }

  #askForMissing(nowMs: number): void {
    const wanted: number[] = [];
    for (const [sequenceNumber, missing] of this.#missing) {
      if (nowMs - missing.sinceMs > this.#giveUpMs) this.#missing.delete(sequenceNumber);
      else if (nowMs - missing.askedAtMs >= this.#retryMs) {
        missing.askedAtMs = nowMs;
        wanted.push(sequenceNumber);
      }
    }
    if (wanted.length > 0) this.#ask(wanted);
  }
}
