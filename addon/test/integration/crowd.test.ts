/** Packets in pairs, through real WebRTC: what a crowd hears is, sample for sample, what was said. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GenericNack, RtcpTransportLayerFeedback } from 'werift';
import { Relay } from '../../src/media/relay.ts';
import { SlotAssignment } from '../../src/media/slot-assignment.ts';
import type { Stream } from '../../src/media/stream.ts';
import { OpusDecoder } from '../../src/media/transcoder/opus-decoder.ts';
import { WeriftPeerFactory } from '../../src/webrtc/werift-peer-factory.ts';
import { once } from '../support/once.ts';
import { framesOf } from '../support/opus-frames.ts';
import { encodeOpus, tone } from '../support/opus-voice.ts';
import { quietLog } from '../support/quiet-log.ts';
import { UdpProxy } from '../support/udp-proxy.ts';
import { openClient, type HeardPacket, type WeriftClient } from '../support/werift-client.ts';

const FRAME_TICKS = 480;
const PACKETS = 101;
/** Comes when three later ones have come. */
const LATE = 40;
/** Never comes; a pair before it, so that it has no partner. */
const LOST = 61;
const FIRST = 65_500;

let relay: Relay;
let factory: WeriftPeerFactory;
let open: { close(): Promise<void> }[];

beforeEach(() => {
  relay = new Relay({ log: quietLog(), crowdAbove: 2 });
  factory = new WeriftPeerFactory({ log: quietLog(), addresses: ['127.0.0.1'] });
  open = [];
});

afterEach(async () => {
  await Promise.all(open.map((one) => one.close()));
  await relay.close();
  await factory.close();
});

async function receiver(): Promise<{ client: WeriftClient; proxy: UdpProxy }> {
  const client = openClient('recvonly');
  open.push(client);
  let connect!: (value: unknown) => void;
  const connected = once<unknown>((resolve) => (connect = resolve), 'connected');
  const peer = await factory.createReceiverPeer(await client.offer(), {
    closed: () => undefined,
    connected: () => connect(undefined),
  });
  const slots = { relay, slots: peer.slots, ownStreamId: () => undefined, onChange: () => undefined };
  const assignment = new SlotAssignment(slots);
  assignment.listen('latest');
  const port = / (\d+) typ host/.exec(peer.answer)![1]!;
  const proxy = await UdpProxy.open(Number(port));
  open.push(assignment, proxy);
  await client.accept(peer.answer.replaceAll(` ${port} typ host`, ` ${proxy.port} typ host`));
  await connected;
  return { client, proxy };
}

async function speaker(): Promise<{ client: WeriftClient; talk(): Stream }> {
  const client = openClient('sendonly');
  open.push(client);
  let stream: Stream | undefined;
  const peer = await factory.createSenderPeer(await client.offer(), {
    packet: (packet) => stream?.write(packet),
    closed: () => undefined,
  });
  await client.accept(peer.answer);
  return { client, talk: () => (stream = relay.start({ id: 'kitchen', name: 'Kitchen' })) };
}

function inOrder(heard: readonly HeardPacket[]): HeardPacket[] {
  const [first] = heard;
  return heard.toSorted((a, b) => step(first!, a) - step(first!, b));
}

const step = (from: HeardPacket, to: HeardPacket): number => ((to.sequenceNumber - from.sequenceNumber) << 16) >> 16;

async function samplesOf(packets: readonly Buffer[]): Promise<Int16Array[]> {
  const decoder = await OpusDecoder.create();
  const samples = packets.map((packet) => decoder.decode(packet));
  expect(decoder.corruptPackets).toBe(0);
  decoder.close();
  return samples;
}

test('a crowd gets fewer packets and every sample of what came, though one came late and one never', async () => {
  const voice = await encodeOpus(tone(440, PACKETS * 10 + 5), { frameMs: 10 });
  const speaking = await speaker();
  const crowd = [(await receiver()).client, (await receiver()).client, (await receiver()).client];
  const stream = speaking.talk();
  const order = Array.from({ length: PACKETS }, (_, i) => i).filter((i) => i !== LATE && i !== LOST);
  order.splice(order.indexOf(LATE + 3) + 1, 0, LATE);
  for (const [place, i] of order.entries()) {
    await speaking.client.send((FIRST + i) & 0xffff, voice[i], i * FRAME_TICKS);
    // As they come, so that none waits in vain for its partner.
    await expect.poll(() => stream.packetsIn, { interval: 1 }).toBe(place + 1);
  }
  relay.end(stream, 'stopped');

  const came = voice.slice(0, PACKETS).filter((_, i) => i !== LOST);
  for (const client of crowd) {
    const isLast = (packet: HeardPacket): boolean => framesOf(packet.payload).some((one) => one.equals(came.at(-1)!));
    await client.waitForHeard(1, isLast);
    const heard = inOrder(client.heard);
    // Half of them; more on a machine on which a partner takes 15 ms.
    expect(heard.length).toBeLessThan(PACKETS - 10);
    expect(heard.map(({ payload }) => payload).flatMap(framesOf)).toEqual(came);
    const samples = await samplesOf(heard.map(({ payload }) => payload));
    expect(samples.flatMap((part) => [...part])).toEqual((await samplesOf(came)).flatMap((part) => [...part]));
    // Each packet begins where the one before it ended, but for the one that is lost, which is one number, too.
    const gaps = heard.slice(1).flatMap((packet, i) => {
      const ticks = (packet.timestamp - heard[i]!.timestamp) >>> 0;
      const missing = ticks - samples[i]!.length;
      return missing === 0 && step(heard[i]!, packet) === 1 ? [] : [[missing, step(heard[i]!, packet)]];
    });
    expect(gaps).toEqual([[FRAME_TICKS, 2]]);
  }
});

test('a pair that is lost on its way to a receiver is asked for, and comes again', async () => {
  const voice = await encodeOpus(tone(440, 105), { frameMs: 10 });
  const speaking = await speaker();
  const [one, , third] = [await receiver(), await receiver(), await receiver()];
  let dropped = 0;
  one.proxy.toClient = (data) => {
    const type = data[1]! & 0x7f;
    const isRtp = data[0]! >> 6 === 2 && (type < 64 || type > 95);
    return isRtp && dropped++ === 1 ? null : data;
  };
  const stream = speaking.talk();
  for (const [i, payload] of voice.slice(0, 8).entries()) stream.write(packetOf(i, payload));
  const heard = await one.client.waitForHeard(3);
  expect(step(heard[0]!, heard[1]!)).toBe(2);
  const lost = [(heard[0]!.sequenceNumber + 1) & 0xffff];
  await one.client.connection.dtlsTransports[0]!.sendRtcp([
    new RtcpTransportLayerFeedback({
      feedback: new GenericNack({ senderSsrc: 1, mediaSourceSsrc: heard[0]!.ssrc, lost }),
    }),
  ]);
  const again = await one.client.waitForHeard(4);
  expect(inOrder(again).flatMap(({ payload }) => framesOf(payload))).toEqual(voice.slice(0, 8));
  expect((await third.client.waitForHeard(4)).flatMap(({ payload }) => framesOf(payload))).toEqual(voice.slice(0, 8));
});

function packetOf(i: number, payload: Buffer): Parameters<Stream['write']>[0] {
  return { sequenceNumber: i, timestamp: i * FRAME_TICKS, marker: false, payload, levelDbov: undefined };
}
