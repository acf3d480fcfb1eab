/**
 * LatestChannel: one format of `latest`, the voice of whoever spoke up last, silence while nobody does; it never ends.
 * It splices what the talks' encoders made and prebuilt frames of silence, and never encodes.
 */
import type { Stream } from '../stream.ts';
import { ChannelClock } from './channel-clock.ts';
import { Consumers, type AudioConsumer } from './consumers.ts';
import { samplesIn, SILENCE, type AudioFormat } from './formats.ts';

export interface LatestChannelOptions {
  format: AudioFormat;
  now: () => number;
  latest: () => Stream | undefined;
  /** Consumes a stream without its prelude; returns how to leave. */
  consume: (stream: Stream, consumer: AudioConsumer) => () => void;
  onChunkDropped: () => void;
  onConsumerError: (error: unknown) => void;
}

export class LatestChannel {
  readonly #options: LatestChannelOptions;
  readonly #consumers: Consumers;
  #clock: ChannelClock | undefined;
  #stream: Stream | undefined;
  #leave: (() => void) | undefined;

  constructor(options: LatestChannelOptions) {
    this.#options = options;
    this.#consumers = new Consumers(options.onConsumerError);
  }

  get size(): number {
    return this.#consumers.size;
  }

  /** Returns how to leave; leaving twice says false. */
  add(consumer: AudioConsumer): () => boolean {
    this.#consumers.add(consumer);
    if (!this.#clock) {
      this.#clock = new ChannelClock(this.#options.format, this.#options.now());
      this.follow();
    }
    return () => {
      const was = this.#consumers.delete(consumer);
      if (this.size === 0) this.#rest();
      return was;
    };
  }

  /** Somebody began or ended a talk. The last words of one are heard to their end unless another one has begun. */
  follow(): void {
    if (!this.#clock) return;
    const latest = this.#options.latest();
    if (latest === this.#stream || (this.#stream?.ended && !this.#isNewer(latest))) return;
    this.#leave?.();
    this.#leave = undefined;
    this.#stream = latest;
    if (!latest) return;
    this.#leave = this.#options.consume(latest, {
      chunk: (bytes) => this.#talk(bytes),
      ended: () => {
        this.#stream = undefined;
        this.#leave = undefined;
        this.follow();
      },
    });
  }

  /** To be called about every 20 ms while it has consumers. */
  tick(): void {
    const due = this.#clock?.silenceDue(this.#options.now(), this.#stream !== undefined) ?? 0;
    for (let frame = 0; frame < due; frame += 1) this.#consumers.chunk(SILENCE[this.#options.format]);
  }

  end(): void {
    this.#consumers.end();
    this.#rest();
  }

  #isNewer(latest: Stream | undefined): boolean {
    return latest !== undefined && this.#stream !== undefined && latest.startedAtMs >= this.#stream.startedAtMs;
  }

  #talk(bytes: Buffer): void {
    if (this.#clock?.admits(this.#options.now(), samplesIn(this.#options.format, bytes.length))) {
      this.#consumers.chunk(bytes);
    } else {
      this.#options.onChunkDropped();
    }
  }

  #rest(): void {
    this.#leave?.();
    this.#leave = undefined;
    this.#stream = undefined;
    this.#clock = undefined;
  }
}
