/** What other programs send and expect, where it differs from browsers: their offers, our answers, their first datagrams. */
import { parse } from 'sdp-transform';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RtcpReceiverInfo, RtcpRrPacket } from 'werift';
import { WeriftPeerFactory } from '../../src/webrtc/werift-peer-factory.ts';
import { AIORTC, FFMPEG, GO2RTC, GSTREAMER, OBS } from '../support/foreign-offers.ts';
import { quietLog } from '../support/quiet-log.ts';
import { bindingRequest } from '../support/stun.ts';
import { bind } from '../support/udp-proxy.ts';
import { openClient } from '../support/werift-client.ts';

let factory: WeriftPeerFactory;

beforeEach(() => {
  factory = new WeriftPeerFactory({ log: quietLog(), addresses: ['127.0.0.1'] });
});

afterEach(() => factory.close());

const sender = (offer: string) => factory.createSenderPeer(offer, { packet: () => undefined, closed: () => undefined });
const receiver = (offer: string) => factory.createReceiverPeer(offer, { closed: () => undefined });

/** Sections of an answer, in a line each. */
function sectionsOf(answer: string): string[] {
  return parse(answer).media.map((media) =>
    [media.mid, media.type, media.port === 0 ? 'refused' : media.direction, media.payloads, media.setup].join(' '),
  );
}

test.each([
  ['OBS', OBS, sender, ['0 audio recvonly 111 passive', '1 video refused 0 passive']],
  ['FFmpeg', FFMPEG, sender, ['0 audio recvonly 111 active']],
  ['aiortc', AIORTC, sender, ['0 audio recvonly 96 passive']],
  ['aiortc', AIORTC, receiver, ['0 audio sendonly 96 passive']],
  ['GStreamer', GSTREAMER, receiver, ['audio0 audio sendonly 96 passive', 'video1 video refused 0 passive']],
  ['go2rtc', GO2RTC, receiver, ['0 video refused 0 passive', '1 audio sendonly 111 passive']],
])('the offer of %s is answered, section by section', async (_name, offer, open, sections) => {
  const { answer } = await open(offer);
  expect(sectionsOf(answer)).toEqual(sections);
  const carried = sections.find((section) => section.includes('audio'))?.split(' ')[0];
  expect(answer.split('\r\n')).toContain(`a=group:BUNDLE ${carried}`);
});

test.each([
  ['OBS', OBS, sender],
  ['GStreamer', GSTREAMER, receiver],
  ['go2rtc', GO2RTC, receiver],
])('every number in the answer to %s names a codec, and a refused section has a transport', async (_, offer, open) => {
  const { media } = parse((await open(offer)).answer);
  const audio = media.find(({ type }) => type === 'audio');
  for (const { port, payloads, rtp, iceUfrag, icePwd, fingerprint, setup } of media) {
    // pion takes a 0 for nothing and fails on any other number without an rtpmap.
    expect(String(payloads)).toBe(port === 0 ? '0' : rtp.map((codec) => codec.payload).join(' '));
    // webrtcbin fails without.
    expect({ iceUfrag, icePwd, fingerprint, setup }).toEqual({
      iceUfrag: audio?.iceUfrag ?? 'some',
      icePwd: audio?.icePwd ?? 'some',
      fingerprint: audio?.fingerprint ?? 'some',
      setup: 'passive',
    });
  }
});

test('a client that begins DTLS before it nominates, as libdatachannel (OBS) does, is answered at once', async () => {
  const { answer } = await sender(OBS);
  const password = /a=ice-pwd:(\S+)/.exec(answer)?.[1];
  const username = [answer, OBS].map((sdp) => /a=ice-ufrag:(\S+)/.exec(sdp)?.[1]).join(':');
  const port = Number(/ (\d+) typ host/.exec(answer)?.[1]);
  const socket = await bind();
  try {
    const heard: number[] = [];
    socket.on('message', (data) => heard.push(data[0] ?? -1));
    socket.send(bindingRequest(username, password, false), port, '127.0.0.1');
    await expect.poll(() => heard).toEqual([STUN]);
    // Once: the next one would come a second later.
    socket.send(clientHello(), port, '127.0.0.1');
    socket.send(bindingRequest(username, password), port, '127.0.0.1');
    await expect.poll(() => heard).toEqual([STUN, STUN, DTLS_HANDSHAKE]);
    expect(factory.counts().strangers).toBe(0);
  } finally {
    socket.close();
  }
});

test('a client that counts duplicates reports a negative loss, which is none', async () => {
  const client = openClient('recvonly');
  try {
    const peer = await receiver(await client.offer());
    await client.accept(peer.answer);
    const ssrc = Number(/a=ssrc:(\d+)/.exec(peer.answer)?.[1]);
    const report = async (packetsLost: number): Promise<void> => {
      const info = { ssrc, fractionLost: 0, packetsLost, highestSequence: 1, jitter: 0, lsr: 0, dlsr: 0 };
      const [transport] = client.connection.dtlsTransports;
      await transport?.sendRtcp([new RtcpRrPacket({ ssrc: 1, reports: [new RtcpReceiverInfo(info)] })]);
    };
    await report(5);
    await expect.poll(() => peer.stats().packetsLost).toBe(5);
    await report(0xffffff);
    await expect.poll(() => peer.stats().packetsLost).toBe(0);
  } finally {
    await client.close();
  }
});

/** First bytes of a STUN response and of a DTLS handshake record. */
const STUN = 1;
const DTLS_HANDSHAKE = 22;

/** RFC 6347 4.2: without a cookie, so that a hello verify request answers it; one suite, one curve (x25519). */
function clientHello(): Buffer {
  const suiteAndCompression = [0, 0, 0, 2, 0xc0, 0x2b, 1, 0];
  const curves = [0, 8, 0, 10, 0, 4, 0, 2, 0, 0x1d];
  const body = Buffer.from([254, 253, ...Buffer.alloc(32, 7), ...suiteAndCompression, ...curves]);
  const handshake = [1, 0, 0, body.length, 0, 0, 0, 0, 0, 0, 0, body.length, ...body];
  return Buffer.from([DTLS_HANDSHAKE, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, handshake.length, ...handshake]);
}
