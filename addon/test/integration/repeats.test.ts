/** Who loses packets and never asks for them, as Firefox, gets each twice; who asks gets what it asked for. */
import { RtcpReceiverInfo, RtcpRrPacket } from 'werift';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Relay } from '../../src/media/relay.ts';
import type { Stream } from '../../src/media/stream.ts';
import { WeriftPeerFactory } from '../../src/webrtc/werift-peer-factory.ts';
import { isMedia } from '../support/datagrams.ts';
import { quietLog } from '../support/quiet-log.ts';
import { UdpProxy } from '../support/udp-proxy.ts';
import { openClient, type WeriftClient } from '../support/werift-client.ts';

const PAYLOAD_TYPE = 111;

let factory: WeriftPeerFactory;
let relay: Relay;
let stream: Stream;
let client: WeriftClient;
let proxy: UdpProxy;
/** Sequence numbers of the voice that left. */
let sent: number[];
let next: number;

beforeEach(async () => {
  factory = new WeriftPeerFactory({ log: quietLog(), addresses: ['127.0.0.1'] });
  relay = new Relay({ log: quietLog() });
  stream = relay.start({ id: 'kitchen', name: 'Kitchen' });
  client = openClient('recvonly');
  sent = [];
  next = 0;
  const peer = await factory.createReceiverPeer(await client.offer(), { closed: () => undefined });
  for (const slot of peer.slots) stream.attach(slot);
  const port = Number(/ (\d+) typ host/.exec(peer.answer)?.[1]);
  proxy = await UdpProxy.open(port);
  proxy.toClient = (data) => {
    if (isMedia(data) && (data[1]! & 0x7f) === PAYLOAD_TYPE) sent.push(data.readUInt16BE(2));
    return data;
  };
  await client.accept(peer.answer.replaceAll(` ${port} typ host`, ` ${proxy.port} typ host`));
  await say(5);
});

afterEach(async () => {
  await client.close();
  await proxy.close();
  await factory.close();
});

/** Packets of live voice, all of them heard; under which numbers. */
async function say(count: number): Promise<number[]> {
  const from = next;
  for (let n = 0; n < count; n += 1, next += 1) {
    const timestamp = Math.floor(performance.now() * 48) >>> 0;
    const payload = Buffer.from(`packet ${next}`);
    stream.write({ sequenceNumber: next, timestamp, marker: false, payload, levelDbov: undefined });
  }
  const texts = Array.from({ length: count }, (_, n) => `packet ${from + n}`);
  const found = (): (number | undefined)[] =>
    texts.map((text) => client.heard.find(({ payload }) => String(payload) === text)?.sequenceNumber);
  await expect.poll(found, { timeout: 10_000, interval: 5 }).not.toContain(undefined);
  return found() as number[];
}

/** A receiver report that tells of this loss, and the packet after which the server has read it. */
async function report(fractionLost: number, ssrc = client.heard[0]!.ssrc): Promise<void> {
  const [transport] = client.connection.dtlsTransports;
  const { iceTransport, srtcp } = transport!;
  const info = new RtcpReceiverInfo({
    ...{ ssrc, fractionLost, packetsLost: 9, highestSequence: 5, jitter: 0, lsr: 0, dlsr: 0 },
  });
  await iceTransport.connection.send(srtcp.encrypt(new RtcpRrPacket({ ssrc: 1, reports: [info] }).serialize()));
}

const timesOf = (sequenceNumber: number): number => sent.filter((each) => each === sequenceNumber).length;

test('who reports a loss of 5 % and never asks gets each packet again with the next one', async () => {
  await report(0.05 * 256);
  await expect
    .poll(
      async () => {
        await say(2);
        return sent.length > new Set(sent).size;
      },
      { timeout: 10_000, interval: 10 },
    )
    .toBe(true);
  const numbers = await say(20);
  const last = numbers.pop()!;
  for (const n of numbers) await expect.poll(() => timesOf(n), { timeout: 10_000 }).toBe(2);
  expect(timesOf(last)).toBe(1);
});

test('a loss that nobody hears, and that of another source, doubles nothing', async () => {
  await report(0.01 * 256);
  await report(0.5 * 256, 4711);
  for (let n = 0; n < 20; n += 1) await say(2);
  expect(sent).toHaveLength(new Set(sent).size);
});
