/**
 * The packet path alone, as often as the first argument says: one stream to a few receivers that have joined and then
 * died without a word, so that nobody else's work is in this process. For who counts its instructions.
 */
import process from 'node:process';
import { Stream } from '../../src/media/stream.ts';
import { WeriftPeerFactory } from '../../src/webrtc/werift-peer-factory.ts';
import { quietLog } from '../../test/support/quiet-log.ts';
import { openClient } from '../../test/support/werift-client.ts';

const RECEIVERS = 4;
const PAYLOAD_BYTES = 80;
/** Sends that may wait for the kernel at once. */
const BURST = 50;

const packets = Number(process.argv[2]);
const factory = new WeriftPeerFactory({ log: quietLog(), addresses: ['127.0.0.1'] });
let nowMs = 0;
const stream = new Stream({ id: 'bench', name: 'Bench', now: () => nowMs });
for (let n = 0; n < RECEIVERS; n += 1) {
  const client = openClient('recvonly');
  const offer = await client.offer();
  let connected!: () => void;
  const whenConnected = new Promise<void>((resolve) => (connected = resolve));
  const peer = await factory.createReceiverPeer(offer, { closed: () => undefined, connected });
  await client.accept(peer.answer);
  await whenConnected;
  for (const transport of client.connection.dtlsTransports) await transport.iceTransport.connection.close();
  for (const slot of peer.slots) stream.attach(slot);
}
const payload = Buffer.alloc(PAYLOAD_BYTES, 7);
for (let index = 0; index < packets; index += 1, nowMs += 20) {
  stream.write({
    sequenceNumber: index & 0xffff,
    timestamp: (index * 960) >>> 0,
    marker: false,
    payload,
    levelDbov: undefined,
  });
  if (index % BURST === 0) await new Promise((resolve) => setImmediate(resolve));
}
process.stdout.write(`sent ${stream.packetsOut}\n`);
process.exit(0);
