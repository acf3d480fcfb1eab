/**
 * What a joined client sends: RTP with header extensions and RTCP, as they are after decryption, to a sender's and to a
 * receiver's peer that are really connected; and SRTP that cannot be decrypted. Only the decryption is left out.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import type { RTCDtlsTransport } from 'werift';
import type { AudioPacket } from '../../../src/media/audio-packet.ts';
import { Relay } from '../../../src/media/relay.ts';
import { WeriftPeerFactory } from '../../../src/webrtc/werift-peer-factory.ts';
import { quietLog } from '../../support/quiet-log.ts';
import { openClient, type WeriftClient } from '../../support/werift-client.ts';
import { bentBytes } from '../arbitraries.ts';
import { dtlsRecord, FORMER_RECORDS } from '../dtls-record.ts';
import { defineTarget, must } from '../target.ts';

interface Arrival {
  to: 'sender' | 'receiver';
  sealed: boolean;
  data: Buffer;
}

const u8 = fc.nat({ max: 255 });
const u16 = fc.nat({ max: 0xffff });
const u32 = fc.nat({ max: 0xffff_ffff });

const extensions = fc.array(fc.tuple(u8, fc.uint8Array({ maxLength: 20 })), { maxLength: 4 }).map((list) => {
  const body = Buffer.concat(list.map(([head, data]) => Buffer.concat([Buffer.from([head]), data])));
  return Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)]);
});
const rtp = fc
  .record({
    first: fc.constantFrom(0x80, 0x90, 0xb0, 0x81, 0x9f),
    second: fc.constantFrom(111, 111 | 0x80, 96, 0, 127),
    sequence: u16,
    timestamp: u32,
    ssrc: u32,
    extensions,
    payload: fc.uint8Array({ maxLength: 80 }),
  })
  .map(({ first, second, sequence, timestamp, ssrc, extensions: more, payload }) => {
    const header = Buffer.alloc(12);
    header[0] = first;
    header[1] = second;
    header.writeUInt16BE(sequence, 2);
    header.writeUInt32BE(timestamp, 4);
    header.writeUInt32BE(ssrc, 8);
    const length = Buffer.alloc(4);
    length.writeUInt16BE(0xbede);
    length.writeUInt16BE(more.length / 4, 2);
    return Buffer.concat([header, ...(first & 0x10 ? [length, more] : []), payload]);
  });
/** SR, RR, SDES, BYE, APP, NACK, PLI, REMB … */
const rtcp = fc
  .record({
    count: fc.nat({ max: 31 }),
    type: fc.constantFrom(200, 201, 202, 203, 204, 205, 205, 206, 207),
    words: fc.array(u32, { maxLength: 12 }),
    ours: fc.boolean(),
    lies: fc.option(u16, { nil: undefined }),
  })
  .map(({ count, type, words, ours, lies }) => ({ count, type, words, ours, lies }));

