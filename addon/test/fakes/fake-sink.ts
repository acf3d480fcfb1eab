import type { AudioPacket } from '../../src/media/audio-packet.ts';
import type { ReceiverSlot } from '../../src/media/ports.ts';
import type { Stream } from '../../src/media/stream.ts';

/** A slot that remembers what it was told; `failing` makes its next writes throw. */
export class FakeSink implements ReceiverSlot {
  readonly mid: string;
  readonly heard: AudioPacket[] = [];
  readonly events: string[] = [];
  failing = false;

  constructor(mid = '0') {
    this.mid = mid;
  }

  attached(stream: Stream): void {
    this.events.push(`attached ${stream.id}`);
  }

  write(packet: AudioPacket): void {
    if (this.failing) throw new Error('a sink that fails');
    this.heard.push(packet);
  }

  skipped(): void {
    this.events.push('skipped');
  }

  detached(stream: Stream): void {
    this.events.push(`detached ${stream.id}`);
  }
}

/** Any packet of this sequence number. */
export function packetOf(sequenceNumber: number, levelDbov?: number): AudioPacket {
  return {
    sequenceNumber,
    timestamp: (sequenceNumber * 960) >>> 0,
    marker: false,
    payload: Buffer.from([sequenceNumber & 0xff]),
    levelDbov,
  };
}
