/**
 * TranscodedTalk: the main thread's end of one talk in the worker. It is a sink of its Stream exactly while somebody
 * consumes it; packets go over as they are, and every chunk comes back once per format for all consumers.
 */
import type { AudioPacket } from '../audio-packet.ts';
import type { AudioSink } from '../ports.ts';
import { addTimestamp, TICKS_PER_MS } from '../rtp-math.ts';
import type { Stream } from '../stream.ts';
import { Consumers, type AudioConsumer } from './consumers.ts';
import { AUDIO_FORMATS, perFormat, type AudioFormat } from './formats.ts';
import { NO_TALK_STATS, type TalkPacket, type TalkStats, type ToWorker } from './messages.ts';
import { monotonicMs } from './monotonic.ts';
import type { WorkerTalk } from './worker-talks.ts';

export interface TranscodedTalkOptions {
  /** Its number in the worker. */
  number: number;
  stream: Stream;
  /** False when there is no worker to hear it. */
  post: (message: ToWorker) => boolean;
  onPacketDropped: () => void;
  onConsumerError: (error: unknown) => void;
  /** The last consumer is gone, and the sink with it. */
  onUnused: () => void;
}

const SHORT_TICKS = 10 * TICKS_PER_MS;

export class TranscodedTalk implements AudioSink, WorkerTalk {
  /** Its clock fills a player's buffer with it, or drops what is too much. */
  readonly takesBacklog = true;
  readonly number: number;
  readonly stream: Stream;
  stats: TalkStats = NO_TALK_STATS;
  readonly #options: TranscodedTalkOptions;
  readonly #consumers: Record<AudioFormat, Consumers>;
  #waiting: TalkPacket[] = [];
  #lastTimestamp = 0;
  #attached = false;
  #ending = false;
  #ended = false;

  constructor(options: TranscodedTalkOptions) {
    this.number = options.number;
    this.stream = options.stream;
    this.#options = options;
    this.#consumers = perFormat(() => new Consumers(options.onConsumerError));
  }

  /** Formats somebody consumes. */
  get formats(): AudioFormat[] {
    return AUDIO_FORMATS.filter((format) => this.#consumers[format].size > 0);
  }

  add(format: AudioFormat, consumer: AudioConsumer): () => void {
    this.#consumers[format].add(consumer);
    if (this.#consumers[format].size === 1) this.tellFormats();
    if (!this.#attached) this.#attach(consumer.continues ?? false);
    return () => {
      if (!this.#consumers[format].delete(consumer) || this.#consumers[format].size > 0 || this.#ended) return;
      // Nobody waits for the last words any more: the worker closes the talk, and `ended` is not awaited.
      this.tellFormats();
      if (this.formats.length === 0) this.#finish();
    };
  }

  /** Also opens the talk in a worker that does not know it. */
  tellFormats(): void {
    this.#options.post({ type: 'formats', talk: this.number, formats: this.formats });
  }

  chunk(format: AudioFormat, bytes: Buffer): void {
    this.#consumers[format].chunk(bytes);
  }

  closedByWorker(): void {
    if (this.#ending) this.end();
  }

  /** The talk goes on with the next worker, unless only its last words were missing. */
  workerGone(): boolean {
    if (this.#ending) this.end();
    return !this.#ended;
  }

  workerBack(): void {
    this.tellFormats();
  }

  /** No more chunks come: the worker put out the last words, crashed, or is not wanted any more. */
  end(): void {
    if (this.#ended) return;
    this.#finish();
    for (const format of AUDIO_FORMATS) this.#consumers[format].end();
  }

  attached(): void {
    // The worker opens the talk when it is told the formats.
  }

  /** Waking another thread costs more than 10 ms of sound are worth: of short packets two go over at once. */
  write(packet: AudioPacket): void {
    const isShort = packet.timestamp === addTimestamp(this.#lastTimestamp, SHORT_TICKS);
    this.#lastTimestamp = packet.timestamp;
    this.#waiting.push(talkPacket(packet, monotonicMs()));
    if (!isShort || this.#waiting.length === 2) this.#postWaiting();
  }

  detached(): void {
    if (this.#ended) return;
    this.#ending = true;
    this.#postWaiting();
    if (!this.#options.post({ type: 'end', talk: this.number })) this.end();
  }

  /** With what was said just before, so that the first frame that can be heard need not wait for sound. */
  #attach(continues: boolean): void {
    this.#attached = true;
    const recent = continues ? [] : this.stream.recentPackets();
    for (const { packet, ageMs } of recent) this.#waiting.push(talkPacket(packet, monotonicMs() - ageMs));
    this.#postWaiting();
    this.stream.attach(this);
  }

  #postWaiting(): void {
    const packets = this.#waiting;
    if (packets.length === 0) return;
    this.#waiting = [];
    if (this.#options.post({ type: 'packets', talk: this.number, packets })) return;
    for (let dropped = 0; dropped < packets.length; dropped += 1) this.#options.onPacketDropped();
  }

  #finish(): void {
    this.#ended = true;
    this.#ending = false;
    this.stream.detach(this);
    this.#options.onUnused();
  }
}

function talkPacket({ sequenceNumber, timestamp, payload }: AudioPacket, arrivedAtMs: number): TalkPacket {
  // A copy of its own: posting a view would copy the whole pool it lies in.
  return { sequenceNumber, timestamp, payload: new Uint8Array(payload), arrivedAtMs };
}
