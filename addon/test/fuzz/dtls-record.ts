/** DTLS records: of any type and epoch, with lengths that lie and bodies that look like alerts and handshakes. */
import fc, { type Arbitrary } from 'fast-check';

const body = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 120 })).map((alert) => Uint8Array.from(alert)),
  fc
    .record({
      type: fc.nat({ max: 24 }),
      length: fc.nat({ max: 60 }),
      sequence: fc.nat({ max: 8 }),
      at: fc.nat({ max: 60 }),
      data: fc.uint8Array({ maxLength: 60 }),
    })
    .map(({ type, length, sequence, at, data }) =>
      Uint8Array.from([type, 0, 0, length, 0, sequence, 0, 0, at, 0, 0, data.length, ...data]),
    ),
);

export const dtlsRecord: Arbitrary<Buffer> = fc
  .record({
    type: fc.oneof(fc.constantFrom(20, 21, 22, 23), fc.integer({ min: 20, max: 63 })),
    epoch: fc.constantFrom(0, 0, 1, 1, 2, 65_535),
    sequence: fc.nat({ max: 20 }),
    body,
    lies: fc.option(fc.nat({ max: 0xffff }), { nil: undefined, freq: 6 }),
  })
  .map(({ type, epoch, sequence, body: data, lies }) => {
    const header = Buffer.alloc(13);
    header[0] = type;
    header.writeUInt16BE(0xfefd, 1);
    header.writeUInt16BE(epoch, 3);
    header.writeUIntBE(sequence, 5, 6);
    header.writeUInt16BE(lies ?? data.length, 11);
    return Buffer.concat([header, data]);
  });

function forged(type: number, epoch: number, ...data: number[]): Buffer {
  return Buffer.from([type, 254, 253, epoch >> 8, epoch & 0xff, 0, 0, 0, 0, 0, 9, 0, data.length, ...data]);
}

/** Each of these has ended a peer or thrown. */
export const FORMER_RECORDS: readonly Buffer[] = [
  forged(37, 1),
  forged(21, 1, 1, 0),
  forged(21, 1, 1, 0, ...Array<number>(24).fill(7)),
  forged(23, 1).subarray(0, 6),
  forged(22, 1, 1, 2, 3).subarray(0, 15),
];
