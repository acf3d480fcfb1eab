import { afterEach, beforeEach, expect, test } from 'vitest';
import { Whep } from '../../../src/http/whep.ts';
import type { WishError, WishSession } from '../../../src/http/wish-routes.ts';
import { Relay } from '../../../src/media/relay.ts';
import { FakePeers } from '../../fakes/fake-peers.ts';
import { packetOf } from '../../fakes/fake-sink.ts';
import { quietLog } from '../../support/quiet-log.ts';

let relay: Relay;
let peers: FakePeers;
let whep: Whep;

beforeEach(() => {
  const log = quietLog();
  relay = new Relay({ log });
  peers = new FakePeers();
  const knownIds = [{ has: (id: string) => id === 'hall' }, { has: (id: string) => id === 'door' }];
  whep = new Whep({ log, relay, peers, knownIds, maxSessions: 2 });
});

afterEach(async () => {
  await whep.close();
  await relay.close();
  expect(peers.open).toBe(0);
  expect(whep.sessionCount).toBe(0);
});

function open(id: string, offer = 'offer'): Promise<WishSession> {
  return whep.open({ id, offer, name: undefined });
}

function statusOf(session: Promise<WishSession>): Promise<number> {
  return session.then(
    () => 201,
    (error: unknown) => (error as WishError).status,
  );
}

test('a stream is heard, and waited for while it is idle', async () => {
  await open('door');
  const slot = peers.receivers[0]!.slots[0]!;
  expect(slot.stream).toBeUndefined();
  relay.start({ id: 'hall', name: 'Hall' });
  expect(slot.stream).toBeUndefined();
  const door = relay.start({ id: 'door', name: 'Door' });
  door.write(packetOf(1));
  expect(slot.packets.map((packet) => packet.sequenceNumber)).toEqual([1]);
});

test('latest and all are what they are to cards; private streams are in neither', async () => {
  await open('latest');
  await open('all', '3 slots');
  relay.start({ id: 'door', name: 'Door' });
  relay.start({ id: 'hall', name: 'Hall' });
  relay.start({ id: 'nursery', name: 'Nursery', private: true });
  const [latest, all] = peers.receivers.map((peer) => peer.slots.map((slot) => slot.stream?.id));
  expect(latest).toEqual(['hall']);
  expect(all).toEqual(['door', 'hall', undefined]);
});

test('who is heard is counted, and changes are told', async () => {
  let changes = 0;
  const unsubscribe = whep.onReceiversChanged(() => (changes += 1));
  const session = await open('latest');
  expect(whep.receiversOf('door')).toBe(0);
  relay.start({ id: 'door', name: 'Door' });
  expect(whep.receiversOf('door')).toBe(1);
  const before = changes;
  await session.end();
  expect(whep.receiversOf('door')).toBe(0);
  expect(changes).toBeGreaterThan(before);
  unsubscribe();
});

test.each(['nobody', 'Door', '../door', 'status', ''])('an id never heard of is 404: %j', async (id) => {
  expect(await statusOf(open(id))).toBe(404);
});

test('a live id that is no device is known while it is live', async () => {
  relay.start({ id: 'guest', name: 'Guest' });
  expect(await statusOf(open('guest'))).toBe(201);
});

test('refused offers and too many sessions', async () => {
  expect(await statusOf(open('latest', 'refuse'))).toBe(406);
  expect(await statusOf(open('latest', 'no opus'))).toBe(406);
  await open('latest');
  const late = open('latest', 'late');
  expect(await statusOf(open('latest'))).toBe(503);
  peers.answerLate();
  await late;
});

test('the end of the peer, or DELETE, takes the slots off the stream', async () => {
  const door = relay.start({ id: 'door', name: 'Door' });
  const first = await open('door');
  await open('door');
  expect(door.sinkCount).toBe(2);
  await first.end();
  expect(whep.find('door', first.sessionId)).toBeUndefined();
  peers.receivers[1]!.events.closed('closed by the client');
  await Promise.resolve();
  expect(door.sinkCount).toBe(0);
  expect(peers.receivers.map((peer) => peer.isClosed)).toEqual([true, true]);
});

test('closing while a peer is made leaves none', async () => {
  const late = open('latest', 'late');
  const closed = whep.close();
  peers.answerLate();
  await late;
  await closed;
  expect(peers.receivers.map((peer) => peer.isClosed)).toEqual([true]);
});
