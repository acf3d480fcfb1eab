import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FakeSocket } from '../../fakes/fake-socket.ts';
import {
  ADMINISTRATOR,
  deviceKeyOf,
  PLAIN_USER,
  signalingRig,
  TOKEN,
  type SignalingRig,
} from '../../support/signaling-rig.ts';

let rig: SignalingRig;

beforeEach(async () => {
  rig = await signalingRig();
  vi.useFakeTimers();
});

afterEach(async () => {
  await rig.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** Lets promises settle without letting time pass. */
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

describe('hello', () => {
  it('comes first, then the streams', () => {
    const client = rig.connect();
    expect(client.said).toEqual([
      expect.objectContaining({
        type: 'hello',
        protocolVersion: 1,
        auth: 'none',
        user: PLAIN_USER,
        serverVersion: '0.0.0',
      }),
      { type: 'streams', streams: [] },
    ]);
  });

  it('tells the limits that hold', () => {
    expect(rig.connect().all('hello')[0]?.limits).toEqual({
      maxMessageBytes: rig.server.limits.maxMessageBytes,
      maxMessagesPerSecond: rig.server.limits.maxMessagesPerSecond,
      slots: rig.server.limits.slots,
      maxEchoMs: rig.server.limits.maxEchoMs,
    });
  });
});

describe('authenticate', () => {
  it('lets nobody do anything before, and everybody with the token after', async () => {
    const client = rig.connect(null);
    expect(client.said).toHaveLength(1);
    expect(client.all('hello')[0]).toMatchObject({ auth: 'required' });
    expect(client.all('hello')[0]?.user).toBeUndefined();
    const early = client.ask('introduce', { deviceKey: deviceKeyOf('a'), name: 'A' });
    expect(client.replyTo(early)).toMatchObject({ code: 'unauthorized' });
    const right = client.ask('authenticate', { token: TOKEN });
    expect(client.replyTo(right)).toMatchObject({ result: { user: ADMINISTRATOR } });
    expect(client.types.slice(-2)).toEqual(['result', 'streams']);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(client.all('bye')).toEqual([]);
  });

  it('gives three tries', () => {
    const client = rig.connect(null);
    client.ask('authenticate', { token: 'wrong' });
    client.ask('authenticate', { token: '' });
    expect(client.all('bye')).toEqual([]);
    client.ask('authenticate', { token: `${TOKEN} ` });
    expect(client.types.slice(-2)).toEqual(['error', 'bye']);
    expect(client.all('bye')).toEqual([{ type: 'bye', reason: 'unauthorized' }]);
    const tooLate = client.ask('authenticate', { token: TOKEN });
    expect(() => client.replyTo(tooLate)).toThrow('0 replies');
  });

  it('gives five seconds', () => {
    const client = rig.connect(null);
    vi.advanceTimersByTime(4_999);
    expect(client.all('bye')).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(client.all('bye')).toEqual([{ type: 'bye', reason: 'unauthorized' }]);
  });

  it('tells an admitted client who it is and does not look at its token', () => {
    const client = rig.connect();
    const id = client.ask('authenticate', { token: 'wrong' });
    expect(client.replyTo(id)).toMatchObject({ result: { user: PLAIN_USER } });
    expect(client.all('streams')).toHaveLength(1);
  });

  it('keeps the lists and levels from strangers', async () => {
    const stranger = rig.connect(null);
    rig.whip('door', 'Door');
    await vi.advanceTimersByTimeAsync(1000);
    expect(stranger.types).toEqual(['hello']);
  });
});

describe('introduce', () => {
  const introduce = (client: FakeSocket, key: string, name: string): unknown =>
    client.replyTo(client.ask('introduce', { deviceKey: deviceKeyOf(key), name }));

  it('renames a device that comes again, its id stays', async () => {
    const client = rig.connect();
    expect(introduce(client, 'a', 'Kitchen')).toMatchObject({ result: { streamId: 'kitchen' } });
    expect(introduce(client, 'a', 'Pantry')).toMatchObject({ result: { streamId: 'kitchen' } });
    await settle();
    expect(client.all('streams').at(-1)?.streams).toMatchObject([{ id: 'kitchen', name: 'Pantry', live: false }]);
  });

  it('refuses a second device in one session', () => {
    const client = rig.connect();
    introduce(client, 'a', 'Kitchen');
    expect(introduce(client, 'b', 'Bath')).toMatchObject({ code: 'bad_arguments' });
    expect(rig.devices.size).toBe(1);
  });

  it('gives no id that WHIP speaks under just now', () => {
    rig.whip('kitchen', 'OBS');
    expect(introduce(rig.connect(), 'a', 'Kitchen')).toMatchObject({ result: { streamId: 'kitchen-2' } });
  });

  it('gives no device an id that others than devices hold', async () => {
    const shared = await signalingRig({ otherIds: { has: (id) => id === 'door' } });
    const client = shared.connect();
    const asked = client.ask('introduce', { deviceKey: deviceKeyOf('door'), name: 'Door' });
    expect(client.replyTo(asked)).toMatchObject({ result: { streamId: 'door-2' } });
    await shared.close();
  });
});

describe('transports', () => {
  it('answers offers in order and tells the slots after the answer', async () => {
    const client = rig.connect();
    const receiver = client.ask('connectReceiver', { offer: '2 slots' });
    const sender = client.ask('connectSender', { offer: 'voice' });
    await settle();
    expect(client.replyTo(receiver)).toMatchObject({ result: { answer: 'answer to 2 slots' } });
    expect(client.replyTo(sender)).toMatchObject({ result: { answer: 'answer to voice' } });
    expect(client.types.slice(2)).toEqual(['result', 'slots', 'result']);
    expect(client.all('slots')).toEqual([{ type: 'slots', slots: { 0: null, 1: null } }]);
    expect(rig.server.stats()).toMatchObject({ senderPeers: 1, receiverPeers: 1 });
  });

  it.each([
    ['refuse', 'bad_offer', 'The offer has no audio.'],
    ['no opus', 'no_opus', 'The offer has no Opus.'],
  ])('passes on why an offer is refused: %s', async (offer, code, message) => {
    const client = rig.connect();
    const ids = [client.ask('connectSender', { offer }), client.ask('connectReceiver', { offer })];
    await settle();
    for (const id of ids) expect(client.replyTo(id)).toEqual({ type: 'error', id, code, message });
  });

  it('tells nothing of a fault of its own but in the log', async () => {
    const client = rig.connect();
    const id = client.ask('connectSender', { offer: 'crash' });
    await settle();
    expect(client.replyTo(id)).toMatchObject({ code: 'internal' });
    expect(JSON.stringify(client.said)).not.toContain('secret detail');
    expect(rig.log.lines.join('\n')).toMatch(/secret detail of a crash[^]*fake-peers/);
  });

  it('replaces a transport by a second offer', async () => {
    const client = rig.connect();
    client.ask('connectSender', { offer: 'one' });
    client.ask('connectSender', { offer: 'two' });
    await settle();
    expect(rig.peers.senders.map(({ isClosed }) => isClosed)).toEqual([true, false]);
    expect(client.all('disconnected')).toEqual([]);
  });

  it('closes the peer that comes after its client has gone', async () => {
    const client = rig.connect();
    client.ask('connectSender', { offer: 'late' });
    const other = rig.connect();
    other.ask('connectReceiver', { offer: 'late' });
    await settle();
    client.emit('close', 1001);
    other.emit('close', 1001);
    rig.peers.answerLate();
    await settle();
    expect([...rig.peers.senders, ...rig.peers.receivers].map(({ isClosed }) => isClosed)).toEqual([true, true]);
    expect(client.types).toEqual(['hello', 'streams']);
  });

  it('gives up an offer that is never answered, and goes on', async () => {
    const client = rig.connect();
    const id = client.ask('connectSender', { offer: 'late' });
    const next = client.ask('listen', { to: 'all' });
    await vi.advanceTimersByTimeAsync(rig.server.limits.connectTimeoutMs);
    expect(client.replyTo(id)).toMatchObject({ code: 'internal' });
    expect(client.replyTo(next)).toMatchObject({ result: {} });
    rig.peers.answerLate();
    await settle();
    expect(rig.peers.open).toBe(0);
  });

  it('tells of lost transports', async () => {
    const client = rig.connect();
    client.ask('connectSender', { offer: 'x' });
    client.ask('connectReceiver', { offer: 'x' });
    await settle();
    rig.peers.senders[0]!.events.closed('silent for 15 s');
    rig.peers.receivers[0]!.events.closed('DTLS closed');
    expect(client.all('disconnected')).toEqual([
      { type: 'disconnected', direction: 'sender', reason: 'silent for 15 s' },
      { type: 'disconnected', direction: 'receiver', reason: 'DTLS closed' },
    ]);
    expect(rig.peers.open).toBe(0);
  });

  it('disconnects what is open and what is not', async () => {
    const client = rig.connect();
    client.ask('connectSender', { offer: 'x' });
    const ids = (['sender', 'sender', 'receiver'] as const).map((direction) => client.ask('disconnect', { direction }));
    await settle();
    for (const id of ids) expect(client.replyTo(id)).toMatchObject({ result: {} });
    expect(rig.peers.open).toBe(0);
    expect(client.all('disconnected')).toEqual([]);
  });
});

describe('faults', () => {
  it('are answered one by one, until they are too many', () => {
    const client = rig.connect();
    for (let n = 0; n < rig.server.limits.maxErrors; n += 1) client.receiveText('{');
    expect(client.all('error')).toHaveLength(rig.server.limits.maxErrors);
    expect(client.all('bye')).toEqual([]);
    client.receiveText('{');
    expect(client.all('bye')).toEqual([{ type: 'bye', reason: 'tooManyErrors' }]);
    expect(rig.log.lines).toEqual([
      expect.stringMatching(/^WARN bad_message: /),
      expect.stringMatching(/^WARN faults: /),
    ]);
  });

  it('are forgiven with time', () => {
    const client = rig.connect();
    for (let n = 0; n < 100; n += 1) {
      client.receiveText('{');
      vi.advanceTimersByTime(rig.server.limits.errorWindowMs / rig.server.limits.maxErrors);
    }
    expect(client.all('bye')).toEqual([]);
  });

  it('of circumstances count for nothing', () => {
    const client = rig.connect();
    for (let n = 0; n < 100; n += 1) {
      client.ask('stopTalk', {});
      vi.advanceTimersByTime(100);
    }
    expect(client.all('error')).toHaveLength(100);
    expect(client.all('bye')).toEqual([]);
    expect(rig.server.stats().errors).toEqual({ not_talking: 100 });
  });
});

describe('the rate limit', () => {
  it('allows a burst, then so many a second', () => {
    const client = rig.connect();
    const { maxMessageBurst, maxMessagesPerSecond } = rig.server.limits;
    const ids = Array.from({ length: maxMessageBurst + 1 }, () => client.ask('listen', { to: null }));
    expect(client.all('result')).toHaveLength(maxMessageBurst);
    expect(client.replyTo(ids.at(-1)!)).toMatchObject({ code: 'rate_limited' });
    vi.advanceTimersByTime(1000);
    for (let n = 0; n < maxMessagesPerSecond; n += 1) client.ask('listen', { to: null });
    expect(client.all('error')).toHaveLength(1);
  });
});

it('turns clients away when it is full, with words', async () => {
  const { maxClients } = rig.server.limits;
  const clients = Array.from({ length: maxClients }, (_, index) =>
    rig.connect({ name: `user ${index % 8}`, isAdmin: false }),
  );
  const tooMany = rig.connect();
  expect(tooMany.said).toEqual([{ type: 'bye', reason: 'serverFull', limit: 'clients' }]);
  clients[0]!.emit('close', 1000);
  await settle();
  expect(rig.connect().types).toEqual(['hello', 'streams']);
  expect(rig.server.stats()).toMatchObject({ clients: maxClients, byes: { serverFull: 1 } });
});
