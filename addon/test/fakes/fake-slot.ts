import type { AudioPacket } from '../../src/media/audio-packet.ts';
import type { ReceiverSlot } from '../../src/media/ports.ts';
import type { Stream } from '../../src/media/stream.ts';

/** One audio section of a receiver that remembers what it was given. */
export class FakeSlot implements ReceiverSlot {
  readonly mid: string;
  readonly packets: AudioPacket[] = [];
  stream: Stream | undefined;

  constructor(mid: string) {
    this.mid = mid;
  }

  attached(stream: Stream): void {
    this.stream = stream;
  }

  write(packet: AudioPacket): void {
    this.packets.push(packet);
  }

  detached(): void {
    this.stream = undefined;
  }
}
