/** One datagram that ends a voice or the whole server: what werift 0.25.2 makes of lies in DTLS records and RTP headers. */
import type { Socket } from 'node:dgram';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Relay } from '../../src/media/relay.ts';
import type { Stream } from '../../src/media/stream.ts';
import { openConnection } from '../../src/webrtc/peer-connection.ts';
import { WeriftPeerFactory } from '../../src/webrtc/werift-peer-factory.ts';
import { quietLog } from '../support/quiet-log.ts';
import { bindingRequest } from '../support/stun.ts';
import { bind, UdpProxy } from '../support/udp-proxy.ts';
import { openClient, type WeriftClient } from '../support/werift-client.ts';

let factory: WeriftPeerFactory;
let relay: Relay;
let client: WeriftClient;
let open: { close(): unknown }[];

beforeEach(() => {
  factory = new WeriftPeerFactory({ log: quietLog(), addresses: ['127.0.0.1'] });
  relay = new Relay({ log: quietLog() });
  client = openClient('recvonly');
  open = [];
});

afterEach(async () => {
  await client.close();
  for (const each of open) await each.close();
  await factory.close();
});

/** A receiver that hears the stream through a proxy, which can say anything in its name. */
async function receiver(): Promise<{ proxy: UdpProxy; stream: Stream; ended: string[] }> {
  const stream = relay.start({ id: 'kitchen', name: 'Kitchen' });
  const ended: string[] = [];
  const peer = await factory.createReceiverPeer(await client.offer(), { closed: (reason) => ended.push(reason) });
  for (const slot of peer.slots) stream.attach(slot);
  const port = / (\d+) typ host/.exec(peer.answer)?.[1] ?? '';
  const proxy = await UdpProxy.open(Number(port));
  open.push(proxy);
  await client.accept(peer.answer.replaceAll(` ${port} typ host`, ` ${proxy.port} typ host`));
  return { proxy, stream, ended };
}

const say = (stream: Stream, sequenceNumber: number): void =>
  stream.write({
    sequenceNumber,
    timestamp: sequenceNumber * 960,
    marker: false,
    payload: Buffer.from('voice'),
    levelDbov: undefined,
  });

function record(type: number, epoch: number, ...body: number[]): Buffer {
  return Buffer.from([type, 254, 253, epoch >> 8, epoch & 0xff, 0, 0, 0, 0, 0, 9, 0, body.length, ...body]);
}

test.each<[string, Buffer]>([
  ['a record of no known type', record(37, 1)],
  ['an alert of the right epoch that nobody encrypted', record(21, 1, 1, 0)],
  ['the same, as long as an encrypted one', record(21, 1, 1, 0, ...Array<number>(24).fill(7))],
  ['a truncated record', record(23, 1).subarray(0, 6)],
  ['a record that claims more than there is', record(22, 1, 1, 2, 3).subarray(0, 15)],
])('%s does not end a receiver', async (_, forged) => {
  const { proxy, stream, ended } = await receiver();
  say(stream, 1);
  await client.waitForHeard(1);
  proxy.sendToServer(forged);
  await expect.poll(() => factory.counts().plaintextAlerts, { timeout: 10_000 }).toBeGreaterThan(0);
  say(stream, 2);
  await client.waitForHeard(2);
  expect(ended).toEqual([]);
});

test('the alert of the client itself, which decrypts, ends it at once', async () => {
  const { proxy, stream, ended } = await receiver();
  say(stream, 1);
  await client.waitForHeard(1);
  const recordLayerHeader = {
    contentType: 21,
    protocolVersion: { major: 254, minor: 253 },
    epoch: 1,
    sequenceNumber: 9,
  };
  const { dtls } = client.connection.dtlsTransports[0] as unknown as {
    dtls: { cipher: { encryptPacket: (record: object) => { fragment: Buffer } } };
  };
  const closeNotify = dtls.cipher.encryptPacket({ recordLayerHeader, fragment: Buffer.from([1, 0]) });
  proxy.sendToServer(record(21, 1, ...closeNotify.fragment));
  await expect.poll(() => ended, { timeout: 10_000 }).toEqual(['closed by the client']);
});

test('RTP whose header extension claims 256 KiB is dropped unread', async () => {
  const { proxy, stream } = await receiver();
  say(stream, 1);
  await client.waitForHeard(1);
  const lie = Buffer.concat([
    Buffer.from([0x90, 111, 0, 1, 0, 0, 3, 192, 0, 0, 0, 7, 0xbe, 0xde, 0xff, 0xff]),
    Buffer.alloc(40, 0x10),
  ]);
  const before = process.cpuUsage();
  proxy.sendToServer(lie);
  await expect.poll(() => factory.counts().malformed, { timeout: 10_000 }).toBe(1);
  say(stream, 2);
  await client.waitForHeard(2);
  // Read to its end it costs half a minute.
  expect(process.cpuUsage(before).user / 1_000).toBeLessThan(5_000);
});

test('truncated DTLS before the handshake is over ends nothing', async () => {
  const offer = await client.offer();
  const { connection, transport } = await openConnection(offer, 'receives', 1, { addresses: ['127.0.0.1'] });
  open.push(connection);
  const { localUsername, localPassword } = transport.iceTransport.connection;
  const socket: Socket = await bind();
  open.push({ close: () => socket.close() });
  const { protocols } = transport.iceTransport.connection as unknown as {
    protocols: { transport: { onData: (data: Buffer, address: [string, number]) => void } }[];
  };
  const arrives = (data: Buffer): void => protocols[0]!.transport.onData(data, ['127.0.0.1', socket.address().port]);
  arrives(bindingRequest(`${localUsername}:${/a=ice-ufrag:(\S+)/.exec(offer)?.[1] ?? ''}`, localPassword));
  await expect.poll(() => transport.dtls, { timeout: 10_000 }).toBeDefined();
  for (const type of [20, 21, 22, 23]) {
    const whole = record(type, 0, 1, 2, 3, 4);
    for (let bytes = 1; bytes < whole.length; bytes += 1) expect(() => arrives(whole.subarray(0, bytes))).not.toThrow();
  }
});
