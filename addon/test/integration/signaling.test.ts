/** Signaling over real WebSockets and a real HTTP server; only the peers are fakes. */
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { User } from '@voice-streaming/shared/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClientOptions } from 'ws';
import type { SignalingServerOptions } from '../../src/signaling/signaling-server.ts';
import { once } from '../support/once.ts';
import { SignalingClient } from '../support/signaling-client.ts';
import {
  ADMINISTRATOR,
  audioPacket,
  deviceKeyOf,
  PLAIN_USER,
  signalingRig,
  type SignalingRig,
} from '../support/signaling-rig.ts';

let rig: SignalingRig;
let httpServer: Server;
let port: number;
let admitAs: User;
let resourcesBefore: number;

/** Sockets and timers of this process. */
const countResources = (): number =>
  process.getActiveResourcesInfo().filter((name) => /^(TCP|Timeout)/.test(name)).length;

async function listen(options: Partial<SignalingServerOptions> = {}): Promise<void> {
  rig = await signalingRig(options);
  httpServer = createServer();
  httpServer.on('upgrade', (request, socket, head) =>
    rig.server.handleUpgrade(request, socket, head, { user: admitAs }),
  );
  await new Promise<void>((resolve) => httpServer.listen(0, '127.0.0.1', resolve));
  port = (httpServer.address() as AddressInfo).port;
}

const open = (options: ClientOptions = {}): Promise<SignalingClient> =>
  SignalingClient.open(`ws://127.0.0.1:${port}/ws`, options);

/** Introduced, with both transports. */
async function ready(name: string): Promise<SignalingClient> {
  const client = await open();
  await client.get('introduce', { deviceKey: deviceKeyOf(name), name });
  await client.get('connectSender', { offer: name });
  await client.get('connectReceiver', { offer: '1 slot' });
  return client;
}

const senderOf = (name: string): (typeof rig.peers.senders)[number] =>
  rig.peers.senders.findLast(({ answer }) => answer === `answer to ${name}`)!;

beforeEach(() => {
  admitAs = PLAIN_USER;
  resourcesBefore = countResources();
});

afterEach(async () => {
  await rig.close();
  await new Promise((resolve) => httpServer.close(resolve));
  await expect.poll(countResources, { interval: 5 }).toBeLessThanOrEqual(resourcesBefore);
});

