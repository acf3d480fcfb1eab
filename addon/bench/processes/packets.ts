/**
 * The packet path alone, as often as the first argument says, sealed by AES-GCM if the second is `gcm`: one stream to a few slots whose transport stands already, as
 * a handshake would take longer than peers wait where instructions are counted.
 */
import { createSocket } from 'node:dgram';
import process from 'node:process';
import type { RTCDtlsTransport, RTCRtpTransceiver } from 'werift';
import { Stream } from '../../src/media/stream.ts';
import { RtpOutlet } from '../../src/webrtc/rtp-outlet.ts';
import { AEAD_AES_128_GCM, AES_CM_128_HMAC_SHA1_80 } from '../../src/webrtc/srtp-sealer.ts';

const RECEIVERS = 4;
const PAYLOAD_BYTES = 80;
/** Sends that may wait for the kernel at once. */
const BURST = 50;

const packets = Number(process.argv[2]);
const [ear, socket] = [createSocket('udp4'), createSocket('udp4')];
for (const one of [ear, socket]) await new Promise<void>((resolve) => one.bind(0, '127.0.0.1', resolve));
ear.removeAllListeners('message');

const localContext = {
  profile: process.argv[3] === 'gcm' ? AEAD_AES_128_GCM : AES_CM_128_HMAC_SHA1_80,
  srtpSessionKey: Buffer.alloc(16, 1),
  srtpSessionAuthTag: Buffer.alloc(20, 2),
  srtpSessionSalt: Buffer.alloc(14, 3),
};
const pair = {
  protocol: { transport: { closed: false, socket } },
  remoteAddr: ['127.0.0.1', ear.address().port],
  packetsSent: 0,
  bytesSent: 0,
};
const transport = {
  state: 'connected',
  srtp: { localContext },
  iceTransport: { connection: { nominated: pair, state: 'connected' } },
  packetsSent: 0,
  bytesSent: 0,
} as unknown as RTCDtlsTransport;

let nowMs = 0;
const stream = new Stream({ id: 'bench', name: 'Bench', now: () => nowMs });
for (let ssrc = 1; ssrc <= RECEIVERS; ssrc += 1) {
  const sender = { ssrc, codec: { payloadType: 111 }, onGenericNack: { subscribe: () => undefined } };
  const outlet = new RtpOutlet(transport, { sender, headerExtensions: [] } as unknown as RTCRtpTransceiver);
  stream.attach({
    attached: () => undefined,
    detached: () => undefined,
    write: ({ sequenceNumber, timestamp, marker, payload }) => {
      outlet.send(sequenceNumber, timestamp, marker, payload);
    },
  });
}
const payload = Buffer.alloc(PAYLOAD_BYTES, 7);
for (let index = 0; index < packets; index += 1, nowMs += 20) {
  const [sequenceNumber, timestamp] = [index & 0xffff, (index * 960) >>> 0];
  stream.write({ sequenceNumber, timestamp, marker: false, payload, levelDbov: undefined });
  if (index % BURST === 0) await new Promise((resolve) => setImmediate(resolve));
}
process.stdout.write(`sent ${pair.packetsSent}\n`);
process.exit(0);
