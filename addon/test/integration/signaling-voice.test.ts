/** A card's whole journey without a browser: real WebSocket, real peers, voice from press to ear. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WeriftPeerFactory } from '../../src/webrtc/werift-peer-factory.ts';
import { quietLog } from '../support/quiet-log.ts';
import { SignalingClient } from '../support/signaling-client.ts';
import { deviceKeyOf, PLAIN_USER, signalingRig, type SignalingRig } from '../support/signaling-rig.ts';
import { openClient, type WeriftClient } from '../support/werift-client.ts';

let rig: SignalingRig;
let factory: WeriftPeerFactory;
let httpServer: Server;
let open: WeriftClient[];

async function start(connectTimeoutMs = 10_000): Promise<void> {
  open = [];
  factory = new WeriftPeerFactory({
    log: quietLog(),
    addresses: ['127.0.0.1'],
    connectTimeoutMs,
  });
  rig = await signalingRig({ peers: factory });
  httpServer = createServer();
  httpServer.on('upgrade', (request, socket, head) =>
    rig.server.handleUpgrade(request, socket, head, { user: PLAIN_USER }),
  );
  await new Promise<void>((resolve) => httpServer.listen(0, '127.0.0.1', resolve));
}

async function stop(): Promise<void> {
  await rig.close();
  expect(factory.counts()).toMatchObject({ senders: 0, receivers: 0 });
  await factory.close();
  await Promise.all(open.map((client) => client.close()));
  await new Promise((resolve) => httpServer.close(resolve));
}

beforeEach(() => start());
afterEach(stop);

interface Card {
  signaling: SignalingClient;
  /** Opens the transport and returns its far end. */
  sender(): Promise<WeriftClient>;
  receiver(): Promise<WeriftClient>;
}

async function card(name: string): Promise<Card> {
  const { port } = httpServer.address() as AddressInfo;
  const signaling = await SignalingClient.open(`ws://127.0.0.1:${port}/ws`);
  await signaling.get('introduce', { deviceKey: deviceKeyOf(name), name });
  const connect = async (direction: 'sendonly' | 'recvonly'): Promise<WeriftClient> => {
    const client = openClient(direction);
    open.push(client);
    const type = direction === 'sendonly' ? 'connectSender' : 'connectReceiver';
    const { answer } = await signaling.get(type, { offer: await client.offer() });
    await client.accept(answer);
    return client;
  };
  return { signaling, sender: () => connect('sendonly'), receiver: () => connect('recvonly') };
}

/**
 * Sends until the server says that it is on air, as the first packets may come before DTLS is up on the server; returns
 * the next sequence number, which must go on for SRTP.
 */