describe('bad input', () => {
  let client: SignalingClient;
  let bystander: SignalingClient;

  beforeEach(async () => {
    await listen();
    client = await open();
    bystander = await open();
  });

  /** The session goes on, and nobody else noticed. */
  async function expectUndisturbed(): Promise<void> {
    expect(await client.get('listen', { to: 'latest' })).toEqual({});
    expect(await bystander.get('listen', { to: 'latest' })).toEqual({});
    expect(bystander.all('error')).toEqual([]);
    expect([...client.all('bye'), ...bystander.all('bye')]).toEqual([]);
  }

  it.each([
    ['no JSON', 'hello?', 'bad_message'],
    ['an empty message', '', 'bad_message'],
    ['an unknown type', '{"id":900,"type":"sing","args":{}}', 'unknown_type'],
    ['a type of Object.prototype', '{"id":900,"type":"__proto__","args":{}}', 'unknown_type'],
    ['wrong fields', '{"id":900,"type":"listen","args":{"too":"latest"}}', 'bad_arguments'],
    ['listening to an empty list', '{"id":900,"type":"listen","args":{"to":[]}}', 'bad_arguments'],
    ['a binary frame', Buffer.from('{"id":900,"type":"stopTalk"}'), 'bad_message'],
    ['a message of 1 MB', `{"id":900,"type":"stopTalk","pad":"${'x'.repeat(1_000_000)}"}`, 'message_too_large'],
    ['a message of 1 MiB', 'x'.repeat(1_048_576), 'message_too_large'],
    [
      'an offer of 500 KB',
      `{"id":900,"type":"connectSender","args":{"offer":"${'a'.repeat(500_000)}"}}`,
      'message_too_large',
    ],
    ['an empty offer', '{"id":900,"type":"connectSender","args":{"offer":""}}', 'bad_arguments'],
  ])('%s', async (_name, data, code) => {
    const error = await client.refusalOf(data);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/^.{10,200}\.$/);
    expect(rig.server.stats().errors).toEqual({ [code]: 1 });
    await expectUndisturbed();
  });

  it('a frame beyond all measure: its connection is closed, its peers too', async () => {
    await client.get('connectSender', { offer: 'x' });
    client.webSocket.send('x'.repeat(rig.server.limits.maxFrameBytes + 1));
    await client.closed;
    await expect.poll(() => rig.peers.open, { interval: 5 }).toBe(0);
    expect(bystander.all('bye')).toEqual([]);
  });

  it('bytes that are no WebSocket frame', async () => {
    const socket = (client.webSocket as unknown as { _socket: NodeJS.WritableStream })._socket;
    socket.write(Buffer.alloc(64, 0xff));
    await client.closed;
    await expect.poll(() => rig.server.stats().clients, { interval: 5 }).toBe(1);
    expect(await bystander.get('listen', { to: null })).toEqual({});
  });

  it('text that is not UTF-8', async () => {
    client.webSocket.send(Buffer.from([0xc3, 0x28]), { binary: false });
    await client.closed;
    expect(await bystander.get('listen', { to: null })).toEqual({});
  });

  it.each([
    ['empty', '', 'stream-1', 'Unnamed'],
    ['emoji', '🎉🎊', 'stream-1', '🎉🎊'],
    ['300 characters', 'x'.repeat(300), 'x'.repeat(48), 'x'.repeat(64)],
    ['"Latest"', 'Latest', 'latest-2', 'Latest'],
    ['"客厅"', '客厅', 'ke-ting', '客厅'],
    ['control characters', 'a\u0000\u202eb\r\nc', 'a-b-c', 'a b c'],
  ])('a name that is %s', async (_name, name, streamId, shown) => {
    expect(await client.get('introduce', { deviceKey: deviceKeyOf('x'), name })).toEqual({ streamId });
    const isListed = await bystander.event('streams', ({ streams }) => streams.length === 1);
    expect(isListed.streams).toMatchObject([{ id: streamId, name: shown }]);
    await expectUndisturbed();
  });

  it('listening to nothing, and to nobody', async () => {
    expect(await client.get('listen', { to: null })).toEqual({});
    expect(await client.get('listen', { to: ['nobody-here'] })).toEqual({});
    await expectUndisturbed();
  });

  it('stopping twice', async () => {
    await client.get('introduce', { deviceKey: deviceKeyOf('x'), name: 'X' });
    await client.get('connectSender', { offer: 'x' });
    await client.get('startTalk', {});
    expect(await client.ask('stopTalk', {})).toMatchObject({ type: 'result' });
    expect(await client.ask('stopTalk', {})).toMatchObject({ type: 'error', code: 'not_talking' });
    await expectUndisturbed();
  });
});

describe('abuse', () => {
  it('ends with a bye, for the abuser alone', async () => {
    await listen();
    const abuser = await open();
    const bystander = await open();
    for (let n = 0; n < 500; n += 1) abuser.webSocket.send(`{"id":${n},"type":"listen","args":{"to":null}}`);
    expect(await abuser.event('bye')).toEqual({ type: 'bye', reason: 'tooManyErrors' });
    expect(await abuser.closed).toBe(1008);
    const replies = abuser.said.filter((message) => message.type === 'result' || message.type === 'error');
    expect(new Set(replies.map(({ id }) => id)).size).toBe(replies.length);
    expect(await bystander.get('listen', { to: null })).toEqual({});
    expect(rig.log.lines).toHaveLength(1);
  });

  it('a client that does not read is ended, its talk too, and the others are not', async () => {
    await listen({ maxSendBufferBytes: 200_000, maxMessageBurst: 2000 });
    const deaf = await ready('deaf');
    await deaf.get('startTalk', {});
    deaf.webSocket.pause();
    const bystander = await open();
    const offer = 'x'.repeat(60_000);
    // Sent in rounds, so that the answers fill what the kernel buffers.
    for (let id = 1000; id < 1500 && rig.relay.live.length > 0; id += 1) {
      await new Promise((sent) =>
        deaf.webSocket.send(JSON.stringify({ id, type: 'connectReceiver', args: { offer } }), sent),
      );
    }
    await expect.poll(() => rig.server.stats().byes, { interval: 5 }).toEqual({ tooSlow: 1 });
    expect(rig.relay.live).toEqual([]);
    await expect.poll(() => rig.server.stats().clients, { interval: 20, timeout: 5000 }).toBe(1);
    expect(await bystander.get('listen', { to: null })).toEqual({});
    deaf.webSocket.terminate();
  });

  it('a client that answers no ping is gone', async () => {
    await listen({ pingIntervalMs: 20, pingTimeoutMs: 60 });
    const silent = await open({ autoPong: false });
    const lively = await open();
    await silent.closed;
    expect(silent.all('bye')).toEqual([]);
    await expect.poll(() => rig.server.stats().clients, { interval: 5 }).toBe(1);
    expect(await lively.get('listen', { to: null })).toEqual({});
  });
});

