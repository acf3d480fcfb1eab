/** Datagrams made by hand, as a client or one who poses as it sends them. */
import { randomBytes } from 'node:crypto';

/** Records of DTLS 1.2 in plaintext. */
export function record(type: number, body: Buffer, epoch = 0): Buffer {
  const header = Buffer.from([type, 254, 253, 0, epoch, 0, 0, 0, 0, 0, 9, 0, 0]);
  header.writeUInt16BE(body.length, 11);
  return Buffer.concat([header, body]);
}

export function rtp(sequenceNumber: number, ssrc: number, payload = randomBytes(80)): Buffer {
  const header = Buffer.from([0x80, 111, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt16BE(sequenceNumber & 0xffff, 2);
  header.writeUInt32BE(ssrc, 8);
  return Buffer.concat([header, payload]);
}

export function isMedia(data: Buffer): boolean {
  return (data[0] ?? 0) >= 128 && (data[0] ?? 0) < 192;
}