async function speakUntilOnAir(
  signaling: SignalingClient,
  voice: WeriftClient,
  talkId: string,
  firstSequenceNumber = 0,
): Promise<number> {
  const isOnAir = (): boolean => signaling.all('onAir').some((message) => message.talkId === talkId);
  let sequenceNumber = firstSequenceNumber;
  for (; sequenceNumber < firstSequenceNumber + 1000 && !isOnAir(); sequenceNumber += 1) {
    await voice.send(sequenceNumber);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  expect(isOnAir()).toBe(true);
  return sequenceNumber;
}

test.each(['the receiver first', 'the sender first'])('a voice is heard, %s', async (order) => {
  const kitchen = await card('Kitchen');
  const bath = await card('Bath');
  await bath.signaling.get('listen', { to: 'latest' });
  let ear = order === 'the receiver first' ? await bath.receiver() : undefined;
  const voice = await kitchen.sender();
  const { talkId } = await kitchen.signaling.get('startTalk', {});
  const next = await speakUntilOnAir(kitchen.signaling, voice, talkId);
  ear ??= await bath.receiver();
  await bath.signaling.event('slots', ({ slots }) => Object.values(slots).includes('kitchen'));
  const words = Array.from({ length: 20 }, (_, n) => `word ${n}`);
  let sequenceNumber = next;
  // A receiver that has just connected may miss the first packets; the words are repeated until one round is whole.
  const isHeard = (): boolean => words.every((word) => ear.heard.some(({ payload }) => payload.toString() === word));
  for (let round = 0; round < 50 && !isHeard(); round += 1) {
    for (const word of words) await voice.send(sequenceNumber++, Buffer.from(word));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(isHeard()).toBe(true);
  expect(new Set(ear.heard.map(({ ssrc }) => ssrc)).size).toBe(1);
});

test('a second talk needs no new transport', async () => {
  const kitchen = await card('Kitchen');
  const bath = await card('Bath');
  await bath.signaling.get('listen', { to: 'latest' });
  const ear = await bath.receiver();
  const voice = await kitchen.sender();
  let next = 0;
  for (const word of ['first', 'second']) {
    const { talkId } = await kitchen.signaling.get('startTalk', {});
    next = await speakUntilOnAir(kitchen.signaling, voice, talkId, next);
    const heard = ear.waitForHeard(1, ({ payload }) => payload.toString() === word);
    await voice.send(next++, Buffer.from(word));
    await heard;
    await kitchen.signaling.get('stopTalk', {});
  }
  expect(factory.counts()).toMatchObject({ senders: 1, receivers: 1 });
});

test('an echo comes back to its speaker', async () => {
  const kitchen = await card('Kitchen');
  const [voice, ear] = [await kitchen.sender(), await kitchen.receiver()];
  const { talkId } = await kitchen.signaling.get('startTalk', { echo: true });
  const next = await speakUntilOnAir(kitchen.signaling, voice, talkId);
  const heard = ear.waitForHeard(1, ({ payload }) => payload.toString() === 'hello me');
  await voice.send(next, Buffer.from('hello me'));
  await heard;
  expect(rig.relay.live).toEqual([]);
});

test('a client that leaves takes its peers and its talk along', async () => {
  const kitchen = await card('Kitchen');
  await kitchen.sender();
  await kitchen.receiver();
  await kitchen.signaling.get('startTalk', {});
  expect(factory.counts()).toMatchObject({ senders: 1, receivers: 1 });
  kitchen.signaling.webSocket.terminate();
  await expect.poll(() => factory.counts(), { interval: 5 }).toMatchObject({ senders: 0, receivers: 0 });
  expect(rig.relay.live).toEqual([]);
});

test('an offer whose client never connects ends, and is told', async () => {
  await stop();
  await start(300);
  const { signaling } = await card('Kitchen');
  const client = openClient('sendonly');
  open.push(client);
  await signaling.get('connectSender', { offer: await client.offer() });
  const { talkId } = await signaling.get('startTalk', {});
  expect(await signaling.event('disconnected')).toMatchObject({ direction: 'sender' });
  expect(signaling.all('talkEnded')).toEqual([{ type: 'talkEnded', talkId, reason: 'disconnected' }]);
  expect(rig.server.stats().senderPeers).toBe(0);
});

test.each([
  ['no SDP', 'hello', 'bad_offer'],
  ['garbage of SDP', 'v=0\r\n\u0000\r\nm=audio', 'bad_offer'],
  ['no media', 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n', 'bad_offer'],
  [
    'video only',
    'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 VP8/90000\r\n',
    'bad_offer',
  ],
  [
    'no Opus',
    'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=rtpmap:0 PCMU/8000\r\na=sendrecv\r\n',
    'no_opus',
  ],
])('an offer with %s is refused by name, and the session goes on', async (_name, offer, code) => {
  const { signaling } = await card('Kitchen');
  for (const type of ['connectSender', 'connectReceiver'] as const) {
    const reply = await signaling.ask(type, { offer });
    expect(reply).toMatchObject({ type: 'error', code });
  }
  expect(await signaling.get('listen', { to: null })).toEqual({});
});

test('candidates of an offer, however wild, disturb nothing', async () => {
  const { signaling } = await card('Kitchen');
  const client = openClient('sendonly');
  open.push(client);
  const wild = ['a=candidate:x', `a=candidate:${'1 '.repeat(200)}`, 'a=candidate:1 1 udp 1 999.0.0.1 99999 typ host'];
  const offer = `${(await client.offer()).trimEnd()}\r\n${wild.join('\r\n')}\r\n`;
  const { answer } = await signaling.get('connectSender', { offer });
  await client.accept(answer);
  const { talkId } = await signaling.get('startTalk', {});
  const sent = await speakUntilOnAir(signaling, client, talkId);
  expect(sent).toBeGreaterThan(0);
});
