/**
 * Which reports of a client are read: receiver and sender reports, and requests for lost packets. werift 0.25.2 parses
 * whatever it gets, each packet of a compound up to the end of the datagram: 36 bytes of transport feedback make it build 65535
 * objects, and a request in front of another packet asks for what nobody lost. Here each is cut out by its length first.
 */
import { RtcpPacketConverter, type RtcpPacket } from 'werift';

/** RFC 3550 12.1 and RFC 4585 6.1. */
const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const TRANSPORT_FEEDBACK = 205;
const GENERIC_NACK = 1;
const HEADER_BYTES = 4;
const WORD_BYTES = 4;
const SENDER_REPORT_BYTES = 28;
const RECEIVER_REPORT_BYTES = 8;
const BLOCK_BYTES = 24;
/** Header and two SSRCs. */
const FEEDBACK_BYTES = 12;
/** Requests of 17 packets each in one NACK; libwebrtc sends 253 at most. */
const MAX_REQUESTS = 256;
const MAX_PACKETS = 16;

/** Those of a decrypted datagram that we read; undefined when its lengths lie. */
export function readRtcp(data: Buffer): RtcpPacket[] | undefined {
  const wanted: Buffer[] = [];
  let packets = 0;
  for (let at = 0; at < data.length; packets += 1) {
    if (packets === MAX_PACKETS || at + HEADER_BYTES > data.length || (data[at] ?? 0) >> 6 !== 2) return undefined;
    const end = at + HEADER_BYTES + data.readUInt16BE(at + 2) * WORD_BYTES;
    if (end > data.length) return undefined;
    const packet = data.subarray(at, end);
    const kind = kindOf(packet);
    if (kind === 'lies') return undefined;
    if (kind === 'wanted') wanted.push(packet);
    at = end;
  }
  return wanted.flatMap((packet) => RtcpPacketConverter.deSerialize(packet));
}

function kindOf(packet: Buffer): 'wanted' | 'other' | 'lies' {
  const count = (packet[0] ?? 0) & 0x1f;
  const type = packet[1];
  if (type === SENDER_REPORT) return fits(packet.length >= SENDER_REPORT_BYTES + count * BLOCK_BYTES);
  if (type === RECEIVER_REPORT) return fits(packet.length >= RECEIVER_REPORT_BYTES + count * BLOCK_BYTES);
  if (type !== TRANSPORT_FEEDBACK || count !== GENERIC_NACK) return 'other';
  const requests = (packet.length - FEEDBACK_BYTES) / WORD_BYTES;
  return fits(requests >= 1 && requests <= MAX_REQUESTS);
}

function fits(isRight: boolean): 'wanted' | 'lies' {
  return isRight ? 'wanted' : 'lies';
}
