/** Signaling over real WebSockets and a real HTTP server; only the peers are fakes. */
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { once } from '../support/once.ts';
import { signalingHost, type SignalingHost } from '../support/signaling-host.ts';
import { ADMINISTRATOR, audioPacket, deviceKeyOf } from '../support/signaling-rig.ts';

let host: SignalingHost;

afterEach(() => host.close());

describe('talks', () => {
  beforeEach(async () => {
    host = await signalingHost();
  });

  it('are heard in order: result, then onAir with the first packet, then the end', async () => {
    const kitchen = await host.ready('Kitchen');
    const bath = await host.ready('Bath');
    await bath.get('listen', { to: 'latest' });
    const { talkId, stream } = await kitchen.get('startTalk', {});
    expect(stream).toMatchObject({ id: 'kitchen', name: 'Kitchen', live: true, receivers: 1, listeners: 0 });
    expect(kitchen.all('onAir')).toEqual([]);
    await bath.event('slots', ({ slots }) => slots['0'] === 'kitchen');
    host.senderOf('Kitchen').events.packet(audioPacket(7));
    expect(await kitchen.event('onAir')).toEqual({ type: 'onAir', talkId });
    expect(host.rig.peers.receivers[1]!.slots[0]!.packets).toEqual([audioPacket(7)]);
    expect(await bath.event('levels')).toEqual({ type: 'levels', levels: { kitchen: -30 } });
    await kitchen.get('stopTalk', {});
    await bath.until(
      (said) => said.findLast((message) => message.type === 'slots')?.slots['0'] === null || undefined,
      'free slot',
    );
    expect(kitchen.all('talkEnded')).toEqual([]);
  });

  it('are pipelined: what is asked at once is done in order', async () => {
    const client = await host.open();
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
    const old = await host.ready('Kitchen');
    const { talkId } = await old.get('startTalk', {});
    const fresh = await host.ready('Kitchen');
    const { talkId: freshId } = await fresh.get('startTalk', {});
    expect(await old.event('talkEnded')).toEqual({ type: 'talkEnded', talkId, reason: 'takenOver' });
    old.webSocket.terminate();
    await expect.poll(() => host.rig.server.stats().clients, { interval: 5 }).toBe(1);
    expect(host.rig.relay.live.map((stream) => stream.talkId)).toEqual([freshId]);
  });

  it('latest is the newest, then the newest that remains, then silence', async () => {
    const listener = await host.ready('Hall');
    await listener.get('listen', { to: 'latest' });
    const [one, two, three] = [await host.ready('One'), await host.ready('Two'), await host.ready('Three')];
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
      // Three idle ones were there before as well.
      ({ streams }) => streams.length === 3 && !streams.some(({ id, live }) => live || id === 'one'),
    );
    expect(listed.streams.map(({ id }) => id)).toEqual(['hall', 'three', 'two']);
  });

  it('are ended by an administrator', async () => {
    const kitchen = await host.ready('Kitchen');
    const { talkId } = await kitchen.get('startTalk', {});
    host.admitAs = ADMINISTRATOR;
    const administrator = await host.open();
    expect(await administrator.get('endTalk', { streamId: 'kitchen' })).toEqual({});
    expect(await kitchen.event('talkEnded')).toEqual({ type: 'talkEnded', talkId, reason: 'endedByAdmin' });
  });
});

describe('coming and going', () => {
  it('of 50 clients leaves nothing', async () => {
    host = await signalingHost();
    const watcher = await host.open();
    const visit = async (n: number): Promise<void> => {
      const client = await host.ready(`Room ${n}`);
      await client.get('listen', { to: n % 2 ? 'all' : 'latest' });
      if (n % 3 === 0) await client.get('startTalk', { echo: n % 6 === 0 });
      if (n % 5 === 0) client.webSocket.send('{"id":900,"type":"connectSender","args":{"offer":"late"}}');
      if (n % 4 === 0) client.webSocket.terminate();
      else await client.close();
    };
    await Promise.all(Array.from({ length: 50 }, (_, n) => visit(n)));
    await expect.poll(() => host.rig.server.stats().clients, { interval: 5 }).toBe(1);
    host.rig.peers.answerLate();
    await expect.poll(() => host.rig.peers.open, { interval: 5 }).toBe(0);
    expect(host.rig.peers.senders.length + host.rig.peers.receivers.length).toBeGreaterThanOrEqual(100);
    expect(host.rig.relay.live).toEqual([]);
    await watcher.until(
      (said) => said.findLast((message) => message.type === 'streams')?.streams.length === 0 || undefined,
      'an empty list',
    );
    expect(host.rig.server.stats()).toMatchObject({ clients: 1, introduced: 0, senderPeers: 0, receiverPeers: 0 });
    expect(host.rig.log.lines).toEqual([]);
  });

  it('stops at the limit: a bye, and far above it a 503', async () => {
    host = await signalingHost({ maxClients: 2 });
    const clients = [await host.open(), await host.open()];
    const tooMany = await host.open();
    expect(tooMany.said).toEqual([{ type: 'bye', reason: 'serverFull', limit: 'clients' }]);
    expect(await tooMany.closed).toBe(1013);
    await clients[0]!.close();
    await expect.poll(() => host.rig.server.stats().clients, { interval: 5 }).toBe(1);
    expect((await host.open()).all('hello')).toHaveLength(1);
  });

  it('is refused plainly when the request is no WebSocket handshake', async () => {
    host = await signalingHost();
    const socket = connect(host.port, '127.0.0.1');
    socket.write('GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    const answer = await once<string>(
      (resolve) => socket.once('data', (data) => resolve(data.toString())),
      'an answer',
    );
    // ws itself says it as HTML.
    expect(answer).toMatch(
      /^HTTP\/1\.1 400 [^]*\r\nContent-Type: text\/plain;[^]*\r\nX-Content-Type-Options: nosniff\r\n/,
    );
    socket.destroy();
  });
});

describe('closing', () => {
  it('says bye to all, closes their peers, and lets nobody in any more', async () => {
    host = await signalingHost();
    const clients = [await host.ready('One'), await host.ready('Two')];
    await clients[0]!.get('startTalk', {});
    await host.rig.server.close();
    expect(host.rig.peers.open).toBe(0);
    expect(host.rig.relay.live).toEqual([]);
    for (const client of clients) {
      expect(await client.event('bye')).toEqual({ type: 'bye', reason: 'closing' });
      expect(client.said.at(-1)?.type).toBe('bye');
      expect(await client.closed).toBe(1001);
    }
    expect(clients[0]!.all('talkEnded')).toMatchObject([{ reason: 'closing' }]);
    const socket = connect(host.port, '127.0.0.1');
    socket.write('GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    const answer = await once<string>(
      (resolve) => socket.once('data', (data) => resolve(data.toString())),
      'an answer',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    socket.destroy();
  });

  it('does not wait for clients that do not close', async () => {
    host = await signalingHost({ byeTimeoutMs: 60_000, closeTimeoutMs: 50 });
    const hung = await host.ready('Hung');
    hung.webSocket.pause();
    await host.rig.server.close();
    await expect.poll(() => host.rig.server.stats().clients, { interval: 5 }).toBe(0);
    hung.webSocket.terminate();
  });
});
