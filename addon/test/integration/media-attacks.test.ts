/**
 * Attacks on the media port while one client talks and another hears, over real DTLS-SRTP on loopback: by strangers, by one
 * who forges the talker's address, by one who recorded it, and by joined clients with valid keys. After each attack every
 * packet of the next words is heard, and nothing else was.
 */
import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RtpHeader, RTCDtlsTransport } from 'werift';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Relay } from '../../src/media/relay.ts';
import type { Stream } from '../../src/media/stream.ts';
import { WeriftPeerFactory, type PeerCounts } from '../../src/webrtc/werift-peer-factory.ts';
import { isMedia, record, rtp } from '../support/datagrams.ts';
import { quietLog } from '../support/quiet-log.ts';
import { bindingRequest } from '../support/stun.ts';
import { bind, UdpProxy } from '../support/udp-proxy.ts';
import { openClient, type WeriftClient } from '../support/werift-client.ts';

interface Joined {
  client: WeriftClient;
  transport: RTCDtlsTransport;
  answer: string;
  port: number;
  proxy: UdpProxy;
}

/** Of each kind of attack. */
const FLOOD = 500;

let log: ReturnType<typeof quietLog>;
let factory: WeriftPeerFactory;
let relay: Relay;
let stream: Stream;
let talker: Joined;
let hearer: Joined;
let closed: string[];
let open: { close(): unknown }[];
let next: number;

beforeEach(async () => {
  log = quietLog();
  open = [];
  closed = [];
  next = 1000;
  factory = new WeriftPeerFactory({ log, addresses: ['127.0.0.1'] });
  relay = new Relay({ log: quietLog() });
  stream = relay.start({ id: 'kitchen', name: 'Kitchen' });
  [talker, hearer] = [await join('sendonly'), await join('recvonly')];
  await expectHeard();
});

afterEach(async () => {
  for (const one of open) await one.close();
  await factory.close();
});

async function join(direction: 'sendonly' | 'recvonly', voice = stream): Promise<Joined> {
  const client = openClient(direction);
  open.push(client);
  const offer = await client.offer();
  let connect!: () => void;
  const connected = new Promise<void>((resolve) => (connect = resolve));
  const events = { connected: () => connect(), closed: (reason: string) => void closed.push(reason) };
  let answer: string;
  if (direction === 'sendonly') {
    ({ answer } = await factory.createSenderPeer(offer, { ...events, packet: (packet) => voice.write(packet) }));
  } else {
    const peer = await factory.createReceiverPeer(offer, events);
    for (const slot of peer.slots) voice.attach(slot);
    ({ answer } = peer);
  }
  const port = Number(/ (\d+) typ host/.exec(answer)?.[1]);
  const proxy = await UdpProxy.open(port);
  open.push(proxy);
  await client.accept(answer.replaceAll(` ${port} typ host`, ` ${proxy.port} typ host`));
  await connected;
  return { client, transport: client.connection.dtlsTransports[0]!, answer, port, proxy };
}

/** The next words arrive whole, nobody was ended, and what was heard in all is what was said. */
async function expectHeard(): Promise<void> {
  const said = Array.from({ length: 20 }, () => next++);
  for (const sequenceNumber of said) await talker.client.send(sequenceNumber, undefined, liveTimestamp());
  await hearer.client.waitForHeard(20, ({ payload }) =>
    said.includes(Number(/^packet (\d+)$/.exec(String(payload))?.[1])),
  );
  expect(closed).toEqual([]);
}

async function expectRefused(kind: keyof PeerCounts, atLeast = FLOOD): Promise<void> {
  await expect.poll(() => factory.counts()[kind], { timeout: 10_000, interval: 10 }).toBeGreaterThanOrEqual(atLeast);
}

/** What is said is said now: the relay leaves out what comes late. */
const liveTimestamp = (): number => Math.floor(performance.now() * 48) >>> 0;

