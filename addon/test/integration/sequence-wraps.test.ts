/**
 * The sequence number wraps every 21.8 minutes, and SRTP counts the wraps on both ends without ever saying so (RFC 3711 3.3.1):
 * outages exactly there, and a second round, between real peers.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Stream } from '../../src/media/stream.ts';
import { repairRollover } from '../../src/webrtc/srtp-rollover.ts';
import { WeriftPeerFactory } from '../../src/webrtc/werift-peer-factory.ts';
import { packetOf } from '../fakes/fake-sink.ts';
import { once } from '../support/once.ts';
import { quietLog } from '../support/quiet-log.ts';
import { UdpProxy } from '../support/udp-proxy.ts';
import { openClient, type HeardPacket, type WeriftClient } from '../support/werift-client.ts';

const ROUND = 65_536;
/** 4 s. */
const OUTAGE_PACKETS = 200;

let factory: WeriftPeerFactory;
let open: { close(): unknown }[];

beforeEach(() => {
  factory = new WeriftPeerFactory({ log: quietLog(), addresses: ['127.0.0.1'] });
  open = [];
});

afterEach(async () => {
  for (const one of open) await one.close();
  await factory.close();
});

/** The client's own SRTP as browsers have it, which is as RFC 3711 has it. */
async function connect(client: WeriftClient, answer: string, connected: Promise<unknown>): Promise<UdpProxy> {
  open.push(client);
  const port = / (\d+) typ host/.exec(answer)![1]!;
  const proxy = await UdpProxy.open(Number(port));
  open.push(proxy);
  await client.accept(answer.replaceAll(` ${port} typ host`, ` ${proxy.port} typ host`));
  await connected;
  repairRollover(client.connection.dtlsTransports[0]!);
  return proxy;
}

function event(): { happened: Promise<unknown>; happen: () => void } {
  let happen!: (value: unknown) => void;
  const happened = once<unknown>((resolve) => (happen = resolve), 'connected');
  return { happened, happen: () => happen(undefined) };
}

/** RFC 7983 and RFC 5761 4: neither STUN, DTLS nor RTCP. */
function isRtp(data: Buffer): boolean {
  const type = data[1]! & 0x7f;
  return data[0]! >> 6 === 2 && (type < 64 || type > 95);
}

/** First of the lost: the wrap is in the outage's middle, at its very beginning and at its very end. */
test.each([ROUND - OUTAGE_PACKETS / 2, ROUND, ROUND - OUTAGE_PACKETS])(
  'a sender is heard after 4 s of outage from %i on, and after as much over the next wrap',
  async (firstLost) => {
    const client = openClient('sendonly');
    const stream = new Stream({ id: 'kitchen', name: 'Kitchen' });
    const heard: string[] = [];
    stream.attach({
      attached: () => undefined,
      detached: () => undefined,
      write: ({ payload }) => heard.push(payload.toString()),
    });
    const { happened, happen } = event();
    const { answer } = await factory.createSenderPeer(await client.offer(), {
      packet: (packet) => stream.write(packet),
      closed: () => undefined,
      connected: happen,
    });
    const proxy = await connect(client, answer, happened);
    let isOut = false;
    proxy.toServer = (data) => (isOut && isRtp(data) ? null : data);
    const sendAll = async (from: number, to: number): Promise<string[]> => {
      const sent: string[] = [];
      for (let n = from; n < to; n += 1) {
        sent.push(`packet ${n}`);
        await client.send(n % ROUND, Buffer.from(`packet ${n}`));
        if (n % 20 === 0) await nextTurn();
      }
      return sent;
    };
    const expected: string[] = [];
    for (const round of [0, 1]) {
      const lost = firstLost + round * ROUND;
      expected.push(...(await sendAll(lost - 10, lost)));
      await expect.poll(() => heard.length, { timeout: 10_000 }).toBe(expected.length);
      isOut = true;
      await sendAll(lost, lost + OUTAGE_PACKETS);
      // Sends go out in turns of their own.
      for (let turn = 0; turn < 20; turn += 1) await nextTurn();
      isOut = false;
      expected.push(...(await sendAll(lost + OUTAGE_PACKETS, lost + OUTAGE_PACKETS + 20)));
      await expect.poll(() => heard.length, { timeout: 10_000 }).toBe(expected.length);
      // On towards the next wrap, in strides that a counter can follow.
      for (const stride of [20_000, 40_000]) {
        expected.push(...(await sendAll(lost + OUTAGE_PACKETS + stride, lost + OUTAGE_PACKETS + stride + 1)));
        await expect.poll(() => heard.length, { timeout: 10_000 }).toBe(expected.length);
      }
    }
    expect(heard).toEqual(expected);
  },
);

test('a receiver hears on over two wraps of what we send, 4 s of outage over each', { timeout: 60_000 }, async () => {
  const client = openClient('recvonly');
  const { happened, happen } = event();
  const peer = await factory.createReceiverPeer(await client.offer(), { closed: () => undefined, connected: happen });
  const proxy = await connect(client, peer.answer, happened);
  let wraps = 0;
  let last = -1;
  let passed = 0;
  let lost = 0;
  proxy.toClient = (data) => {
    if (!isRtp(data)) return data;
    const sequenceNumber = data.readUInt16BE(2);
    if (last >= 0 && sequenceNumber < last - ROUND / 2) wraps += 1;
    last = sequenceNumber;
    if (sequenceNumber >= ROUND - OUTAGE_PACKETS / 2 || sequenceNumber < OUTAGE_PACKETS / 2) {
      lost += 1;
      return null;
    }
    // Few of the rest are enough: what counts is that the client still knows the round.
    if (sequenceNumber % 1000 > 0) return null;
    passed += 1;
    return data;
  };
  const slot = peer.slots[0]!;
  // The slot's own numbers begin anywhere in the first half of a round.
  for (let n = 0; n < 2.5 * ROUND; n += 1) {
    slot.write({ ...packetOf(n % ROUND), payload: Buffer.from(`packet ${n}`) });
    // A turn reads up to 32 datagrams of a socket; more would be dropped, and always the same ones.
    if (n % 16 === 0) await nextTurn();
  }
  expect(wraps).toBeGreaterThanOrEqual(2);
  expect(lost).toBeGreaterThan(OUTAGE_PACKETS);
  proxy.toClient = (data) => data;
  let next = Math.ceil(2.5 * ROUND);
  const isLast = ({ payload }: HeardPacket): boolean => payload.toString() === 'at last';
  await expect
    .poll(
      () => {
        slot.write({ ...packetOf(next++ % ROUND), payload: Buffer.from('at last') });
        return client.heard.some(isLast);
      },
      { timeout: 10_000 },
    )
    .toBe(true);
  expect(passed).toBeGreaterThan(100);
  expect(client.heard.length).toBeGreaterThan(passed - 5);
  expect(client.heard.every(({ payload }) => /^packet \d+$|^at last$/.test(payload.toString()))).toBe(true);
});
