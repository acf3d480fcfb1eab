/**
 * Whoever can change packets on the way, or knows a client's certificate, against the proof of its key in DTLS: with the right
 * fingerprint and another key, from both roles, and with keys put under a handshake that another end has signed.
 */
import { createECDH, randomBytes } from 'node:crypto';
import { generate } from 'selfsigned';
import { RTCCertificate, type RTCDtlsTransport } from 'werift';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AudioPacket } from '../../src/media/audio-packet.ts';
import { isDtls } from '../../src/webrtc/dtls-records.ts';
import { isKeyProved } from '../../src/webrtc/key-proof.ts';
import { openConnection } from '../../src/webrtc/peer-connection.ts';
import { WeriftPeerFactory } from '../../src/webrtc/werift-peer-factory.ts';
import { once } from '../support/once.ts';
import { quietLog, type QuietLog } from '../support/quiet-log.ts';
import { UdpProxy } from '../support/udp-proxy.ts';
import { openClient, type WeriftClient } from '../support/werift-client.ts';

/** Numbers of RFC 5246. */
const CLIENT_KEY_EXCHANGE = 16;
const SERVER_KEY_EXCHANGE = 12;
const CERTIFICATE_VERIFY = 15;
const FINISHED = 20;
const HANDSHAKE = 22;
const SHA256 = 4;

type Role = 'client' | 'server';

let log: QuietLog;
let factory: WeriftPeerFactory;
let open: { close(): unknown }[];

beforeEach(() => {
  log = quietLog();
  factory = new WeriftPeerFactory({ log, addresses: ['127.0.0.1'] });
  open = [];
});

afterEach(async () => {
  for (const each of open) await each.close();
  await factory.close();
});

async function makePair(kind: 'ec' | 'rsa'): Promise<{ cert: string; private: string }> {
  return generate([{ name: 'commonName', value: 'WebRTC' }], { keyType: kind, algorithm: 'sha256' });
}

/** With this certificate, signing by this key. */
function certificateOf(cert: string, key: string, kind: 'ec' | 'rsa'): RTCCertificate {
  return new RTCCertificate(key, cert, { hash: SHA256, signature: kind === 'ec' ? 3 : 1 });
}

interface Joined {
  client: WeriftClient;
  proxy: UdpProxy;
  /** What became of the peer: `connected`, or why it was closed. */
  outcome: Promise<string>;
  heard: AudioPacket[];
}

/** A client that speaks, through a proxy; `role` is the client's in DTLS. */
async function join(
  certificate: RTCCertificate | undefined,
  role: Role = 'client',
  meddle?: (proxy: UdpProxy) => void,
): Promise<Joined> {
  const client = openClient('sendonly', { certificate });
  open.push(client);
  let offer = await client.offer();
  if (role === 'server') {
    client.connection.dtlsTransports[0]!.role = 'server';
    offer = offer.replaceAll('a=setup:actpass', 'a=setup:passive');
  }
  const heard: AudioPacket[] = [];
  let settle!: (what: string) => void;
  const outcome = once<string>((resolve) => (settle = resolve), 'an outcome');
  const peer = await factory.createSenderPeer(offer, {
    connected: () => settle('connected'),
    closed: (reason) => settle(reason),
    packet: (packet) => heard.push(packet),
  });
  const port = / (\d+) typ host/.exec(peer.answer)?.[1] ?? '';
  const proxy = await UdpProxy.open(Number(port));
  open.push(proxy);
  meddle?.(proxy);
  client.accept(peer.answer.replaceAll(` ${port} typ host`, ` ${proxy.port} typ host`)).catch(() => undefined);
  return { client, proxy, outcome, heard };
}

async function expectRefused({ outcome, heard, client }: Joined): Promise<void> {
  expect(await outcome).toBe('DTLS failed');
  await client.send(1).catch(() => undefined);
  await expect.poll(() => factory.counts(), { timeout: 10_000 }).toMatchObject({ senders: 0, unprovenKeys: 1 });
  expect(log.lines.filter((line) => line.includes('did not prove'))).toHaveLength(1);
  expect(heard).toEqual([]);
}

describe('who holds the key of its certificate', () => {
  it.each<[Role, 'ec' | 'rsa']>([
    ['client', 'ec'],
    ['client', 'rsa'],
    ['server', 'ec'],
  ])('as DTLS %s, %s: is in, and heard', async (role, kind) => {
    const pair = await makePair(kind);
    const { client, outcome, heard } = await join(certificateOf(pair.cert, pair.private, kind), role);
    expect(await outcome).toBe('connected');
    await expect.poll(() => client.connection.dtlsTransports[0]?.state, { timeout: 10_000 }).toBe('connected');
    await client.send(1);
    await expect.poll(() => heard.length, { timeout: 10_000 }).toBe(1);
    expect(factory.counts()).toMatchObject({ unprovenKeys: 0 });
  });
});

describe('who shows a certificate and holds another key', () => {
  it.each<[Role, 'ec' | 'rsa']>([
    ['client', 'ec'],
    ['client', 'rsa'],
    ['server', 'ec'],
  ])('as DTLS %s, %s: is closed before any packet, counted, told once', async (role, kind) => {
    const [shown, own] = [await makePair(kind), await makePair(kind)];
    await expectRefused(await join(certificateOf(shown.cert, own.private, kind), role));
  });

  it('also who signs by a key of another kind than the certificate names', async () => {
    const [shown, own] = [await makePair('ec'), await makePair('rsa')];
    await expectRefused(await join(certificateOf(shown.cert, own.private, 'rsa')));
  });
});