const foreign = (): string[] =>
  hearer.client.heard.map(({ payload }) => String(payload)).filter((text) => !/^packet \d+$/.test(text));

const clientHello = record(
  22,
  Buffer.concat([Buffer.from([1, 0, 0, 40, 0, 0, 0, 0, 0, 0, 0, 40]), Buffer.alloc(40, 254)]),
);
const fatalAlert = record(21, Buffer.from([2, 40]));
const closeNotify = record(21, Buffer.from([1, 0]));

/** As if encrypted: of the length of a real one, the second byte is that of some alert's description. */
function encryptedAlert(n: number): Buffer {
  return record(21, Buffer.concat([Buffer.from([1, n % 2 ? 0 : n % 100]), randomBytes(n % 3 ? 24 : 0)]), 1);
}

/** In portions that a socket's buffer takes. */
async function flood(count: number, send: (n: number) => void): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    send(n);
    if (n % 10 === 9) await nextTurn();
  }
}

const ssrcOf = ({ client }: Joined): number => client.connection.getTransceivers()[0]!.sender.ssrc;

describe('by strangers', () => {
  it('floods of checks, handshakes, alerts, media and noise change nothing that is heard', async () => {
    const stranger = await bind();
    open.push({ close: () => stranger.close() });
    let answered = 0;
    stranger.on('message', () => (answered += 1));
    const ufrag = /a=ice-ufrag:(\S+)/.exec(talker.answer)?.[1] ?? '';
    const ports = [talker.port, hearer.port];
    const both = (make: (n: number) => Buffer) => (n: number) => {
      for (const port of ports) stranger.send(make(n), port, '127.0.0.1');
    };
    await flood(
      FLOOD,
      both((n) => bindingRequest(n % 2 ? `${ufrag}:xxxx` : 'nobody:nobody', n % 3 ? 'wrong' : undefined)),
    );
    await expectRefused('unauthenticatedChecks', FLOOD);
    await expectHeard();
    for (const make of [
      () => clientHello,
      () => fatalAlert,
      () => closeNotify,
      (n: number) => rtp(next + n, ssrcOf(talker)),
      (n: number) => randomBytes(1 + (n % 1400)),
    ]) {
      const before = factory.counts().strangers;
      await flood(FLOOD, both(make));
      await expectRefused('strangers', before + FLOOD / 2);
      await expectHeard();
    }
    expect(answered).toBe(0);
    expect(foreign()).toEqual([]);
    expect(log.lines.length).toBeLessThanOrEqual(2);
  }, 60_000);
});

describe("in the talker's and the hearer's own addresses", () => {
  it('alerts, handshakes and noise', async () => {
    for (const { proxy } of [talker, hearer]) {
      await flood(FLOOD, (n) => proxy.sendToServer([fatalAlert, closeNotify, clientHello, encryptedAlert(n)][n % 4]!));
      await expectHeard();
      // All content types and handshake messages, of both epochs, with lengths that lie.
      await flood(FLOOD, (n) => {
        const body = Buffer.concat([
          Buffer.from([n % 25, 0, n % 3, 0, 0, n % 7, 0, 0, 0, 0, 255, n % 256]),
          randomBytes(n % 50),
        ]);
        proxy.sendToServer(record(20 + (n % 6), body, n % 2));
      });
      await expectHeard();
      await flood(FLOOD, (n) => proxy.sendToServer(randomBytes(n % 1400)));
      await expectHeard();
    }
    await expectRefused('plaintextAlerts');
    expect(foreign()).toEqual([]);
  }, 60_000);

  it('RTP of any SSRC, unsigned, torn and too long', async () => {
    const recorded: Buffer[] = [];
    talker.proxy.toServer = (data) => {
      if (isMedia(data)) recorded.push(Buffer.from(data));
      return data;
    };
    await expectHeard();
    talker.proxy.toServer = (data) => data;
    const one = recorded[0]!;
    await flood(FLOOD, (n) => talker.proxy.sendToServer(rtp(next + n * 131, n % 2 ? ssrcOf(talker) : n)));
    for (let bytes = 0; bytes < one.length; bytes += 1) talker.proxy.sendToServer(one.subarray(0, bytes));
    await flood(one.length * 8, (bit) => {
      const flipped = Buffer.from(one);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      talker.proxy.sendToServer(flipped);
    });
    for (let n = 0; n < 20; n += 1) talker.proxy.sendToServer(Buffer.concat([one, Buffer.alloc(2100 + n * 100)]));
    await expectRefused('forgedMedia');
    await expectRefused('oversized', 20);
    await expectHeard();
    expect(foreign()).toEqual([]);
  }, 60_000);
});