describe('talks', () => {
  beforeEach(() => listen());

  it('are heard in order: result, then onAir with the first packet, then the end', async () => {
    const kitchen = await ready('Kitchen');
    const bath = await ready('Bath');
    await bath.get('listen', { to: 'latest' });
    const { talkId, stream } = await kitchen.get('startTalk', {});
    expect(stream).toMatchObject({ id: 'kitchen', name: 'Kitchen', live: true, receivers: 1, listeners: 0 });
    expect(kitchen.all('onAir')).toEqual([]);
    await bath.event('slots', ({ slots }) => slots['0'] === 'kitchen');
    senderOf('Kitchen').events.packet(audioPacket(7));
    expect(await kitchen.event('onAir')).toEqual({ type: 'onAir', talkId });
    expect(rig.peers.receivers[1]!.slots[0]!.packets).toEqual([audioPacket(7)]);
    expect(await bath.event('levels')).toEqual({ type: 'levels', levels: { kitchen: -30 } });
    await kitchen.get('stopTalk', {});
    await bath.until(
      (said) => said.findLast((message) => message.type === 'slots')?.slots['0'] === null || undefined,
      'free slot',
    );
    expect(kitchen.all('talkEnded')).toEqual([]);
  });

  it('are pipelined: what is asked at once is done in order', async () => {
    const client = await open();
    const replies = await Promise.all([
      client.ask('introduce', { deviceKey: deviceKeyOf('x'), name: 'X' }),
      client.ask('connectSender', { offer: 'x' }),
      client.ask('startTalk', {}),
      client.ask('stopTalk', {}),
      client.ask('stopTalk', {}),
    ]);
    expect(replies.map(({ type, id }) => `${type} ${String(id)}`)).toEqual([
      'result 1',
      'result 2',
      'result 3',
      'result 4',
      'error 5',
    ]);
    const order = client.said
      .filter((message) => message.type === 'result' || message.type === 'error')
      .map(({ id }) => id);
    expect(order).toEqual([1, 2, 3, 4, 5]);
  });

  it('are taken over by the same device, also when its old connection hangs', async () => {
    const old = await ready('Kitchen');
    const { talkId } = await old.get('startTalk', {});
    const fresh = await ready('Kitchen');
    const { talkId: freshId } = await fresh.get('startTalk', {});
    expect(await old.event('talkEnded')).toEqual({ type: 'talkEnded', talkId, reason: 'takenOver' });
    old.webSocket.terminate();
    await expect.poll(() => rig.server.stats().clients, { interval: 5 }).toBe(1);
    expect(rig.relay.live.map((stream) => stream.talkId)).toEqual([freshId]);
  });

  it('latest is the newest, then the newest that remains, then silence', async () => {
    const listener = await ready('Hall');
    await listener.get('listen', { to: 'latest' });
    const [one, two, three] = [await ready('One'), await ready('Two'), await ready('Three')];
    const heard = (id: string | null): Promise<unknown> =>
      listener.until(
        (said) => said.findLast((message) => message.type === 'slots')?.slots['0'] === id || undefined,
        `${String(id)} on the slot`,
      );
    await one.get('startTalk', {});
    await heard('one');
    await two.get('startTalk', {});
    await heard('two');
    await three.get('startTalk', { private: true });
    await listener.event('streams', ({ streams }) => streams.filter(({ live }) => live).length === 2);
    await two.get('stopTalk', {});
    await heard('one');
    one.webSocket.terminate();
    await heard(null);
    await listener.get('listen', { to: ['three', 'nobody'] });
    await heard('three');
    const listed = await listener.event(
      'streams',
      ({ streams }) => streams.length === 3 && !streams.some(({ live }) => live),
    );
    expect(listed.streams.map(({ id }) => id)).toEqual(['hall', 'three', 'two']);
  });

  it('are ended by an administrator', async () => {
    const kitchen = await ready('Kitchen');
    const { talkId } = await kitchen.get('startTalk', {});
    admitAs = ADMINISTRATOR;
    const administrator = await open();
    expect(await administrator.get('endTalk', { streamId: 'kitchen' })).toEqual({});
    expect(await kitchen.event('talkEnded')).toEqual({ type: 'talkEnded', talkId, reason: 'endedByAdmin' });
  });
});

