/**
 * Two Opus frames of 10 ms as one packet of 20 ms (RFC 6716 3.2): nothing is decoded or encoded anew, a decoder makes the very
 * same samples of it, and every decoder takes it without being asked.
 */

/** A longer one would not fit into a datagram that every network carries whole. */
const MAX_PAIR_BYTES = 1200;
/** A table of contents and a byte: nothing was said (DTX), and a browser judges that by the length of the packet. */
const MAX_DTX_BYTES = 2;
/** The last two bits of the first byte: how many frames follow. */
const CODE_MASK = 0b11;
const CODE_TWO_EQUAL = 1;
const CODE_TWO = 2;
/** RFC 6716 3.2.1: lengths up to here are one byte. */
const MAX_SHORT_LENGTH = 251;

/** One plain frame of 10 ms, in which something is said. */
export function isPairable(packet: Buffer): boolean {
  const [toc = 0] = packet;
  return packet.length > MAX_DTX_BYTES && (toc & CODE_MASK) === 0 && frameMs(toc >> 3) === 10;
}

/** Undefined when one packet cannot hold both: another mode, bandwidth or stereo bit, or too long. Both are pairable. */
export function pairOf(first: Buffer, second: Buffer): Buffer | undefined {
  const [toc = 0] = first;
  if (toc !== second[0]) return undefined;
  const lengthBytes = first.length === second.length ? 0 : first.length - 1 > MAX_SHORT_LENGTH ? 2 : 1;
  const secondAt = lengthBytes + first.length;
  const bytes = secondAt + second.length - 1;
  if (bytes > MAX_PAIR_BYTES) return undefined;
  const pair = Buffer.allocUnsafe(bytes);
  pair[0] = toc | (lengthBytes === 0 ? CODE_TWO_EQUAL : CODE_TWO);
  writeLength(pair, first.length - 1, lengthBytes);
  first.copy(pair, 1 + lengthBytes, 1);
  second.copy(pair, secondAt, 1);
  return pair;
}

function writeLength(pair: Buffer, length: number, lengthBytes: number): void {
  if (lengthBytes === 1) pair[1] = length;
  if (lengthBytes !== 2) return;
  pair[1] = MAX_SHORT_LENGTH + 1 + (length & 0b11);
  pair[2] = (length - MAX_SHORT_LENGTH - 1 - (length & 0b11)) / 4;
}

/** RFC 6716 table 2. */
function frameMs(config: number): number {
  if (config < 12) return [10, 20, 40, 60][config % 4] ?? 0;
  if (config < 16) return [10, 20][config % 2] ?? 0;
  return [2.5, 5, 10, 20][config % 4] ?? 0;
}
