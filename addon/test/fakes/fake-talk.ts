import { packedBytes, packPacket } from '../../src/media/packed-packets.ts';
import type { RecordedTalk, RecordedTalkReader } from '../../src/media/ports.ts';

/** A recorded talk of these Opus packets, 20 ms apart, whose first one came at `firstArrivedAtMs` (monotonicMs). */
export class FakeTalk implements RecordedTalk {
  readonly talkId: string;
  readonly streamId = 'kitchen';
  readonly name = 'Kitchen';
  readonly private = false;
  readonly user = null;
  readonly startedAtMs = 0;
  isWhole = true;
  ended = false;
  /** How often somebody began to read. */
  reads = 0;
  readonly #packed: Uint8Array[] = [];
  readonly #readers = new Set<RecordedTalkReader>();
  readonly #callbacks = new Set<() => void>();
  readonly #firstArrivedAtMs: number;

  constructor(packets: readonly Uint8Array[], firstArrivedAtMs: number, talkId = 'fake-talk') {
    this.talkId = talkId;
    this.#firstArrivedAtMs = firstArrivedAtMs;
    for (const packet of packets) this.add(packet);
  }

  get durationMs(): number {
    return this.#packed.length * 20;
  }

  get readers(): number {
    return this.#readers.size;
  }

  add(payload: Uint8Array): void {
    const index = this.#packed.length;
    const bytes = Buffer.alloc(packedBytes({ payload }));
    const packet = { sequenceNumber: index & 0xffff, timestamp: index * 960, payload };
    packPacket(bytes, 0, packet, this.#firstArrivedAtMs + index * 20);
    this.#packed.push(bytes);
    for (const reader of this.#readers) reader.packets(bytes);
  }

  end(): void {
    this.ended = true;
    for (const reader of [...this.#readers]) reader.ended();
    this.#readers.clear();
    for (const callback of this.#callbacks) callback();
  }

  onEnded(callback: () => void): () => void {
    if (this.ended) callback();
    else this.#callbacks.add(callback);
    return () => this.#callbacks.delete(callback);
  }

  read(reader: RecordedTalkReader): () => void {
    this.reads += 1;
    for (const packed of this.#packed) reader.packets(packed);
    if (this.ended) reader.ended();
    else this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }
}
