/**
 * Channel: one format of one voice (of one stream, or of `latest`: whoever spoke up last), silence while it is not there;
 * it never ends. It splices what the talks' encoders made and prebuilt frames of silence, and never encodes.
 */
import type { Stream } from '../stream.ts';
import { ChannelClock } from './channel-clock.ts';
import { Consumers, type AudioConsumer } from './consumers.ts';
import { samplesIn, silence, type AudioFormat } from './formats.ts';

export interface ChannelOptions {
  format: AudioFormat;
  now: () => number;
  /** The live stream that is to be heard. */
  voice: () => Stream | undefined;
  /** Consumes a stream without its prelude; returns how to leave. */
  consume: (stream: Stream, consumer: AudioConsumer) => () => void;
  onChunkDropped: () => void;
  onConsumerError: (error: unknown) => void;
}

export class Channel {
  readonly #options: ChannelOptions;
  readonly #consumers: Consumers;
  #clock: ChannelClock | undefined;
  #stream: Stream | undefined;
  #leave: (() => void) | undefined;

  constructor(options: ChannelOptions) {
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

  /** A talk began or ended somewhere. The last words of one are heard to their end unless another one has begun. */
  follow(): void {
    if (!this.#clock) return;
    const voice = this.#options.voice();
    if (voice === this.#stream || (this.#stream?.ended && !this.#isNewer(voice))) return;
    this.#leave?.();
    this.#leave = undefined;
    this.#stream = voice;
    if (!voice) return;
    this.#leave = this.#options.consume(voice, {
      continues: this.#clock.position > 0,
      chunk: (bytes) => this.#talk(bytes),
      ended: () => {
        this.#stream = undefined;
        this.#leave = undefined;
        this.follow();
      },
    });
  }

  /** To be called ten times a second while it has consumers: one chunk of silence each time is cheap, and soon enough. */
  tick(): void {
    const due = this.#clock?.silenceDue(this.#options.now(), this.#stream !== undefined) ?? 0;
    if (due > 0) this.#consumers.chunk(silence(this.#options.format, due));
  }

  end(): void {
    this.#consumers.end();
    this.#rest();
  }

  #isNewer(voice: Stream | undefined): boolean {
    return voice !== undefined && this.#stream !== undefined && voice.startedAtMs >= this.#stream.startedAtMs;
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
