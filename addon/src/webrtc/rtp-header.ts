/** The RTP header of one slot (RFC 3550 5.1): written once, then only what changes from packet to packet. */
import type { RTCRtpTransceiver } from 'werift';

const VERSION_2 = 0x80;
const HAS_EXTENSION = 0x10;
const MARKER = 0x80;
const FIXED_BYTES = 12;
const WORD_BYTES = 4;
/** RFC 8285 4.2: extensions with one-byte headers. */
const ONE_BYTE_PROFILE = 0xbede;
const MID_URI = 'urn:ietf:params:rtp-hdrext:sdes:mid';
/** RFC 8285 4.2: what one byte can tell; longer mids are told by the SSRC in the answer alone. */
const MAX_EXTENSION_BYTES = 16;
const MAX_ONE_BYTE_ID = 14;

/** With the slot's SSRC, payload type and, if the client has asked for it, its mid (RFC 9143 9.2). */
export function headerTemplate(transceiver: RTCRtpTransceiver): Buffer {
  const { sender, mid } = transceiver;
  const id = transceiver.headerExtensions.find((extension) => extension.uri === MID_URI)?.id;
  const extension = mid && id !== undefined && id <= MAX_ONE_BYTE_ID ? midExtension(id, mid) : Buffer.alloc(0);
  const header = Buffer.alloc(FIXED_BYTES + extension.length);
  header[0] = VERSION_2 | (extension.length > 0 ? HAS_EXTENSION : 0);
  header[1] = sender.codec?.payloadType ?? 0;
  header.writeUInt32BE(sender.ssrc, 8);
  extension.copy(header, FIXED_BYTES);
  return header;
}

export function writeHeader(header: Buffer, sequenceNumber: number, timestamp: number, marker: boolean): void {
  header[1] = ((header[1] ?? 0) & ~MARKER) | (marker ? MARKER : 0);
  header.writeUInt16BE(sequenceNumber, 2);
  header.writeUInt32BE(timestamp, 4);
}

function midExtension(id: number, mid: string): Buffer {
  const text = Buffer.from(mid, 'latin1');
  if (text.length > MAX_EXTENSION_BYTES) return Buffer.alloc(0);
  const words = Math.ceil((1 + text.length) / WORD_BYTES);
  const extension = Buffer.alloc(WORD_BYTES + words * WORD_BYTES);
  extension.writeUInt16BE(ONE_BYTE_PROFILE, 0);
  extension.writeUInt16BE(words, 2);
  extension[WORD_BYTES] = (id << 4) | (text.length - 1);
  text.copy(extension, WORD_BYTES + 1);
  return extension;
}
