/**
 * ReplayedTalk: a recorded talk in the worker, in one format. Its clock follows the times at which its packets came, so
 * what has been is put out as it would have been live, only faster; then it goes on live. It works in slices that whoever
 * owns it allots, so that no talk waits for another.
 */
import { unpackPackets, type PackedPacket } from '../packed-packets.ts';
import type { AudioFormat } from './formats.ts';
import type { TalkStats } from './messages.ts';
import type { OpusDecoder } from './opus-decoder.ts';
import type { TalkClockOptions } from './talk-clock.ts';
import { TalkTranscoder } from './talk-transcoder.ts';

export interface ReplayedTalkOptions {
  format: AudioFormat;
  /** The clock of `PackedPacket.arrivedAtMs`. */
  now: () => number;
  /** `bytes` are whole frames, the callee's own. */
  onChunk: (bytes: Uint8Array<ArrayBuffer>) => void;
  onEnded: () => void;
}

const TICK_MS = 20;
/**
 * Whoever hears a talk from its first word has a buffer and wants all words: a network that holds packets back and lets them
 * go at once neither puts silence between them nor has any dropped.
 */
const CLOCK: TalkClockOptions = { stallMs: 400, maxAheadMs: 600, maxBehindMs: 500, softLimitMs: 400 };

export class ReplayedTalk {
  readonly #options: ReplayedTalkOptions;
  readonly #transcoder: TalkTranscoder;
  #packets: PackedPacket[] = [];
  #next = 0;
  #nowMs = 0;
  #begun = false;
  #ready = false;
  #ending = false;
  #chunks: Uint8Array[] = [];

  constructor(options: ReplayedTalkOptions) {
    this.#options = options;
    this.#transcoder = new TalkTranscoder({
      now: () => this.#nowMs,
      clock: CLOCK,
      onChunk: (_format, bytes) => this.#chunks.push(bytes),
    });
    this.#transcoder.setFormats([options.format]);
  }

  start(decoder: OpusDecoder): void {
    this.#transcoder.start(decoder);
    this.#ready = true;
  }

  add(packed: Uint8Array): void {
    if (this.#next === this.#packets.length) {
      this.#packets = [];
      this.#next = 0;
    }
    for (const packet of unpackPackets(packed)) this.#packets.push(packet);
  }

  /** No more packets. */
  end(): void {
    this.#ending = true;
  }

  /** For about `sliceMs`. Whether there is more to do at once. */
  work(sliceMs: number): boolean {
    if (!this.#ready) return false;
    const untilMs = this.#options.now() + sliceMs;
    let more = true;
    while (more && this.#options.now() < untilMs) more = this.#step();
    const over = !more && this.#ending;
    if (over) this.#transcoder.finish();
    this.#emit();
    if (over) this.#options.onEnded();
    return more;
  }

  stats(): TalkStats {
    return this.#transcoder.stats();
  }

  close(): void {
    this.#ready = false;
    this.#transcoder.close();
  }

  /** One packet, or one tick of the clock towards the next or towards now. False: nothing to do. */
  #step(): boolean {
    const packet = this.#packets[this.#next];
    if (!packet && this.#ending) return false;
    if (!this.#begun) {
      if (!packet) return false;
      this.#begun = true;
      this.#nowMs = packet.arrivedAtMs;
    }
    if (this.#nowMs + TICK_MS <= (packet?.arrivedAtMs ?? this.#options.now())) {
      this.#nowMs += TICK_MS;
      this.#transcoder.tick();
      return true;
    }
    if (!packet) return false;
    this.#nowMs = Math.max(this.#nowMs, packet.arrivedAtMs);
    this.#next += 1;
    this.#transcoder.write(packet);
    return true;
  }

  #emit(): void {
    if (this.#chunks.length === 0) return;
    const bytes = new Uint8Array(this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    let at = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    this.#chunks = [];
    this.#options.onChunk(bytes);
  }
}
