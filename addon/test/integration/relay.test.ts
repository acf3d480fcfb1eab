/** What the relay promises: whoever joins, in whatever order, hears; numbers go on; nothing is left open. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SenderPeer } from '../../src/media/ports.ts';
import { Relay } from '../../src/media/relay.ts';
import { SlotAssignment, type ListenTarget } from '../../src/media/slot-assignment.ts';
import type { Stream } from '../../src/media/stream.ts';
import { WeriftPeerFactory } from '../../src/webrtc/werift-peer-factory.ts';
import { once } from '../support/once.ts';
import { quietLog } from '../support/quiet-log.ts';
import { openClient, type HeardPacket, type WeriftClient } from '../support/werift-client.ts';

let relay: Relay;
let factory: WeriftPeerFactory;
let open: { close(): Promise<void> }[];

beforeEach(() => {
  relay = new Relay({ log: quietLog() });
  factory = new WeriftPeerFactory({ log: quietLog(), addresses: ['127.0.0.1'] });
  open = [];
});

afterEach(async () => {
  await Promise.all(open.map((one) => one.close()));
  await relay.close();
  await factory.close();
  expect(factory.counts()).toMatchObject({ senders: 0, receivers: 0 });
});

interface Sender {
  client: WeriftClient;
  peer: SenderPeer;
  talk(id: string): Stream;
}

async function sender(): Promise<Sender> {
  const client = openClient('sendonly');
  open.push(client);
  let stream: Stream | undefined;
  const peer = await factory.createSenderPeer(await client.offer(), {
    packet: (packet) => stream?.write(packet),
    closed: () => undefined,
  });
  await client.accept(peer.answer);
  return { client, peer, talk: (id) => (stream = relay.start({ id, name: id })) };
}

async function receiver(
  to: ListenTarget,
  options: { payloadType?: number; sections?: number } = {},
): Promise<WeriftClient> {
  const client = openClient('recvonly', options);
  open.push(client);
  const connected = { resolve: (_: unknown): void => undefined };
  const isConnected = once<unknown>((resolve) => (connected.resolve = resolve), 'receiver peer connected');
  const peer = await factory.createReceiverPeer(await client.offer(), {
    closed: () => undefined,
    connected: () => connected.resolve(true),
  });
  const assignment = new SlotAssignment({
    relay,
    slots: peer.slots,
    ownStreamId: () => undefined,
    onChange: () => undefined,
  });
  assignment.listen(to);
  open.push(assignment);
  await client.accept(peer.answer);
  await isConnected;
  return client;
}

const text = (packet: HeardPacket): string => packet.payload.toString();

test('a receiver that joined before the sender hears it', async () => {
  const listening = await receiver('latest');
  const speaking = await sender();
  speaking.talk('kitchen');
  for (let n = 100; n < 105; n += 1) await speaking.client.send(n);
  expect((await listening.waitForHeard(5)).map(text)).toEqual([100, 101, 102, 103, 104].map((n) => `packet ${n}`));
});

test('a receiver that joined after the sender hears it from then on', async () => {
  const speaking = await sender();
  const stream = speaking.talk('kitchen');
  await speaking.client.send(1);
  await expect.poll(() => stream.packetsIn).toBe(1);
  const listening = await receiver('latest');
  for (let n = 2; n < 6; n += 1) await speaking.client.send(n);
  expect((await listening.waitForHeard(4)).map(text)).toEqual([2, 3, 4, 5].map((n) => `packet ${n}`));
});

test('a receiver that joins during a switch hears the newer one, others go on by one number', async () => {
  const early = await receiver('latest');
  const kitchen = await sender();
  const hall = await sender();
  kitchen.talk('kitchen');
  for (let n = 60_000; n < 60_003; n += 1) await kitchen.client.send(n, Buffer.from('kitchen'));
  await early.waitForHeard(3);
  const joining = receiver('latest');
  hall.talk('hall');
  const late = await joining;
  for (let n = 7; n < 10; n += 1) await hall.client.send(n, Buffer.from('hall'));
  expect((await late.waitForHeard(3)).map(text)).toEqual(['hall', 'hall', 'hall']);
  const heard = await early.waitForHeard(6);
  expect(heard.map(text)).toEqual(['kitchen', 'kitchen', 'kitchen', 'hall', 'hall', 'hall']);
  const first = heard[0]!;
  expect(heard.map((packet) => (packet.sequenceNumber - first.sequenceNumber) & 0xffff)).toEqual([0, 1, 2, 3, 4, 5]);
  const frames = heard.map((packet) => ((packet.timestamp - first.timestamp) >>> 0) / 960);
  const pause = frames[3]! - 3;
  expect(Number.isInteger(pause)).toBe(true);
  expect(pause).toBeGreaterThanOrEqual(0);
  expect(frames).toEqual([0, 1, 2, 3 + pause, 4 + pause, 5 + pause]);
  expect(new Set(heard.map((packet) => packet.ssrc)).size).toBe(1);
  expect(heard[3]?.marker).toBe(true);
});

test('latest falls back to the older stream when the newer ends', async () => {
  const listening = await receiver('latest');
  const kitchen = await sender();
  const hall = await sender();
  kitchen.talk('kitchen');
  const hallStream = hall.talk('hall');
  await hall.client.send(1, Buffer.from('hall'));
  await listening.waitForHeard(1);
  relay.end(hallStream, 'stopped');
  await kitchen.client.send(1, Buffer.from('kitchen'));
  expect((await listening.waitForHeard(2)).map(text)).toEqual(['hall', 'kitchen']);
});

test('after a sender reconnects, its receivers hear it again on the same transport', async () => {
  const listening = await receiver(['kitchen']);
  const first = await sender();
  const before = first.talk('kitchen');
  await first.client.send(1, Buffer.from('before'));
  await listening.waitForHeard(1);
  relay.end(before, 'disconnected');
  await first.peer.close();
  const second = await sender();
  second.talk('kitchen');
  await second.client.send(40_000, Buffer.from('after'));
  const heard = await listening.waitForHeard(2);
  expect(heard.map(text)).toEqual(['before', 'after']);
  expect((heard[1]!.sequenceNumber - heard[0]!.sequenceNumber) & 0xffff).toBe(1);
});

test('a talk stops and starts on one warm transport', async () => {
  const listening = await receiver('latest');
  const speaking = await sender();
  const first = speaking.talk('kitchen');
  await speaking.client.send(1, Buffer.from('one'));
  await listening.waitForHeard(1);
  relay.end(first, 'stopped');
  await speaking.client.send(2, Buffer.from('nobody hears this'));
  await expect.poll(() => speaking.peer.stats().packets).toBe(2);
  speaking.talk('kitchen');
  await speaking.client.send(3, Buffer.from('two'));
  expect((await listening.waitForHeard(2)).map(text)).toEqual(['one', 'two']);
});

test('gaps and order inside a talk reach the receiver as they are', async () => {
  const listening = await receiver('latest');
  const speaking = await sender();
  speaking.talk('kitchen');
  for (const n of [10, 11, 13, 12, 16]) await speaking.client.send(n);
  const heard = await listening.waitForHeard(5);
  expect(heard.map((packet) => (packet.sequenceNumber - heard[0]!.sequenceNumber) & 0xffff)).toEqual([0, 1, 3, 2, 6]);
});

test('two streams reach two receivers, each its own, with the payload type each offered', async () => {
  const toKitchen = await receiver(['kitchen'], { payloadType: 109 });
  const toHall = await receiver(['hall']);
  const kitchen = await sender();
  const hall = await sender();
  kitchen.talk('kitchen');
  hall.talk('hall');
  await kitchen.client.send(1, Buffer.from('kitchen'));
  await hall.client.send(1, Buffer.from('hall'));
  expect((await toKitchen.waitForHeard(1)).map((packet) => [text(packet), packet.payloadType])).toEqual([
    ['kitchen', 109],
  ]);
  expect((await toHall.waitForHeard(1)).map((packet) => [text(packet), packet.payloadType])).toEqual([['hall', 111]]);
});

test('all: two sections carry the two newest streams, a displaced one returns', async () => {
  const listening = await receiver('all', { sections: 2 });
  const senders = await Promise.all([sender(), sender(), sender()]);
  const streams = senders.map((one, index) => one.talk(`room-${index}`));
  const sendAll = async (label: string): Promise<void> => {
    for (const [index, one] of senders.entries()) {
      await one.client.send(label === 'a' ? 1 : 2, Buffer.from(`${index}${label}`));
    }
  };
  await sendAll('a');
  expect((await listening.waitForHeard(2)).map(text).sort()).toEqual(['1a', '2a']);
  relay.end(streams[2]!, 'stopped');
  await sendAll('b');
  const heard = await listening.waitForHeard(4);
  expect(heard.slice(2).map(text).sort()).toEqual(['0b', '1b']);
  const midOf = (name: string): string | undefined => heard.find((packet) => text(packet) === name)?.mid;
  expect(midOf('1b')).toBe(midOf('1a'));
  expect(midOf('0b')).toBe(midOf('2a'));
});
