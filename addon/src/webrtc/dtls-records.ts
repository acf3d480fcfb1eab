/**
 * Which DTLS datagrams werift 0.25.2 may see. It takes a record of no known type for an alert, and believes an alert that
 * looks like plaintext, whatever its epoch, without decrypting it; either ends the peer. So a datagram must be whole
 * records of known types (RFC 6347 4.1: type 1, version 2, epoch 2, number 6, length 2 bytes), and once DTLS is connected
 * an alert must be one that decrypts.
 */
import type { RTCDtlsTransport } from 'werift';

export interface DtlsRecord {
  type: number;
  epoch: number;
  /** With its header. */
  bytes: Buffer;
}

const HEADER_BYTES = 13;
const ALERT = 21;
const HANDSHAKE = 22;
const TYPES: ReadonlySet<number> = new Set([20, ALERT, HANDSHAKE, 23]);
const CLIENT_HELLO = 1;

/** RFC 7983: DTLS begins with 20..63. */
export function isDtls(data: Buffer): boolean {
  const [first = 0] = data;
  return first >= 20 && first <= 63;
}

/** Undefined: not only whole records of known types. */
export function readRecords(data: Buffer): DtlsRecord[] | undefined {
  const records: DtlsRecord[] = [];
  for (let at = 0; at < data.length;) {
    if (at + HEADER_BYTES > data.length) return undefined;
    const end = at + HEADER_BYTES + data.readUInt16BE(at + 11);
    const type = data[at] ?? 0;
    if (end > data.length || !TYPES.has(type)) return undefined;
    records.push({ type, epoch: data.readUInt16BE(at + 3), bytes: data.subarray(at, end) });
    at = end;
  }
  return records;
}

/**
 * Of a connected client: an alert or a client hello in plaintext, or an alert that its keys did not make. The rest of its
 * last flight may come again in plaintext, if ours was lost; once the handshake is over for the client too, nothing may.
 */
export function isForged(
  { type, epoch, bytes }: DtlsRecord,
  decrypts: (record: Buffer) => boolean,
  handshakeOver: boolean,
): boolean {
  if (epoch > 0) return (handshakeOver || type === ALERT) && !decrypts(bytes);
  if (handshakeOver || type === ALERT) return true;
  return type === HANDSHAKE && bytes[HEADER_BYTES] === CLIENT_HELLO;
}

/** What werift hides, and its own decryption takes. */
interface Decrypting {
  readonly dtls?: { readonly cipher?: { decryptPacket?: (record: object) => Buffer } };
}

/** Whether the client's keys made this record; tested, as werift's types hide how. */
export function decrypts(transport: RTCDtlsTransport, record: Buffer): boolean {
  const cipher = (transport as unknown as Decrypting).dtls?.cipher;
  if (typeof cipher?.decryptPacket !== 'function') {
    throw new Error('werift has changed: its DTLS cipher is gone.');
  }
  const recordLayerHeader = {
    contentType: record[0],
    protocolVersion: { major: record[1], minor: record[2] },
    epoch: record.readUInt16BE(3),
    sequenceNumber: record.readUIntBE(5, 6),
    contentLen: record.readUInt16BE(11),
  };
  try {
    cipher.decryptPacket({ recordLayerHeader, fragment: record.subarray(HEADER_BYTES) });
    return true;
  } catch {
    return false;
  }
}
