/**
 * TalkRecording: the Opus packets of one talk, from the first one on, packed into slabs of memory that is its own (a
 * packet's payload may be a view of a much larger buffer). It keeps the last `maxTalkMs`; what is older goes slab by slab.
 */
import type { AudioPacket } from './audio-packet.ts';
import type { AudioSink, RecordedPacket, RecordedTalk, RecordedTalkReader } from './ports.ts';
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
/** Before each payload: arrival (float64), timestamp (uint32), sequence number (uint16), length (uint16). */
const HEADER_BYTES = 16;

export class TalkRecording implements AudioSink, RecordedTalk {
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
  #endedAtMs: number | undefined;

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

  get ended(): boolean {
    return this.#endedAtMs !== undefined;
  }

  get durationMs(): number {
    return (this.#endedAtMs ?? Date.now()) - this.startedAtMs;
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
    for (const slab of this.#slabs) {
      for (let at = 0; at < slab.used;) {
        const packet = packetAt(slab.bytes, at);
        at += HEADER_BYTES + packet.payload.length;
        reader.packet(packet);
      }
    }
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
    const { payload } = packet;
    if (payload.length === 0 || payload.length > SLAB_BYTES - HEADER_BYTES) return;
    const slab = this.#slabFor(HEADER_BYTES + payload.length);
    const at = slab.used;
    const arrivedAtMs = monotonicMs();
    slab.bytes.writeDoubleLE(arrivedAtMs, at);
    slab.bytes.writeUInt32LE(packet.timestamp, at + 8);
    slab.bytes.writeUInt16LE(packet.sequenceNumber, at + 12);
    slab.bytes.writeUInt16LE(payload.length, at + 14);
    slab.bytes.set(payload, at + HEADER_BYTES);
    slab.used = at + HEADER_BYTES + payload.length;
    slab.lastArrivedAtMs = arrivedAtMs;
    if (this.#readers.size === 0) return;
    const recorded = packetAt(slab.bytes, at);
    for (const reader of this.#readers) this.#guard(() => reader.packet(recorded));
  }

  detached(): void {
    this.#endedAtMs ??= Date.now();
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
    this.#options.onBytes(-SLAB_BYTES);
    return true;
  }

  /** Gives all memory up. */
  forget(): void {
    this.#options.onBytes(-this.bytes);
    this.#slabs = [];
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

function packetAt(bytes: Buffer, at: number): RecordedPacket {
  const start = at + HEADER_BYTES;
  return {
    arrivedAtMs: bytes.readDoubleLE(at),
    timestamp: bytes.readUInt32LE(at + 8),
    sequenceNumber: bytes.readUInt16LE(at + 12),
    payload: bytes.subarray(start, start + bytes.readUInt16LE(at + 14)),
  };
}