describe('coming and going', () => {
  it('of 50 clients leaves nothing', async () => {
    await listen();
    const watcher = await open();
    const visit = async (n: number): Promise<void> => {
      const client = await ready(`Room ${n}`);
      await client.get('listen', { to: n % 2 ? 'all' : 'latest' });
      if (n % 3 === 0) await client.get('startTalk', { echo: n % 6 === 0 });
      if (n % 5 === 0) client.webSocket.send('{"id":900,"type":"connectSender","args":{"offer":"late"}}');
      if (n % 4 === 0) client.webSocket.terminate();
      else await client.close();
    };
    await Promise.all(Array.from({ length: 50 }, (_, n) => visit(n)));
    await expect.poll(() => rig.server.stats().clients, { interval: 5 }).toBe(1);
    rig.peers.answerLate();
    await expect.poll(() => rig.peers.open, { interval: 5 }).toBe(0);
    expect(rig.peers.senders.length + rig.peers.receivers.length).toBeGreaterThanOrEqual(100);
    expect(rig.relay.live).toEqual([]);
    await watcher.until(
      (said) => said.findLast((message) => message.type === 'streams')?.streams.length === 0 || undefined,
      'an empty list',
    );
    expect(rig.server.stats()).toMatchObject({ clients: 1, introduced: 0, senderPeers: 0, receiverPeers: 0 });
    expect(rig.log.lines).toEqual([]);
  });

  it('stops at the limit: a bye, and far above it a 503', async () => {
    await listen({ maxClients: 2 });
    const clients = [await open(), await open()];
    const tooMany = await open();
    expect(tooMany.said).toEqual([{ type: 'bye', reason: 'serverFull' }]);
    expect(await tooMany.closed).toBe(1013);
    await clients[0]!.close();
    await expect.poll(() => rig.server.stats().clients, { interval: 5 }).toBe(1);
    expect((await open()).all('hello')).toHaveLength(1);
  });

  it('is refused plainly when the request is no WebSocket handshake', async () => {
    await listen();
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    const answer = await once<string>(
      (resolve) => socket.once('data', (data) => resolve(data.toString())),
      'an answer',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    socket.destroy();
  });
});

describe('closing', () => {
  it('says bye to all, closes their peers, and lets nobody in any more', async () => {
    await listen();
    const clients = [await ready('One'), await ready('Two')];
    await clients[0]!.get('startTalk', {});
    await rig.server.close();
    expect(rig.peers.open).toBe(0);
    expect(rig.relay.live).toEqual([]);
    for (const client of clients) {
      expect(await client.event('bye')).toEqual({ type: 'bye', reason: 'closing' });
      expect(client.said.at(-1)?.type).toBe('bye');
      expect(await client.closed).toBe(1001);
    }
    expect(clients[0]!.all('talkEnded')).toMatchObject([{ reason: 'closing' }]);
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    const answer = await once<string>(
      (resolve) => socket.once('data', (data) => resolve(data.toString())),
      'an answer',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    socket.destroy();
  });

  it('does not wait for clients that do not close', async () => {
    await listen({ byeTimeoutMs: 60_000, closeTimeoutMs: 50 });
    const hung = await ready('Hung');
    hung.webSocket.pause();
    await rig.server.close();
    await expect.poll(() => rig.server.stats().clients, { interval: 5 }).toBe(0);
    hung.webSocket.terminate();
  });
});
