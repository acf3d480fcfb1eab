/**
 * Packed packets: Opus packets one behind the other in plain memory, as a recording keeps them and as they cross to the
 * transcoder's worker: copying two minutes of them is one copy, not six thousand objects.
 */

export interface PackedPacket {
  readonly sequenceNumber: number;
  readonly timestamp: number;
  /** Opus; a view of the memory it is packed in. */
  readonly payload: Uint8Array;
  /** By monotonicMs. */
  readonly arrivedAtMs: number;
}

/** Before each payload: arrival (float64), timestamp (uint32), sequence number (uint16), length (uint16). */
const HEADER_BYTES = 16;

export function packedBytes(packet: Pick<PackedPacket, 'payload'>): number {
  return HEADER_BYTES + packet.payload.length;
}

/** Into `bytes` from `at` on, where there must be room. */
export function packPacket(
  bytes: Buffer,
  at: number,
  packet: Omit<PackedPacket, 'arrivedAtMs'>,
  arrivedAtMs: number,
): void {
  bytes.writeDoubleLE(arrivedAtMs, at);
  bytes.writeUInt32LE(packet.timestamp, at + 8);
  bytes.writeUInt16LE(packet.sequenceNumber, at + 12);
  bytes.writeUInt16LE(packet.payload.length, at + 14);
  bytes.set(packet.payload, at + HEADER_BYTES);
}

/** The packet that begins at `at`; the next one begins `packedBytes` further. */
export function packetAt(bytes: Buffer, at: number): PackedPacket {
  const start = at + HEADER_BYTES;
  return {
    arrivedAtMs: bytes.readDoubleLE(at),
    timestamp: bytes.readUInt32LE(at + 8),
    sequenceNumber: bytes.readUInt16LE(at + 12),
    payload: bytes.subarray(start, start + bytes.readUInt16LE(at + 14)),
  };
}

export function unpackPackets(bytes: Uint8Array): PackedPacket[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const packets: PackedPacket[] = [];
  for (let at = 0; at < buffer.length;) {
    const packet = packetAt(buffer, at);
    packets.push(packet);
    at += packedBytes(packet);
  }
  return packets;
}
