/** An Opus packet taken apart by RFC 6716 3.2, as far as we make them: one frame, or two. */

/** Each frame as a packet of its own. */
export function framesOf(packet: Buffer): Buffer[] {
  const [toc = 0, ...rest] = packet;
  const body = Buffer.from(rest);
  const alone = (frame: Buffer): Buffer => Buffer.from([toc & ~0b11, ...frame]);
  const [short = 0, more = 0] = body;
  switch (toc & 0b11) {
    case 0:
      return [packet];
    case 1: {
      if (body.length % 2 !== 0) throw new Error('two equal frames of an odd number of bytes');
      return [body.subarray(0, body.length / 2), body.subarray(body.length / 2)].map(alone);
    }
    case 2: {
      const lengthBytes = short < 252 ? 1 : 2;
      const end = lengthBytes + short + (lengthBytes === 2 ? 4 * more : 0);
      if (end > body.length) throw new Error('the first frame is longer than the packet');
      return [body.subarray(lengthBytes, end), body.subarray(end)].map(alone);
    }
    default:
      throw new Error('any number of frames');
  }
}