export const packets = defineTarget<Arrival[]>({
  name: 'packets',
  share: 150,
  async open() {
    const log = quietLog();
    const factory = new WeriftPeerFactory({ log, addresses: ['127.0.0.1'], silenceTimeoutMs: 2 ** 30 });
    const relay = new Relay({ log });
    const stream = relay.start({ id: 'kitchen', name: 'Kitchen' });
    const clients = { sender: openClient('sendonly'), receiver: openClient('recvonly', { sections: 2 }) };
    const seen: { last: AudioPacket | undefined } = { last: undefined };
    const senderPeer = await factory.createSenderPeer(await clients.sender.offer(), {
      packet: (packet) => {
        seen.last = packet;
        stream.write(packet);
      },
      closed: () => undefined,
    });
    await clients.sender.accept(senderPeer.answer);
    const receiverPeer = await factory.createReceiverPeer(await clients.receiver.offer(), { closed: () => undefined });
    for (const slot of receiverPeer.slots) stream.attach(slot);
    await clients.receiver.accept(receiverPeer.answer);
    const doors = { sender: doorOf(senderPeer), receiver: doorOf(receiverPeer) };
    const ssrcs = receiverPeer.slots.map((slot) => (slot as unknown as { outlet: { ssrc: number } }).outlet.ssrc);
    const report = rtcp.map(({ count, type, words, ours, lies }) => {
      const filled = words.map((word, index) => (ours && index % 6 === 1 ? ssrcs[index % ssrcs.length]! : word));
      const packet = Buffer.alloc(4 + filled.length * 4);
      packet[0] = 0x80 | count;
      packet[1] = type;
      packet.writeUInt16BE(lies ?? filled.length, 2);
      filled.forEach((word, index) => packet.writeUInt32BE(word >>> 0, 4 + index * 4));
      return packet;
    });
    const data = bentBytes(
      fc.oneof(
        rtp,
        rtp,
        report,
        report,
        fc.tuple(report, report).map((two) => Buffer.concat(two)),
        dtlsRecord,
      ),
      2,
    );
    const arrival = fc.record({
      to: fc.constantFrom('sender' as const, 'receiver' as const),
      sealed: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
      data,
    });
    return {
      inputs: fc.array(arrival, { minLength: 1, maxLength: 25 }),
      former: [LYING_HEADER, ...FORMER_RECORDS].flatMap((data): Arrival[][] => [
        [{ to: 'sender', sealed: true, data }],
        [{ to: 'receiver', sealed: true, data }],
      ]),
      count: (story) => story.length,
      async run(story) {
        for (const { to, sealed, data: bytes } of story) doors[to].deliver(bytes, sealed);
        await nextTurn();
        if (seen.last)
          must(
            seen.last.levelDbov === undefined || (seen.last.levelDbov <= 0 && seen.last.levelDbov >= -127),
            `a level of ${seen.last.levelDbov}`,
          );
        must(senderPeer.stats().packetsLost >= 0 && receiverPeer.stats().packetsLost >= 0, 'less than nothing is lost');
        must(stream.sinkErrors === 0, 'a sink threw');
      },
      sizes: () => {
        const { senders, receivers } = factory.counts();
        return { senders, receivers, sinks: stream.sinkCount };
      },
      async witness() {
        const count = clients.receiver.heard.length;
        must(
          log.lines.every((line) => !line.startsWith('ERROR')),
          log.lines.join('\n'),
        );
        await speakUntilHeard(clients, count);
        clients.receiver.heard.length = 0;
      },
      async close() {
        relay.end(stream, 'stopped');
        await Promise.all([clients.sender.close(), clients.receiver.close()]);
        await factory.close();
        await relay.close();
      },
    };
  },
});

/** It claims an extension of 256 KiB, which held everything up for half a minute. */
const LYING_HEADER = Buffer.concat([
  Buffer.from([0x90, 111, 0, 1, 0, 0, 3, 192, 0, 0, 0, 7, 0xbe, 0xde, 0xff, 0xff]),
  Buffer.alloc(40, 0x10),
]);

let next = 0;

/** The client itself is still heard, whatever was said in its name. */
async function speakUntilHeard(
  { sender, receiver }: Record<'sender' | 'receiver', WeriftClient>,
  before: number,
): Promise<void> {
  for (let tries = 0; tries < 200 && receiver.heard.length === before; tries += 1) {
    // Its own numbers go on, as those of garbage may be anywhere.
    await sender.send((next += 1) & 0xffff);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  must(receiver.heard.length > before, 'the client is not heard any more');
}

/** Delivers what came by UDP, as if it had been decrypted unless `sealed`. */
function doorOf(peer: unknown): { deliver: (data: Buffer, sealed: boolean) => void } {
  const { transport } = (peer as { open: { transport: RTCDtlsTransport } }).open;
  interface Session {
    decrypt: (data: Buffer) => Buffer;
  }
  interface Protocol {
    transport: { onData: (data: Buffer, address: unknown) => void };
  }
  const inside = transport as unknown as {
    srtp: Session;
    srtcp: Session;
    iceTransport: { connection: { nominated: { protocol: Protocol; remoteAddr: unknown } } };
  };
  return {
    deliver(data, sealed) {
      const { protocol, remoteAddr } = inside.iceTransport.connection.nominated;
      const real = [inside.srtp.decrypt, inside.srtcp.decrypt] as const;
      if (!sealed) inside.srtp.decrypt = inside.srtcp.decrypt = (bytes) => bytes;
      try {
        protocol.transport.onData(data, remoteAddr);
      } finally {
        [inside.srtp.decrypt, inside.srtcp.decrypt] = real;
      }
    },
  };
}
