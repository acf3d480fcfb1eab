import { afterEach, beforeEach, expect, test } from 'vitest';
import { Whip } from '../../../src/http/whip.ts';
import type { WishError, WishRequest, WishSession } from '../../../src/http/wish-routes.ts';
import { Relay } from '../../../src/media/relay.ts';
import { FakePeers } from '../../fakes/fake-peers.ts';
import { FakeSink, packetOf } from '../../fakes/fake-sink.ts';
import { quietLog, type QuietLog } from '../../support/quiet-log.ts';

let log: QuietLog;
let relay: Relay;
let peers: FakePeers;
let whip: Whip;
const devices = { has: (id: string) => id === 'kitchen-tablet' };

beforeEach(() => {
  log = quietLog();
  relay = new Relay({ log });
  peers = new FakePeers();
  whip = new Whip({ log, relay, peers, devices, maxSessions: 2 });
});

afterEach(async () => {
  await whip.close();
  await relay.close();
  expect(peers.open).toBe(0);
  expect(whip.sessionCount).toBe(0);
  expect(relay.live).toEqual([]);
});

function open(id: string, rest: Partial<WishRequest> = {}): Promise<WishSession> {
  return whip.open({ id, offer: 'offer', name: undefined, ...rest });
}

async function refusal(session: Promise<WishSession>): Promise<[number, string]> {
  const error = await session.then(
    () => new Error('it was taken'),
    (refused: unknown) => refused as WishError,
  );
  return ['status' in error ? error.status : 0, error.message];
}

test('a talk begins with the first packet and carries it', async () => {
  const { answer } = await open('door', { name: 'Front door' });
  expect(answer).toBe('answer to offer');
  expect(relay.latest).toBeUndefined();
  const sink = new FakeSink();
  relay.subscribe({ streamStarted: (stream) => stream.attach(sink), streamEnded: () => undefined });
  peers.senders[0]!.events.packet(packetOf(7));
  peers.senders[0]!.events.packet(packetOf(8));
  expect(relay.latest).toMatchObject({ id: 'door', name: 'Front door' });
  expect(sink.heard.map((packet) => packet.sequenceNumber)).toEqual([7, 8]);
});

test.each([
  ['', 'door'],
  ['  \u0000\u202e ', 'door'],
  ['Tür\n\u200b 🎉', 'Tür   🎉'],
  ['🎉'.repeat(70), '🎉'.repeat(64)],
])('the name %j is shown as %j', async (name, shown) => {
  await open('door', { name });
  peers.senders[0]!.events.packet(packetOf(1));
  expect(relay.get('door')?.name).toBe(shown);
});

test('an id is known from the POST on, for no device to be given it', async () => {
  const opening = open('door');
  expect(whip.has('door')).toBe(true);
  await opening;
  expect(whip.has('door')).toBe(true);
});

test('DELETE ends talk and peer, once; the id is free again', async () => {
  const session = await open('door');
  peers.senders[0]!.events.packet(packetOf(1));
  expect(whip.find('door', session.sessionId)).toBe(session);
  expect(whip.find('hall', session.sessionId)).toBeUndefined();
  await session.end();
  await session.end();
  expect(peers.senders[0]!.isClosed).toBe(true);
  expect(relay.get('door')).toBeUndefined();
  expect(whip.find('door', session.sessionId)).toBeUndefined();
  peers.senders[0]!.events.packet(packetOf(2));
  expect(relay.get('door')).toBeUndefined();
  await open('door');
  expect(whip.has('door')).toBe(true);
  expect(whip.has('hall')).toBe(false);
});

test('the end of the peer ends talk and session', async () => {
  const session = await open('door');
  peers.senders[0]!.events.packet(packetOf(1));
  const reasons: string[] = [];
  relay.subscribe({ streamStarted: () => undefined, streamEnded: (_stream, reason) => reasons.push(reason) });
  peers.senders[0]!.events.closed('nothing heard for 15000 ms');
  expect(reasons).toEqual(['disconnected']);
  expect(whip.find('door', session.sessionId)).toBeUndefined();
  await open('door');
});

test('an offer whose client never connects was never a talk', async () => {
  await open('door');
  peers.senders[0]!.events.closed('not connected within 15000 ms');
  expect(relay.talksStarted).toBe(0);
  expect(whip.sessionCount).toBe(0);
});

test('a talk that an administrator ends closes the peer', async () => {
  await open('door');
  peers.senders[0]!.events.packet(packetOf(1));
  relay.end(relay.get('door')!, 'endedByAdmin');
  expect(peers.senders[0]!.isClosed).toBe(true);
  expect(whip.sessionCount).toBe(0);
});

test.each(['latest', 'all', 'status', 'constructor', 'Door', '-door', 'a'.repeat(49), '../door', ''])(
  'no stream can be %j: 404',
  async (id) => {
    expect(await refusal(open(id))).toEqual([404, expect.stringMatching(/No stream can have this id/)]);
  },
);

test("a device's id is its own: 409", async () => {
  expect(await refusal(open('kitchen-tablet'))).toEqual([409, expect.stringMatching(/belongs to a device/)]);
});

test('an id that is live or about to be: 409', async () => {
  relay.start({ id: 'hall', name: 'Hall' });
  expect((await refusal(open('hall')))[0]).toBe(409);
  const late = open('door', { offer: 'late' });
  expect((await refusal(open('door')))[0]).toBe(409);
  peers.answerLate();
  await late;
  expect((await refusal(open('door')))[0]).toBe(409);
});

test('whoever takes the id between offer and first packet keeps it', async () => {
  await open('door');
  relay.start({ id: 'door', name: 'Somebody else' });
  peers.senders[0]!.events.packet(packetOf(1));
  expect(relay.get('door')).toMatchObject({ name: 'Somebody else', packetsIn: 0 });
  expect(peers.senders[0]!.isClosed).toBe(true);
  expect(whip.sessionCount).toBe(0);
});

test('a refused offer: 406, and nothing is held', async () => {
  expect(await refusal(open('door', { offer: 'refuse' }))).toEqual([406, 'The offer has no audio.']);
  expect(await refusal(open('door', { offer: 'no opus' }))).toEqual([406, 'The offer has no Opus.']);
  await expect(open('door', { offer: 'crash' })).rejects.toThrow(TypeError);
  await open('door');
});

test('more than fit: 503, offers on their way counted', async () => {
  const late = open('one', { offer: 'late' });
  await open('two');
  expect((await refusal(open('three')))[0]).toBe(503);
  peers.answerLate();
  await (await late).end();
  await open('three');
});

test('closing while a peer is made leaves none', async () => {
  const late = open('door', { offer: 'late' });
  const closed = whip.close();
  peers.answerLate();
  await late;
  await closed;
  expect(peers.senders.map((peer) => peer.isClosed)).toEqual([true]);
  expect((await refusal(open('hall')))[0]).toBe(503);
});

test('a peer that is gone before it is handed over leaves nothing', async () => {
  const create = peers.createSenderPeer.bind(peers);
  peers.createSenderPeer = async (offer, events) => {
    const peer = await create(offer, events);
    events.closed('DTLS failed');
    return peer;
  };
  expect((await refusal(open('door')))[0]).toBe(503);
  expect(peers.open).toBe(0);
});
