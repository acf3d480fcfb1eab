/** Limits of signaling, relay and store: each is breached, has its code, is counted, warned of once, and hurts nobody else. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Whep } from '../../src/http/whep.ts';
import { Whip } from '../../src/http/whip.ts';
import { LIMIT_NAMES, LimitBreaches, type LimitName } from '../../src/media/limit-breaches.ts';
import { Relay } from '../../src/media/relay.ts';
import { TalkStore } from '../../src/media/talk-store.ts';
import { FakePeers } from '../fakes/fake-peers.ts';
import { packetOf } from '../fakes/fake-sink.ts';
import type { FakeSocket } from '../fakes/fake-socket.ts';
import { quietLog, type QuietLog } from '../support/quiet-log.ts';
import { audioPacket, deviceKeyOf, signalingRig, TOKEN, type SignalingRig } from '../support/signaling-rig.ts';

const MINUTE = 60_000;
let log: QuietLog;
let breaches: LimitBreaches;
let rig: SignalingRig;

beforeEach(async () => {
  log = quietLog();
  breaches = new LimitBreaches({ log });
  const maxReceiversPerStream = 2;
  const relay = new Relay({ log, breaches, maxStreams: 3, maxReceiversPerStream });
  rig = await signalingRig({
    breaches,
    relay,
    maxMonitors: 1,
    maxTalkMs: 60 * MINUTE,
    maxClients: 8,
    maxStrangers: 6,
    maxStrangersPerAddress: 2,
  });
  vi.useFakeTimers();
});

afterEach(async () => {
  await rig.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

async function ready(name: string): Promise<FakeSocket> {
  const client = rig.connect();
  client.ask('introduce', { deviceKey: deviceKeyOf(name), name });
  client.ask('connectSender', { offer: name });
  client.ask('connectReceiver', { offer: '1 slots' });
  client.ask('listen', { to: 'latest' });
  await settle();
  return client;
}

/** Exactly this limit was breached so often, and warned of once. */
function expectBreaches(limit: LimitName, count: number): void {
  const reached = Object.entries(breaches.counts()).filter(([, times]) => times > 0);
  expect(reached).toEqual([[limit, count]]);
  expect(log.lines.filter((line) => line.startsWith(`WARN ${limit}: `))).toHaveLength(1);
}

test('all limits are counted from the start', () => {
  expect(Object.keys(breaches.counts())).toEqual([...LIMIT_NAMES]);
  expect([...LIMIT_NAMES]).toEqual([...LIMIT_NAMES].sort());
});

test('strangers: who has not said the token keeps nobody out, be it one address or many', async () => {
  const strangers = Array.from({ length: 40 }, (_, n) => rig.connect(null, undefined, `192.168.1.${n % 2}`));
  const refused = strangers.filter((socket) => socket.all('bye').length > 0);
  expect(strangers.indexOf(refused[0]!)).toBe(4);
  expect(refused[0]!.all('bye')).toEqual([{ type: 'bye', reason: 'serverFull', limit: 'strangers' }]);
  expectBreaches('strangers', refused.length);
  expect(refused).toHaveLength(36);
  // From elsewhere some more, and never all places.
  const others = Array.from({ length: 40 }, (_, n) => rig.connect(null, undefined, `192.168.2.${n}`));
  expect(others.filter((socket) => socket.all('bye').length === 0)).toHaveLength(2);
  const resident = await ready('Hall');
  expect(resident.all('bye')).toEqual([]);
  // Whoever says it in time is a stranger no more.
  strangers[0]!.ask('authenticate', { token: TOKEN });
  expect(rig.connect(null, undefined, '192.168.1.0').all('bye')).toEqual([]);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(rig.server.stats().clients).toBe(2);
});

test('talk_time: ends a talk that was forgotten; others go on, and it may begin anew', async () => {
  const [forgotten, other] = [await ready('Hall'), await ready('Door')];
  const talk = forgotten.replyTo(forgotten.ask('startTalk', {}));
  await vi.advanceTimersByTimeAsync(59 * MINUTE);
  other.ask('startTalk', {});
  await vi.advanceTimersByTimeAsync(MINUTE);
  const { talkId } = (talk as unknown as { result: { talkId: string } }).result;
  expect(forgotten.all('talkEnded')).toEqual([{ type: 'talkEnded', talkId, reason: 'tooLong' }]);
  expect(rig.relay.live.map(({ id }) => id)).toEqual(['door']);
  expectBreaches('talk_time', 1);
  expect(forgotten.replyTo(forgotten.ask('startTalk', {})).type).toBe('result');
  forgotten.ask('stopTalk', {});
  expect(other.all('talkEnded')).toEqual([]);
});

