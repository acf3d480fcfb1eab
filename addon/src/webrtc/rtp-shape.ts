/**
 * Whether a datagram that looks like SRTP has a header that fits into it (RFC 3550 5.1, RFC 8285): it is not encrypted.
 * werift 0.25.2 reads it before it authenticates the packet, and runs to the end that its extension claims to have,
 * copying a list at each step: one datagram with a lie in it holds the whole server up for half a minute.
 */
const FIXED_BYTES = 12;
const CSRC_BYTES = 4;
const EXTENSION_HEADER_BYTES = 4;
const WORD_BYTES = 4;
/** Real ones have a few bytes for each of a handful of extensions. */
const MAX_EXTENSION_BYTES = 512;

/** RFC 7983: RTP and RTCP begin with 128..191; RFC 5761 4: RTCP's second byte is 192..223. */
export function isRtp(data: Buffer): boolean {
  const [first = 0, second = 0] = data;
  return first >= 128 && first <= 191 && (second < 192 || second > 223);
}

export function hasWholeHeader(data: Buffer): boolean {
  const [first = 0] = data;
  const fixed = FIXED_BYTES + (first & 0x0f) * CSRC_BYTES;
  if ((first & 0x10) === 0) return data.length >= fixed;
  if (data.length < fixed + EXTENSION_HEADER_BYTES) return false;
  const extension = data.readUInt16BE(fixed + 2) * WORD_BYTES;
  return extension <= MAX_EXTENSION_BYTES && data.length >= fixed + EXTENSION_HEADER_BYTES + extension;
}
