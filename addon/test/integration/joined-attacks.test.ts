/** What clients with valid keys, and many at once, can do to a talk of others: every packet of it is heard all the same. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Relay } from '../../src/media/relay.ts';
import type { Stream } from '../../src/media/stream.ts';
import { WeriftPeerFactory } from '../../src/webrtc/werift-peer-factory.ts';
import { rtp } from '../support/datagrams.ts';
import { quietLog } from '../support/quiet-log.ts';
import { bindingRequest } from '../support/stun.ts';
import { bind, UdpProxy } from '../support/udp-proxy.ts';
import { openClient, type WeriftClient } from '../support/werift-client.ts';

const MAX_PENDING_JOINS = 3;
const SILENCE_TIMEOUT_MS = 3_000;

interface Joined {
  client: WeriftClient;
  proxy: UdpProxy;
  offer: string;
  answer: string;
  port: number;
}

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
  const limits = { maxPendingJoins: MAX_PENDING_JOINS, silenceTimeoutMs: SILENCE_TIMEOUT_MS };
  factory = new WeriftPeerFactory({ log, addresses: ['127.0.0.1'], ...limits });
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
  return { client, proxy, offer, answer, port };
}

/** What is said is said now: the relay leaves out what comes late. */
const liveTimestamp = (): number => Math.floor(performance.now() * 48) >>> 0;

/** The next words arrive whole. */
async function expectHeard(by = hearer): Promise<void> {
  const said = Array.from({ length: 20 }, () => next++);
  for (const sequenceNumber of said) await talker.client.send(sequenceNumber, undefined, liveTimestamp());
  await by.client.waitForHeard(20, ({ payload }) => said.includes(Number(/^packet (\d+)$/.exec(String(payload))?.[1])));
}

test('a talker who speaks with twelve sources in turn, and with numbers full of holes, is no trouble to others', async () => {
  const noise = relay.start({ id: 'abuser', name: 'Abuser' });
  const abuser = await join('sendonly', noise);
  const [transport] = abuser.client.connection.dtlsTransports;
  const { srtp, iceTransport } = transport!;
  const say = async (ssrc: number, sequenceNumber: number): Promise<void> => {
    const header = rtp(sequenceNumber, ssrc, Buffer.alloc(0));
    const posing = { sequenceNumber, ssrc, serializeSize: header.length, serialize: () => header };
    await iceTransport.connection.send(srtp.encrypt(Buffer.from('noise'), posing as never));
  };
  let asked = 0;
  abuser.proxy.toClient = (data) => {
    asked += data.length;
    return data;
  };
  for (let n = 0; n < 100; n += 1) {
    for (let source = 0; source < 12; source += 1) await say(0x1000 + source, (source * 5000 + n) & 0xffff);
    await nextTurn();
    if (n % 25 === 24) await expectHeard();
  }
  expect(noise.packetsIn).toBeGreaterThan(1000);
  for (let n = 0; n < 1000; n += 1) {
    await say(0x2000, (n * 20) & 0xffff);
    if (n % 10 === 9) await nextTurn();
    if (n % 250 === 249) await expectHeard();
  }
  expect(noise.packetsIn).toBeGreaterThan(2000);
  // Each of 1000 packets leaves out 19 that are asked for once, in at most 7 words; the reports of seconds are in it.
  expect(asked).toBeLessThan(1000 * 150);
  expect(closed).toEqual([]);
}, 60_000);

test('who checks without end from hundreds of ports, with the right password, moves and slows nobody but itself', async () => {
  const abuser = await join('recvonly');
  const ufragOf = (sdp: string): string => /a=ice-ufrag:(\S+)/.exec(sdp)?.[1] ?? '';
  const username = `${ufragOf(abuser.answer)}:${ufragOf(abuser.offer)}`;
  const password = /a=ice-pwd:(\S+)/.exec(abuser.answer)?.[1] ?? '';
  let answered = 0;
  for (let round = 0; round < 10; round += 1) {
    const sockets = await Promise.all(Array.from({ length: 20 }, () => bind()));
    for (const socket of sockets) socket.on('message', () => (answered += 1));
    for (let n = 0; n < 200; n += 1) {
      sockets[n % sockets.length]!.send(bindingRequest(username, password, n % 2 === 0), abuser.port, '127.0.0.1');
      if (n % 10 === 9) await nextTurn();
    }
    await expectHeard();
    for (const socket of sockets) await new Promise<void>((resolve) => socket.close(resolve));
  }
  expect(answered).toBeGreaterThan(500);
  expect(closed).toEqual([]);
}, 60_000);

test('a crowd that vanishes without a word keeps nobody out meanwhile, and is gone in the end', async () => {
  const crowd: Joined[] = [];
  // More than may be joining at once.
  for (let n = 0; n < 2 * MAX_PENDING_JOINS; n += 1) crowd.push(await join('recvonly'));
  for (const { proxy } of crowd) proxy.toServer = proxy.toClient = () => null;
  const newcomer = await join('recvonly');
  await expectHeard(newcomer);
  await expect.poll(() => factory.counts().receivers, { timeout: 20_000, interval: 20 }).toBeLessThanOrEqual(2);
  expect(factory.counts().receivers).toBe(2);
  expect(closed).toEqual(crowd.map(() => `nothing heard for ${SILENCE_TIMEOUT_MS} ms`));
  await expectHeard();
}, 60_000);