test('talk_time: not for monitors, nor for what WHIP sends, unless it is asked to', async () => {
  const nursery = await ready('Nursery');
  nursery.ask('setMonitor', { state: 'on' });
  nursery.ask('startTalk', {});
  const whip = new Whip({ log, relay: rig.relay, peers: rig.peers, devices: { has: () => false } });
  const strict = new Whip({
    log,
    relay: rig.relay,
    peers: rig.peers,
    devices: { has: () => false },
    maxTalkMs: MINUTE,
  });
  await whip.open({ id: 'camera', offer: 'offer', name: undefined });
  rig.peers.senders.at(-1)!.events.packet(packetOf(1));
  await strict.open({ id: 'obs', offer: 'offer', name: undefined });
  rig.peers.senders.at(-1)!.events.packet(packetOf(1));
  await vi.advanceTimersByTimeAsync(2 * 60 * MINUTE);
  expect(rig.relay.live.map(({ id }) => id)).toEqual(['nursery', 'camera']);
  expect([whip.sessionCount, strict.sessionCount]).toEqual([1, 0]);
  expectBreaches('talk_time', 1);
  await whip.close();
  await strict.close();
});

test('receivers_per_stream: who is one too many is told, and hears as soon as one leaves', async () => {
  const [first, second, third] = [await ready('A'), await ready('B'), await ready('C')];
  const door = rig.whip('door');
  const heard = (): (string | null | undefined)[] =>
    [first, second, third].map((each) => each.all('slots').at(-1)?.slots['0']);
  expect(heard()).toEqual(['door', 'door', null]);
  expect(third.all('notHeard')).toEqual([
    {
      type: 'notHeard',
      streamId: 'door',
      code: 'stream_full',
      message: '2 listen to "door" already; it comes as soon as one leaves.',
      limit: 'receivers_per_stream',
    },
  ]);
  expect([...first.all('notHeard'), ...second.all('notHeard')]).toEqual([]);
  // Asked again in vain it is not told again.
  third.ask('listen', { to: ['door'] });
  expect(third.all('notHeard')).toHaveLength(1);
  expectBreaches('receivers_per_stream', 1);
  first.emit('close', 1001);
  await settle();
  expect(heard().slice(1)).toEqual(['door', 'door']);
  door.write(audioPacket(1));
  expect(rig.peers.receivers.map(({ slots }) => slots[0]!.packets.length)).toEqual([0, 1, 1]);
});

test('receivers_per_stream: told after the answer of a receiver that comes later; `all` hears who else speaks', async () => {
  await ready('A');
  await ready('B');
  rig.whip('door');
  const late = await ready('C');
  expect(late.types.slice(-3)).toEqual(['slots', 'notHeard', 'result']);
  late.ask('listen', { to: 'all' });
  rig.whip('hall');
  await settle();
  // A and B follow `latest` to the hall, so the door has room; one slot keeps what it has.
  expect(late.all('slots').at(-1)?.slots).toEqual({ 0: 'door' });
});

test('receivers_per_stream: WHEP is refused by name, and with what waits for it is counted', async () => {
  await ready('A');
  await ready('B');
  const whep = new Whep({ log, relay: rig.relay, peers: rig.peers, knownIds: [], breaches });
  rig.whip('door');
  await expect(whep.open({ id: 'door', offer: 'offer', name: undefined })).rejects.toMatchObject({
    status: 503,
    limit: 'receivers_per_stream',
  });
  expectBreaches('receivers_per_stream', 1);
  await whep.open({ id: 'latest', offer: 'offer', name: undefined });
  expect(breaches.counts().receivers_per_stream).toBe(2);
  expect(whep.receiversOf('door')).toBe(0);
  await whep.close();
});

test('streams: one too many is refused, by card and by WHIP; the others go on', async () => {
  const client = await ready('Hall');
  const others = ['a', 'b', 'c'].map((id) => rig.whip(id));
  for (let turn = 0; turn < 2; turn += 1) {
    expect(client.replyTo(client.ask('startTalk', {}))).toMatchObject({ code: 'server_full', limit: 'streams' });
  }
  expectBreaches('streams', 2);
  expect(others.map(({ ended }) => ended)).toEqual([false, false, false]);
});

test('monitors: one too many is refused', async () => {
  const [first, second] = [await ready('A'), await ready('B')];
  expect(first.replyTo(first.ask('setMonitor', { state: 'on' })).type).toBe('result');
  const refused = second.replyTo(second.ask('setMonitor', { state: 'on' }));
  expect(refused).toMatchObject({ code: 'server_full', limit: 'monitors' });
  expectBreaches('monitors', 1);
});

test('clients: more are turned away with words, and those who are here stay', () => {
  const clients = Array.from({ length: 10 }, () => rig.connect());
  expect(clients.slice(8).map(({ said }) => said)).toEqual(
    Array.from({ length: 2 }, () => [{ type: 'bye', reason: 'serverFull', limit: 'clients' }]),
  );
  expect(clients.slice(0, 8).flatMap((each) => each.all('bye'))).toEqual([]);
  expectBreaches('clients', 2);
});

