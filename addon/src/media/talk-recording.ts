/**
 * TalkRecording: the Opus packets of one talk, from the first one on, packed into slabs of memory that is its own (a
 * packet's payload may be a view of a much larger buffer). It keeps the last `maxTalkMs`; what is older goes slab by slab.
 */
import type { AudioPacket } from './audio-packet.ts';
import { packedBytes, packPacket } from './packed-packets.ts';
import type { AudioSink, RecordedTalk, RecordedTalkReader } from './ports.ts';
import type { Stream } from './stream.ts';
import { monotonicMs } from './transcoder/monotonic.ts';

export interface TalkRecordingOptions {
  stream: Stream;
  maxTalkMs: number;
  /** It holds so many bytes more, or less. */
  onBytes: (delta: number) => void;
  onReaderError: (error: unknown) => void;
}

interface Slab {
  bytes: Buffer;
  used: number;
  lastArrivedAtMs: number;
}

/** About 1.5 s of speech. */
const SLAB_BYTES = 8192;

export class TalkRecording implements AudioSink, RecordedTalk {
  /** Whoever hears it from the start has the time. */
  readonly takesBacklog = true;
  readonly talkId: string;
  readonly streamId: string;
  readonly name: string;
  readonly private: boolean;
  readonly user: string | null;
  readonly startedAtMs: number;
  readonly #options: TalkRecordingOptions;
  readonly #readers = new Set<RecordedTalkReader>();
  readonly #callbacks = new Set<() => void>();
  #slabs: Slab[] = [];
  #durationMs: number | undefined;
  #isWhole = true;

  constructor(options: TalkRecordingOptions) {
    const { stream } = options;
    this.talkId = stream.talkId;
    this.streamId = stream.id;
    this.name = stream.name;
    this.private = stream.private;
    this.user = stream.user;
    this.startedAtMs = stream.startedAtMs;
    this.#options = options;
  }

  get bytes(): number {
    return this.#slabs.length * SLAB_BYTES;
  }

  get isWhole(): boolean {
    return this.#isWhole;
  }

  get ended(): boolean {
    return this.#durationMs !== undefined;
  }

  get durationMs(): number {
    return this.#durationMs ?? this.#options.stream.ageMs;
  }

  onEnded(callback: () => void): () => void {
    if (this.ended) {
      callback();
      return () => undefined;
    }
    const entry = (): void => callback();
    this.#callbacks.add(entry);
    return () => this.#callbacks.delete(entry);
  }

  read(reader: RecordedTalkReader): () => void {
    for (const { bytes, used } of this.#slabs) reader.packets(bytes.subarray(0, used));
    if (this.ended) {
      reader.ended();
      return () => undefined;
    }
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  attached(): void {
    // It is attached before the first packet, and once.
  }

  write(packet: AudioPacket): void {
    const bytes = packedBytes(packet);
    if (packet.payload.length === 0 || bytes > SLAB_BYTES) return;
    const slab = this.#slabFor(bytes);
    const at = slab.used;
    slab.lastArrivedAtMs = monotonicMs();
    packPacket(slab.bytes, at, packet, slab.lastArrivedAtMs);
    slab.used = at + bytes;
    if (this.#readers.size === 0) return;
    const packed = slab.bytes.subarray(at, slab.used);
    for (const reader of this.#readers) this.#guard(() => reader.packets(packed));
  }

  detached(): void {
    this.#durationMs ??= this.#options.stream.ageMs;
    const readers = [...this.#readers];
    const callbacks = [...this.#callbacks];
    this.#readers.clear();
    this.#callbacks.clear();
    for (const reader of readers) this.#guard(() => reader.ended());
    for (const callback of callbacks) this.#guard(callback);
  }

  /** Gives the oldest slab up. False: there is no other. */
  shorten(): boolean {
    if (this.#slabs.length < 2) return false;
    this.#slabs.shift();
    this.#isWhole = false;
    this.#options.onBytes(-SLAB_BYTES);
    return true;
  }

  /** Gives all memory up. */
  forget(): void {
    this.#options.onBytes(-this.bytes);
    this.#slabs = [];
    this.#isWhole = false;
  }

  #slabFor(bytes: number): Slab {
    const last = this.#slabs.at(-1);
    if (last && last.used + bytes <= SLAB_BYTES) return last;
    const oldest = monotonicMs() - this.#options.maxTalkMs;
    while ((this.#slabs[0]?.lastArrivedAtMs ?? Infinity) < oldest && this.shorten());
    const slab: Slab = { bytes: Buffer.allocUnsafeSlow(SLAB_BYTES), used: 0, lastArrivedAtMs: 0 };
    this.#slabs.push(slab);
    this.#options.onBytes(SLAB_BYTES);
    return slab;
  }

  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#options.onReaderError(error);
    }
  }
}