describe('by one who recorded', () => {
  it('what was said is not heard again, and does not silence the talker after the number wrapped', async () => {
    const recorded: Buffer[] = [];
    talker.proxy.toServer = (data) => {
      if (isMedia(data)) recorded.push(Buffer.from(data));
      return data;
    };
    next = 20_000;
    await expectHeard();
    next = 40_000;
    await expectHeard();
    next = 65_530;
    const said = hearer.client.heard.length;
    const beforeWrap = recorded.length;
    for (let n = 65_530; n < 65_550; n += 1) await talker.client.send(n & 0xffff, undefined, liveTimestamp());
    await hearer.client.waitForHeard(said + 20);
    next = 20;
    await expectHeard();
    const heard = hearer.client.heard.length;
    for (let round = 0; round < 5; round += 1) {
      // Each of before, and those of after the wrap in another order.
      for (const data of [...recorded.slice(0, beforeWrap), ...recorded.slice(beforeWrap).reverse()]) {
        talker.proxy.sendToServer(data);
        await nextTurn();
      }
      await expectHeard();
    }
    await expectRefused('replayedMedia', 5 * 40);
    expect(hearer.client.heard.length).toBe(heard + 5 * 20);
  }, 60_000);
});

describe('by a joined client with valid keys', () => {
  /** SRTCP of this plaintext. */
  async function sendRtcp({ transport }: Joined, plaintext: Buffer): Promise<void> {
    await transport.iceTransport.connection.send(transport.srtcp.encrypt(plaintext));
  }

  /** SRTP of a header that only looks like one. */
  async function sendRtp({ transport }: Joined, header: Buffer, payload: Buffer): Promise<void> {
    const posing = {
      sequenceNumber: header.readUInt16BE(2),
      ssrc: header.readUInt32BE(8),
      serializeSize: header.length,
      serialize: () => header,
    } as unknown as RtpHeader;
    await transport.iceTransport.connection.send(transport.srtp.encrypt(payload, posing));
  }

  function rtcp(type: number, count: number, body: Buffer, words = body.length / 4): Buffer {
    const header = Buffer.from([0x80 | count, type, 0, 0]);
    header.writeUInt16BE(words & 0xffff, 2);
    return Buffer.concat([header, body]);
  }

  it('reports of any type and length, goodbyes for others and absurd feedback end and hurt nobody', async () => {
    const heardSsrc = hearer.client.heard[0]!.ssrc;
    const ssrcs = Buffer.alloc(8);
    ssrcs.writeUInt32BE(heardSsrc, 0);
    ssrcs.writeUInt32BE(ssrcOf(talker), 4);
    const absurdFeedback = rtcp(205, 15, Buffer.concat([ssrcs, Buffer.from([0, 0, 255, 255]), Buffer.alloc(20, 0x3f)]));
    const attacks: Buffer[] = [
      rtcp(203, 2, ssrcs),
      Buffer.concat(Array.from({ length: 15 }, () => absurdFeedback)),
      rtcp(206, 15, Buffer.concat([ssrcs, Buffer.from('REMB'), Buffer.from([255, 255, 255, 255])])),
      rtcp(206, 1, ssrcs),
      rtcp(207, 0, Buffer.alloc(400, 255)),
    ];
    for (let n = 0; n < FLOOD; n += 1) {
      const body = Buffer.concat([ssrcs, randomBytes((n % 40) * 4)]);
      attacks.push(rtcp(200 + (n % 9), n % 32, body, n % 3 ? body.length / 4 : n * 97));
    }
    for (const who of [talker, hearer]) {
      const cpu = process.cpuUsage();
      for (const attack of attacks) {
        await sendRtcp(who, attack);
        await nextTurn();
      }
      await expectRefused('malformedRtcp', who === talker ? 100 : 200);
      await expectHeard();
      // Both ends are in this process; what absurd feedback costs werift's parser alone is seconds.
      const { user, system } = process.cpuUsage(cpu);
      expect((user + system) / 1e6).toBeLessThan(10);
    }
    expect(foreign()).toEqual([]);
  }, 60_000);

  it('a request for everything, again and again, is answered a few times', async () => {
    const heardSsrc = hearer.client.heard[0]!.ssrc;
    const first = hearer.client.heard[0]!.sequenceNumber;
    const requests = Buffer.alloc(8 + 400);
    requests.writeUInt32BE(heardSsrc, 4);
    for (let at = 8; at < requests.length; at += 4) {
      requests.writeUInt16BE(first, at);
      requests.writeUInt16BE(0xffff, at + 2);
    }
    let sent = 0;
    hearer.proxy.toClient = (data) => {
      if (isMedia(data) && data[1] === 111) sent += 1;
      return data;
    };
    for (let n = 0; n < 50; n += 1) await sendRtcp(hearer, rtcp(205, 1, requests));
    await expectHeard();
    // 17 packets, 100 times in each of 50 requests: 85,000 asked for.
    expect(sent).toBeGreaterThan(20);
    expect(sent).toBeLessThanOrEqual(20 + 17 * 5);
  }, 60_000);

  it('headers that lie, other sources without end, other codecs and sound that is none', async () => {
    const noise = relay.start({ id: 'abuser', name: 'Abuser' });
    const abuser = await join('sendonly', noise);
    const hearsNoise = await join('recvonly', noise);
    const ssrc = ssrcOf(abuser);
    for (let n = 0; n < FLOOD; n += 1) {
      // Version 2 with any of padding, extension and CSRCs, whose lengths are noise; sources of its own making.
      const header = Buffer.concat([rtp(n, 0x1000_0000 + n, Buffer.alloc(0)), randomBytes(n % 60)]);
      header[0] = 0x80 | (n % 64);
      await sendRtp(abuser, header, randomBytes(n % 30));
      await nextTurn();
      // An extension of 65535 words, which werift alone would read for minutes.
      await sendRtp(
        abuser,
        Buffer.concat([Buffer.from([0x90]), header.subarray(1, 12), absurdExtension]),
        randomBytes(30),
      );
    }
    await expectHeard();
    for (const payload of [Buffer.alloc(0), Buffer.alloc(1), randomBytes(1500)]) {
      await sendRtp(abuser, rtp(next, ssrc, Buffer.alloc(0)), payload);
      next += 1;
    }
    for (const payloadType of [0, 8, 13, 96, 110, 127]) {
      const header = rtp(next, ssrc, Buffer.alloc(0));
      header[1] = payloadType;
      await sendRtp(abuser, header, Buffer.from('no Opus'));
      next += 1;
    }
    await expectHeard();
    await expectRefused('malformed', FLOOD / 2);
    expect(foreign()).toEqual([]);
    expect(noise.packetsIn).toBeGreaterThan(3);
    expect(hearsNoise.client.heard.map(({ payload }) => String(payload))).not.toContain('no Opus');
  }, 60_000);
});

const absurdExtension = Buffer.from([0xbe, 0xde, 0xff, 0xff, 0x10, 0x01]);
