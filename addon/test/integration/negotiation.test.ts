/** From an offer to an answer: what is accepted, what is refused by name, and which candidates are given. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RTCPeerConnection } from 'werift';
import { OfferError } from '../../src/media/ports.ts';
import { WeriftPeerFactory } from '../../src/webrtc/werift-peer-factory.ts';
import { quietLog } from '../support/quiet-log.ts';
import { openClient } from '../support/werift-client.ts';

let factory: WeriftPeerFactory;
let open: { close(): unknown }[];

beforeEach(() => {
  factory = new WeriftPeerFactory({ log: quietLog(), addresses: ['127.0.0.1'] });
  open = [];
});

afterEach(async () => {
  for (const one of open) await one.close();
  await factory.close();
  expect(factory.counts()).toMatchObject({ senders: 0, receivers: 0 });
});

test('nothing is asked of a STUN server and only our own addresses are candidates', async () => {
  const many = new WeriftPeerFactory({ log: quietLog(), addresses: ['127.0.0.1', '192.0.2.77'] });
  open.push(many);
  const client = openClient('recvonly');
  open.push(client);
  const startedAt = performance.now();
  const peer = await many.createReceiverPeer(await client.offer(), { closed: () => undefined });
  expect(performance.now() - startedAt).toBeLessThan(1000);
  const candidates = peer.answer.split('\r\n').filter((line) => line.startsWith('a=candidate'));
  expect(candidates.map((line) => line.split(' ')[4])).toEqual(['127.0.0.1', '192.0.2.77']);
  expect(candidates.every((line) => line.includes('typ host'))).toBe(true);
});

test.each([
  ['empty', ''],
  ['no SDP', 'hello'],
  ['only a version', 'v=0\r\n'],
  [
    'video only',
    'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 VP8/90000\r\n',
  ],
])('an offer that is %s is refused by name', async (_, offer) => {
  await expect(
    factory.createSenderPeer(offer, { packet: () => undefined, closed: () => undefined }),
  ).rejects.toMatchObject({
    name: 'OfferError',
    code: 'bad_offer',
  });
  expect(factory.counts()).toMatchObject({ senders: 0, refusedOffers: 1 });
});

test('an offer without Opus, without ICE or with the wrong direction is refused by name', async () => {
  const client = openClient('sendonly');
  open.push(client);
  const good = await client.offer();
  const refuse = async (offer: string): Promise<unknown> =>
    factory
      .createSenderPeer(offer, { packet: () => undefined, closed: () => undefined })
      .then(() => 'accepted')
      .catch((error: unknown) => (error instanceof OfferError ? `${error.code}: ${error.message}` : error));
  expect(await refuse(good.replaceAll(/opus/gi, 'PCMU'))).toMatch(/^no_opus: .*Opus/);
  expect(await refuse(good.replace(/a=ice-ufrag.*\r\n/, ''))).toMatch(/^bad_offer: .*ICE/);
  expect(await refuse(good.replace(/a=fingerprint.*\r\n/, ''))).toMatch(/^bad_offer: .*fingerprint/);
  expect(await refuse(good.replace('a=sendonly', 'a=recvonly'))).toMatch(/^bad_offer: .*sendonly/);
  expect(await refuse(good.replace('a=sendonly', 'a=sendonly\r\na=candidate:garbage in 0 every field'))).toBe(
    'accepted',
  );
});

test('data and video sections are refused in their places, audio is answered', async () => {
  const client = new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceServers: [], iceUseIpv6: false });
  open.push({ close: () => client.close() });
  client.addTransceiver('video', { direction: 'sendonly' });
  client.addTransceiver('audio', { direction: 'sendonly' });
  client.createDataChannel('chat');
  const offer = (await client.createOffer()).sdp;
  const peer = await factory.createSenderPeer(offer, { packet: () => undefined, closed: () => undefined });
  const sections = peer.answer.split('\r\n').filter((line) => line.startsWith('m='));
  expect(
    sections.map((line) =>
      line
        .split(' ')
        .slice(0, 2)
        .join(' ')
        .replace(/[1-9]\d*$/, 'open'),
    ),
  ).toEqual(['m=video 0', 'm=audio open', 'm=application 0']);
});

test('who speaks is asked for short packets, who listens for nothing', async () => {
  const lengthsIn = (answer: string): string[] => answer.split('\r\n').filter((line) => line.startsWith('a=ptime'));
  const [speaker, hearer] = [openClient('sendonly'), openClient('recvonly')];
  open.push(speaker, hearer);
  const closed = (): undefined => undefined;
  const sender = await factory.createSenderPeer(await speaker.offer(), { packet: () => undefined, closed });
  const receiver = await factory.createReceiverPeer(await hearer.offer(), { closed });
  expect(lengthsIn(sender.answer)).toEqual(['a=ptime:10']);
  expect(lengthsIn(receiver.answer)).toEqual([]);
});
