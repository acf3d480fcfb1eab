import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FakeSocket } from '../../fakes/fake-socket.ts';
import {
  ADMINISTRATOR,
  audioPacket,
  deviceKeyOf,
  signalingRig,
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

const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

/** A client that is introduced and has both transports open. */
async function ready(name: string, options: { key?: string; slots?: number } = {}): Promise<FakeSocket> {
  const client = rig.connect();
  client.ask('introduce', { deviceKey: deviceKeyOf(options.key ?? name), name });
  client.ask('connectSender', { offer: name });
  client.ask('connectReceiver', { offer: `${options.slots ?? 1} slots` });
  await settle();
  return client;
}

function start(client: FakeSocket, args: { private?: boolean; echo?: boolean } = {}): string {
  const reply = client.replyTo(client.ask('startTalk', args));
  if (reply.type === 'error') throw new Error(`${reply.code}: ${reply.message}`);
  return (reply.result as { talkId: string }).talkId;
}

function codeOf(client: FakeSocket, id: number): string | undefined {
  const reply = client.replyTo(id);
  return reply.type === 'error' ? reply.code : undefined;
}

const speak = (peer: number, sequenceNumber: number): void =>
  rig.peers.senders[peer]!.events.packet(audioPacket(sequenceNumber));

describe('startTalk', () => {
  it('needs introduce, then a sender', async () => {
    const client = rig.connect();
    expect(codeOf(client, client.ask('startTalk', {}))).toBe('not_introduced');
    client.ask('introduce', { deviceKey: deviceKeyOf('a'), name: 'A' });
    expect(codeOf(client, client.ask('startTalk', {}))).toBe('not_connected');
    client.ask('connectSender', { offer: 'x' });
    await settle();
    expect(codeOf(client, client.ask('startTalk', {}))).toBeUndefined();
    expect(codeOf(client, client.ask('startTalk', { echo: true }))).toBe('not_connected');
    expect(rig.relay.live).toHaveLength(1);
  });

  it('waits for the transport that is being opened', async () => {
    const client = rig.connect();
    client.ask('introduce', { deviceKey: deviceKeyOf('a'), name: 'A' });
    client.ask('connectSender', { offer: 'late' });
    const id = client.ask('startTalk', {});
    await settle();
    expect(() => client.replyTo(id)).toThrow('0 replies');
    rig.peers.answerLate();
    await settle();
    expect(client.replyTo(id)).toMatchObject({ result: { stream: { id: 'a', live: true } } });
  });

  it('says onAir with the first packet, after its result', async () => {
    const client = await ready('Kitchen');
    speak(0, 1);
    expect(rig.server.stats().packetsDropped).toBe(1);
    const talkId = start(client);
    expect(client.all('onAir')).toEqual([]);
    speak(0, 2);
    speak(0, 3);
    expect(client.types.slice(-2)).toEqual(['result', 'onAir']);
    expect(client.all('onAir')).toEqual([{ type: 'onAir', talkId }]);
    expect(rig.relay.get('kitchen')).toMatchObject({ packetsIn: 2, talkId });
  });

  it('goes on when the sender transport is replaced, and ends when it dies', async () => {
    const client = await ready('Kitchen');
    const talkId = start(client);
    client.ask('connectSender', { offer: 'again' });
    await settle();
    speak(0, 1);
    speak(1, 2);
    expect(rig.relay.get('kitchen')?.packetsIn).toBe(1);
    rig.peers.senders[1]!.events.closed('silent for 15 s');
    expect(client.types.slice(-2)).toEqual(['talkEnded', 'disconnected']);
    expect(client.all('talkEnded')).toEqual([{ type: 'talkEnded', talkId, reason: 'disconnected' }]);
    expect(rig.relay.live).toEqual([]);
  });

  it('refuses an id under which WHIP speaks', async () => {
    const client = await ready('Kitchen');
    rig.whip('kitchen', 'OBS');
    expect(codeOf(client, client.ask('startTalk', {}))).toBe('stream_busy');
  });

  it('refuses more streams than the relay takes', async () => {
    const client = await ready('Kitchen');
    for (let n = 0; n < rig.relay.maxStreams; n += 1) rig.whip(`s-${n}`, 's');
    expect(codeOf(client, client.ask('startTalk', {}))).toBe('server_full');
  });
});

describe('the end of a talk', () => {
  it('by stopTalk has a result and no event; a second stopTalk is an error', async () => {
    const client = await ready('Kitchen');
    start(client);
    expect(codeOf(client, client.ask('stopTalk', {}))).toBeUndefined();
    expect(codeOf(client, client.ask('stopTalk', {}))).toBe('not_talking');
    expect(client.all('talkEnded')).toEqual([]);
    speak(0, 1);
    expect(rig.server.stats().packetsDropped).toBe(1);
  });

  it('by disconnect, and by the end of the session', async () => {
    const client = await ready('Kitchen');
    start(client);
    client.ask('disconnect', { direction: 'receiver' });
    await settle();
    expect(rig.relay.live).toHaveLength(1);
    client.ask('disconnect', { direction: 'sender' });
    await settle();
    expect(client.all('talkEnded')).toMatchObject([{ reason: 'disconnected' }]);
    client.ask('connectSender', { offer: 'x' });
    await settle();
    start(client);
    client.emit('close', 1001);
    expect(rig.relay.live).toEqual([]);
    await settle();
    expect(rig.peers.open).toBe(0);
  });

  it('by an administrator only', async () => {
    const client = await ready('Kitchen');
    const talkId = start(client);
    const other = await ready('Bath');
    expect(codeOf(other, other.ask('endTalk', { streamId: 'kitchen' }))).toBe('forbidden');
    const administrator = rig.connect(ADMINISTRATOR);
    expect(codeOf(administrator, administrator.ask('endTalk', { streamId: 'nobody' }))).toBe('stream_not_found');
    expect(codeOf(administrator, administrator.ask('endTalk', { streamId: 'kitchen' }))).toBeUndefined();
    expect(client.all('talkEnded')).toEqual([{ type: 'talkEnded', talkId, reason: 'endedByAdmin' }]);
    expect(codeOf(client, client.ask('stopTalk', {}))).toBe('not_talking');
  });

  it('by the closing of the server', async () => {
    const client = await ready('Kitchen');
    start(client);
    await rig.server.close();
    expect(client.types.slice(-2)).toEqual(['talkEnded', 'bye']);
    expect(client.all('talkEnded')).toMatchObject([{ reason: 'closing' }]);
  });
});

describe('taking over', () => {
  it('ends the talk of the same device in another session', async () => {
    const old = await ready('Kitchen');
    const talkId = start(old);
    const fresh = await ready('Kitchen');
    const freshId = start(fresh);
    expect(old.all('talkEnded')).toEqual([{ type: 'talkEnded', talkId, reason: 'takenOver' }]);
    expect(rig.relay.live.map((stream) => stream.talkId)).toEqual([freshId]);
    speak(0, 1);
    expect(rig.relay.get('kitchen')?.packetsIn).toBe(0);
    old.emit('close', 1001);
    await settle();
    expect(rig.relay.live).toHaveLength(1);
  });

  it('begins anew within one session', async () => {
    const client = await ready('Kitchen');
    const first = start(client);
    const second = start(client);
    expect(client.all('talkEnded')).toEqual([{ type: 'talkEnded', talkId: first, reason: 'takenOver' }]);
    expect(rig.relay.get('kitchen')?.talkId).toBe(second);
  });
});

describe('an echo', () => {
  it('is heard by its own client on the first slot, and by nobody else', async () => {
    const client = await ready('Kitchen', { slots: 2 });
    const other = await ready('Bath');
    other.ask('listen', { to: 'all' });
    const talkId = start(client, { echo: true });
    expect(client.all('slots').at(-1)).toEqual({ type: 'slots', slots: { 0: 'kitchen', 1: null } });
    speak(0, 1);
    expect(client.all('onAir')).toEqual([{ type: 'onAir', talkId }]);
    expect(rig.peers.receivers[0]!.slots[0]!.packets).toHaveLength(1);
    expect(rig.peers.receivers[1]!.slots[0]!.packets).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(500);
    expect(rig.relay.live).toEqual([]);
    for (const { live, receivers } of other.all('streams').at(-1)!.streams)
      expect([live, receivers]).toEqual([false, 0]);
    client.ask('stopTalk', {});
    expect(client.all('slots').at(-1)).toEqual({ type: 'slots', slots: { 0: null, 1: null } });
    expect(client.all('talkEnded')).toEqual([]);
  });

  it('is over after its time', async () => {
    const client = await ready('Kitchen');
    const talkId = start(client, { echo: true });
    vi.advanceTimersByTime(rig.server.limits.maxEchoMs - 1);
    expect(client.all('talkEnded')).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(client.all('talkEnded')).toEqual([{ type: 'talkEnded', talkId, reason: 'echoOver' }]);
    expect(client.all('slots').at(-1)?.slots).toEqual({ 0: null });
  });

  it('gives its slot back to whom it displaced', async () => {
    const client = await ready('Kitchen');
    client.ask('listen', { to: 'latest' });
    start(await ready('Bath'));
    expect(client.all('slots').at(-1)?.slots).toEqual({ 0: 'bath' });
    start(client, { echo: true });
    expect(client.all('slots').at(-1)?.slots).toEqual({ 0: 'kitchen' });
    client.ask('stopTalk', {});
    expect(client.all('slots').at(-1)?.slots).toEqual({ 0: 'bath' });
  });

  it('ends with the receiver, whether closed or lost', async () => {
    const client = await ready('Kitchen');
    start(client, { echo: true });
    client.ask('disconnect', { direction: 'receiver' });
    await settle();
    client.ask('connectReceiver', { offer: 'x' });
    await settle();
    start(client, { echo: true });
    rig.peers.receivers[1]!.events.closed('gone');
    expect(client.all('talkEnded').map(({ reason }) => reason)).toEqual(['disconnected', 'disconnected']);
  });

  it('leaves the talk of the same device in another session alone', async () => {
    const talking = await ready('Kitchen');
    start(talking);
    start(await ready('Kitchen'), { echo: true });
    expect(rig.relay.live).toHaveLength(1);
    expect(talking.all('talkEnded')).toEqual([]);
  });
});

describe('listening', () => {
  it('is remembered until there is a receiver', async () => {
    const client = rig.connect();
    client.ask('listen', { to: 'latest' });
    start(await ready('Bath'));
    client.ask('connectReceiver', { offer: 'x' });
    await settle();
    expect(client.types.slice(-2)).toEqual(['result', 'slots']);
    expect(client.all('slots')).toEqual([{ type: 'slots', slots: { 0: 'bath' } }]);
  });

  it('never brings the own voice, even when introduced late', async () => {
    start(await ready('Kitchen'));
    const other = rig.connect();
    other.ask('connectReceiver', { offer: 'x' });
    other.ask('listen', { to: 'all' });
    await settle();
    expect(other.all('slots').at(-1)?.slots).toEqual({ 0: 'kitchen' });
    other.ask('introduce', { deviceKey: deviceKeyOf('Kitchen'), name: 'Kitchen' });
    expect(other.all('slots').at(-1)?.slots).toEqual({ 0: null });
  });

  it('keeps to the slots the server gives', async () => {
    const client = rig.connect();
    client.ask('listen', { to: 'all' });
    client.ask('connectReceiver', { offer: `${rig.server.limits.slots + 2} slots` });
    await settle();
    for (let n = 0; n < rig.server.limits.slots + 2; n += 1) rig.whip(`s-${n}`, 's');
    const slots = Object.values(client.all('slots').at(-1)!.slots);
    expect(slots.filter((id) => id !== null)).toHaveLength(rig.server.limits.slots);
  });
});
