/** Our own way out beside werift's sender: what a client sees of it, and what it costs per packet. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  GenericNack,
  RtcpSourceDescriptionPacket,
  RtcpSrPacket,
  RtcpTransportLayerFeedback,
  type RtcpPacket,
  type RTCDtlsTransport,
} from 'werift';
import type { ReceiverPeer, ReceiverSlot } from '../../src/media/ports.ts';
import { Stream } from '../../src/media/stream.ts';
import { WeriftPeerFactory } from '../../src/webrtc/werift-peer-factory.ts';
import { packetOf } from '../fakes/fake-sink.ts';
import { once } from '../support/once.ts';
import { quietLog } from '../support/quiet-log.ts';
import { UdpProxy } from '../support/udp-proxy.ts';
import { openClient, type WeriftClient } from '../support/werift-client.ts';

const REPORT_MS = 60;
const AEAD_AES_128_GCM = 7;

let factory: WeriftPeerFactory;
let open: { close(): unknown }[];

beforeEach(() => {
  factory = new WeriftPeerFactory({ log: quietLog(), addresses: ['127.0.0.1'], reportIntervalMs: REPORT_MS });
  open = [];
});

afterEach(async () => {
  for (const one of open) await one.close();
  await factory.close();
});

interface Joined {
  client: WeriftClient;
  clientTransport: RTCDtlsTransport;
  peer: ReceiverPeer;
  proxy: UdpProxy;
}

async function join(prepare: (transport: RTCDtlsTransport) => void = () => undefined): Promise<Joined> {
  const client = openClient('recvonly');
  open.push(client);
  const offer = await client.offer();
  const clientTransport = client.connection.dtlsTransports[0]!;
  prepare(clientTransport);
  let connect!: (value: unknown) => void;
  const connected = once<unknown>((resolve) => (connect = resolve), 'connected');
  const peer = await factory.createReceiverPeer(offer, {
    closed: () => undefined,
    connected: () => connect(undefined),
  });
  const port = / (\d+) typ host/.exec(peer.answer)![1]!;
  const proxy = await UdpProxy.open(Number(port));
  open.push(proxy);
  await client.accept(peer.answer.replaceAll(` ${port} typ host`, ` ${proxy.port} typ host`));
  await connected;
  return { client, clientTransport, peer, proxy };
}

test('what was lost on the way is sent again when the client asks, the same datagram under the same number', async () => {
  const { client, clientTransport, peer, proxy } = await join();
  const slot = peer.slots[0]!;
  const lost: Buffer[] = [];
  const sent: Buffer[] = [];
  proxy.toClient = (data) => {
    sent.push(data);
    if (!isRtp(data) || lost.length === 3) return data;
    lost.push(data);
    return null;
  };
  for (let n = 65_530; n < 65_536 + 10; n += 1) slot.write(packetOf(n & 0xffff));
  const [first] = await client.waitForHeard(13);
  const lostNumbers = [3, 2, 1].map((back) => (first!.sequenceNumber - back) & 0xffff);
  sent.length = 0;
  await clientTransport.sendRtcp([
    new RtcpTransportLayerFeedback({
      feedback: new GenericNack({ senderSsrc: 1, mediaSourceSsrc: first!.ssrc, lost: [...lostNumbers, 20_000] }),
    }),
  ]);
  const repaired = (await client.waitForHeard(16)).slice(13);
  expect(repaired.map(({ sequenceNumber }) => sequenceNumber)).toEqual(lostNumbers);
  expect(sent.filter(isRtp)).toEqual(lost);
  // And after that the counter of rollovers is where it was.
  slot.write(packetOf(11));
  expect((await client.waitForHeard(17))[16]!.payload).toEqual(packetOf(11).payload);
});

test('no number goes out twice: SRTP would lay both open', async () => {
  const { client, peer } = await join();
  const slot = peer.slots[0]!;
  for (const n of [5, 6, 6, 8, 7, 7, 5, 9]) slot.write(packetOf(n));
  const heard = await client.waitForHeard(5);
  slot.write(packetOf(10));
  await client.waitForHeard(6);
  expect(heard.map(({ payload }) => payload[0])).toEqual([5, 6, 8, 7, 9]);
  expect(peer.stats()).toMatchObject({ packets: 6, bytes: 6 });
});

test('reports tell what was sent, at the time of a clock that a person would know', async () => {
  const { clientTransport, peer } = await join();
  const reports: RtcpSrPacket[] = [];
  const names: RtcpPacket[] = [];
  const three = once<RtcpSrPacket[]>((resolve) => {
    clientTransport.onRtcp.subscribe((packet) => {
      if (packet instanceof RtcpSourceDescriptionPacket) names.push(packet);
      if (packet instanceof RtcpSrPacket && reports.push(packet) === 3) resolve(reports);
    });
  }, 'three reports');
  for (let n = 0; n < 7; n += 1) peer.slots[0]!.write(packetOf(n));
  const [first, , third] = (await three).map(({ senderInfo }) => senderInfo);
  expect([first!.packetCount, first!.octetCount]).toEqual([7, 7]);
  const secondsOf = (ntp: bigint): number => Number(ntp >> 32n) + Number(ntp & 0xffff_ffffn) / 2 ** 32;
  expect(Math.abs(secondsOf(third!.ntpTimestamp) - 2_208_988_800 - Date.now() / 1000)).toBeLessThan(1);
  // RTP time and wall time go on together, though nothing is said meanwhile.
  const passedMs = (secondsOf(third!.ntpTimestamp) - secondsOf(first!.ntpTimestamp)) * 1000;
  expect(passedMs).toBeGreaterThan(REPORT_MS / 2);
  expect(((third!.rtpTimestamp - first!.rtpTimestamp) >>> 0) / 48).toBeCloseTo(passedMs, 0);
  expect(names.length).toBeGreaterThan(0);
});

test('a client that speaks AES-GCM alone hears, too', async () => {
  const { client, clientTransport, peer } = await join((transport) =>
    Object.assign(transport, { srtpProfiles: [AEAD_AES_128_GCM] }),
  );
  expect(clientTransport.srtp.config.profile).toBe(AEAD_AES_128_GCM);
  for (let n = 0; n < 5; n += 1) peer.slots[0]!.write(packetOf(n));
  expect((await client.waitForHeard(5)).map(({ payload }) => payload[0])).toEqual([0, 1, 2, 3, 4]);
});

/** RFC 7983 and RFC 5761 4: neither STUN, DTLS nor RTCP. */
function isRtp(data: Buffer): boolean {
  const type = data[1]! & 0x7f;
  return data[0]! >> 6 === 2 && (type < 64 || type > 95);
}

test('what is said while a client connects is heard at once when it is there, unless it is old', async () => {
  let nowMs = 0;
  factory = new WeriftPeerFactory({ log: quietLog(), addresses: ['127.0.0.1'], now: () => nowMs });
  const sentTo = async (write: (slot: ReceiverSlot) => void): Promise<number> => {
    const client = openClient('recvonly');
    open.push(client);
    const offer = await client.offer();
    let connect!: (value: unknown) => void;
    const connected = once<unknown>((resolve) => (connect = resolve), 'connected');
    const peer = await factory.createReceiverPeer(offer, {
      closed: () => undefined,
      connected: () => connect(undefined),
    });
    write(peer.slots[0]!);
    await client.accept(peer.answer);
    await connected;
    return peer.stats().packets;
  };
  const stream = new Stream({ id: 'kitchen', name: 'Kitchen' });
  expect(await sentTo((slot) => [1, 2].forEach((number) => slot.write(packetOf(number))))).toBe(1);
  expect(
    await sentTo((slot) => {
      slot.write(packetOf(3));
      nowMs += 21;
    }),
  ).toBe(0);
  expect(
    await sentTo((slot) => {
      slot.write(packetOf(4));
      slot.detached(stream);
    }),
  ).toBe(0);
});