test.each([
  ['message_bytes', 'message_too_large', (size: number) => 'x'.repeat(size + 1)],
  [
    'offer_bytes',
    'bad_arguments',
    () => JSON.stringify({ id: 7, type: 'connectSender', args: { offer: 'v'.repeat(65_537) } }),
  ],
  [
    'targets',
    'bad_arguments',
    () => {
      const targets = Array.from({ length: 33 }, (_, n) => `media_player.p${n}`);
      return JSON.stringify({ id: 7, type: 'announce', args: { targets } });
    },
  ],
] as const)('%s: more is refused with %s, and the session goes on', async (limit, code, text) => {
  const client = await ready('Hall');
  for (let turn = 0; turn < 3; turn += 1) client.receiveText(text(rig.server.limits.maxMessageBytes));
  expect(client.all('error').map((error) => [error.code, error.limit])).toEqual(Array(3).fill([code, limit]));
  expectBreaches(limit, 3);
  expect(client.replyTo(client.ask('listen', { to: null })).type).toBe('result');
});

test('messages_per_second: what is too much is not done; faults without end are the end of one client', async () => {
  const [abuser, other] = [await ready('Hall'), await ready('Door')];
  const { maxMessageBurst, maxErrors } = rig.server.limits;
  for (let n = 0; n < maxMessageBurst + 5; n += 1) abuser.ask('listen', { to: null });
  const refused = abuser.all('error').length;
  expect(refused).toBeGreaterThan(4);
  expect(abuser.all('error').every((error) => error.limit === 'messages_per_second')).toBe(true);
  expectBreaches('messages_per_second', refused);
  expect(other.replyTo(other.ask('listen', { to: null })).type).toBe('result');
  for (let n = 0; n < maxErrors; n += 1) abuser.receiveText('{');
  expect(abuser.all('bye')).toEqual([{ type: 'bye', reason: 'tooManyErrors' }]);
  expect(breaches.counts().faults).toBe(1);
  expect(other.all('bye')).toEqual([]);
});

test('auth_tries: three wrong tokens, or five seconds, are the end of that client', async () => {
  const [guesser, sleeper, other] = [rig.connect(null), rig.connect(null), rig.connect()];
  for (let n = 0; n < 3; n += 1) guesser.ask('authenticate', { token: 'a guess' });
  await vi.advanceTimersByTimeAsync(5_000);
  expect([guesser, sleeper].map((each) => each.all('bye')[0]?.reason)).toEqual(['unauthorized', 'unauthorized']);
  expectBreaches('auth_tries', 2);
  expect(other.all('bye')).toEqual([]);
});

test('client_buffer: who reads nothing is ended; who reads is not', async () => {
  const [slow, other] = [await ready('Hall'), await ready('Door')];
  slow.bufferedAmount = rig.server.limits.maxSendBufferBytes;
  slow.ask('listen', { to: null });
  expect(slow.all('bye')).toEqual([{ type: 'bye', reason: 'tooSlow' }]);
  expectBreaches('client_buffer', 1);
  expect(other.all('bye')).toEqual([]);
});

test('kept_bytes: the oldest sound goes, and the talk itself is not disturbed', async () => {
  const talks = new TalkStore({ log, relay: rig.relay, breaches, maxBytes: 4 * 8192 });
  const door = rig.whip('door');
  for (let n = 0; n < 100; n += 1) door.write({ ...audioPacket(n), payload: Buffer.alloc(1000) });
  expect(talks.stats().bytes).toBeLessThanOrEqual(4 * 8192);
  expect(breaches.counts().kept_bytes).toBeGreaterThan(1);
  expectBreaches('kept_bytes', breaches.counts().kept_bytes);
  expect([door.packetsIn, door.ended, door.sinkErrors]).toEqual([100, false, 0]);
  await talks.close();
});

test('whip_sessions and whep_sessions: one too many is refused, the others stay', async () => {
  const peers = new FakePeers();
  const whip = new Whip({ log, relay: rig.relay, peers, devices: { has: () => false }, maxSessions: 1, breaches });
  const whep = new Whep({ log, relay: rig.relay, peers, knownIds: [], maxSessions: 1, breaches });
  const wish = (id: string) => ({ id, offer: 'offer', name: undefined });
  await whip.open(wish('door'));
  await expect(whip.open(wish('hall'))).rejects.toMatchObject({ status: 503, limit: 'whip_sessions' });
  await whep.open(wish('latest'));
  await expect(whep.open(wish('latest'))).rejects.toMatchObject({ status: 503, limit: 'whep_sessions' });
  expect(breaches.counts()).toMatchObject({ whip_sessions: 1, whep_sessions: 1 });
  expect([whip.sessionCount, whep.sessionCount, peers.open]).toEqual([1, 1, 2]);
  await whip.close();
  await whep.close();
});