describe('who sits in between', () => {
  const handshakeType = (data: Buffer): number | undefined =>
    isDtls(data) && data[0] === HANDSHAKE && data.readUInt16BE(3) === 0 ? data[13] : undefined;

  /** A key of whoever sits there, where the client's stood. */
  function withOwnKey(data: Buffer): Buffer {
    const forged = Buffer.from(data);
    const key = forged.subarray(26);
    const ecdh = createECDH('prime256v1');
    (key.length === 65 ? ecdh.generateKeys() : randomBytes(key.length)).copy(key);
    return forged;
  }

  /** Nothing in it is encrypted, and werift takes it all the same. */
  function finished(): Buffer {
    const header = Buffer.from([HANDSHAKE, 254, 253, 0, 0, 0, 0, 0, 0, 0, 99, 0, 24]);
    return Buffer.concat([header, Buffer.from([FINISHED, 0, 0, 12, 0, 5, 0, 0, 0, 0, 0, 12]), randomBytes(12)]);
  }

  it('puts keys of its own under what the client signed: is closed', async () => {
    const seen: number[] = [];
    const joined = await join(undefined, 'client', (proxy) => {
      proxy.toServer = (data) => {
        const type = handshakeType(data);
        if (type !== undefined) seen.push(type);
        if (type === CLIENT_KEY_EXCHANGE) {
          proxy.sendToServer(data);
          proxy.sendToServer(withOwnKey(data));
          return null;
        }
        if (type === CERTIFICATE_VERIFY) {
          proxy.sendToServer(data);
          proxy.sendToServer(finished());
          return null;
        }
        // What the client itself encrypts is of no use any more.
        return isDtls(data) && data.readUInt16BE(3) > 0 ? null : data;
      };
    });
    await expectRefused(joined);
    expect(seen).toEqual(expect.arrayContaining([CLIENT_KEY_EXCHANGE, CERTIFICATE_VERIFY]));
  });

  it('exchanges the keys and cannot sign: is closed', async () => {
    const joined = await join(undefined, 'client', (proxy) => {
      proxy.toServer = (data) => {
        const type = handshakeType(data);
        if (type === CLIENT_KEY_EXCHANGE) return withOwnKey(data);
        if (type === CERTIFICATE_VERIFY) {
          proxy.sendToServer(data);
          proxy.sendToServer(finished());
          return null;
        }
        return isDtls(data) && data.readUInt16BE(3) > 0 ? null : data;
      };
    });
    await expectRefused(joined);
  });
});

/** Of a handshake that is done: each byte of it changed, each message left out. */
it.each<Role>(['client', 'server'])('every byte counts of what a %s has signed', async (role) => {
  const client = openClient('sendonly');
  open.push(client);
  let offer = await client.offer();
  if (role === 'server') {
    client.connection.dtlsTransports[0]!.role = 'server';
    offer = offer.replaceAll('a=setup:actpass', 'a=setup:passive');
  }
  const { connection, transport, answer } = await openConnection(offer, 'sends', 1, { addresses: ['127.0.0.1'] });
  open.push(connection);
  await client.accept(answer);
  await expect.poll(() => transport.state, { timeout: 10_000 }).toBe('connected');
  expect(isKeyProved(transport)).toBe(true);
  const { dtls, cipher } = internalsOf(transport);
  const flights = Object.values(dtls.handshakeCache);
  // A client signs all before its proof, a server its key exchange with both randoms. Of certificates there is the fingerprint.
  const isSigned = ({ msg_type }: Message): boolean =>
    role === 'client' ? msg_type !== FINISHED : msg_type === SERVER_KEY_EXCHANGE;
  const theirs = dtls.handshakeCache[role === 'client' ? 5 : 4]!.data;
  const signed = (role === 'client' ? flights.flatMap(({ data }) => data) : theirs).filter(isSigned);
  const random = role === 'server' ? [cipher.remoteRandom.random_bytes] : [];
  const bytes = [...signed.map(({ fragment }) => fragment), ...random];
  let changed = 0;
  for (const buffer of bytes) {
    for (let at = 0; at < buffer.length; at += 1) {
      buffer[at]! ^= 1;
      expect(isKeyProved(transport), `byte ${at} of ${buffer.length}`).toBe(false);
      buffer[at]! ^= 1;
      changed += 1;
    }
  }
  expect(changed).toBeGreaterThan(100);
  for (const flight of flights) {
    const all = flight.data;
    for (const message of all.filter((each) => signed.includes(each))) {
      flight.data = all.filter((each) => each !== message);
      expect(isKeyProved(transport), `without message ${message.msg_type}`).toBe(false);
    }
    flight.data = all;
  }
  expect(isKeyProved(transport)).toBe(true);
});

interface Message {
  msg_type: number;
  fragment: Buffer;
}

interface Internals {
  dtls: { handshakeCache: Record<number, { data: Message[] }> };
  cipher: { remoteRandom: { random_bytes: Buffer } };
}

function internalsOf(transport: RTCDtlsTransport): Internals {
  return transport.dtls as unknown as Internals;
}
