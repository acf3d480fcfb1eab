/**
 * What one delivered packet may cost, in operations and not in seconds: a slow machine cannot fail it, and a change that
 * parses, clones, awaits or encrypts more than it must cannot pass. `npm run bench -- cpu` tells the time it takes.
 */
import { createCipheriv, hash } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { Stream } from '../../src/media/stream.ts';
import { WeriftPeerFactory } from '../../src/webrtc/werift-peer-factory.ts';
import { once } from '../support/once.ts';
import { countOperations } from '../support/operation-counter.ts';
import { quietLog } from '../support/quiet-log.ts';
import { openClient } from '../support/werift-client.ts';

const RECEIVERS = 3;
const PACKETS = 320;
const PAYLOAD_BYTES = 120;
/** RTP header with its mid, and the SRTP tag. */
const OVERHEAD_BYTES = 12 + 8 + 10;

const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

test('what is counted is what happens', () => {
  const [key, iv] = [Buffer.alloc(16), Buffer.alloc(12)];
  const spent = countOperations(() => {
    createCipheriv('aes-128-gcm', key, iv);
    hash('sha1', key);
    key.copy(Buffer.alloc(40), 3);
    void Promise.resolve().then(() => undefined);
    clearTimeout(setTimeout(() => undefined, 1000));
    process.nextTick(() => undefined);
  });
  expect(spent).toMatchObject({
    cryptoObjects: 1,
    hashes: 1,
    buffers: 1,
    bufferBytes: 40,
    copiedBytes: 16,
    timers: 1,
    putOff: 1,
  });
  expect(spent.promises).toBeGreaterThan(0);
  expect(countOperations(() => undefined)).toEqual({
    sends: 0,
    cryptoObjects: 0,
    hashes: 0,
    buffers: 0,
    bufferBytes: 0,
    copiedBytes: 0,
    promises: 0,
    timers: 0,
    putOff: 0,
  });
});

test('a packet costs one send and one Buffer per receiver; no cipher, no promise, no timer, no second copy', async () => {
  const factory = new WeriftPeerFactory({ log: quietLog(), addresses: ['127.0.0.1'] });
  let sentAtMs = 0;
  const stream = new Stream({ id: 'kitchen', name: 'Kitchen', now: () => sentAtMs });
  for (let n = 0; n < RECEIVERS; n += 1) {
    const client = openClient('recvonly');
    open.push(client);
    const offer = await client.offer();
    let connect!: (value: unknown) => void;
    const connected = once<unknown>((resolve) => (connect = resolve), 'connected');
    const peer = await factory.createReceiverPeer(offer, {
      closed: () => undefined,
      connected: () => connect(undefined),
    });
    await client.accept(peer.answer);
    await connected;
    for (const slot of peer.slots) stream.attach(slot);
  }
  open.push(factory);

  const payload = Buffer.alloc(PAYLOAD_BYTES, 7);
  let next = 65_400;
  const write = (count: number): void => {
    for (const end = next + count; next < end; next += 1, sentAtMs += 20) {
      const sequenceNumber = next & 0xffff;
      stream.write({ sequenceNumber, timestamp: next * 960, marker: false, payload, levelDbov: undefined });
    }
  };
  // The first packet makes what lasts: keys, header, keystream.
  write(1);
  const spent = countOperations(() => write(PACKETS));
  const delivered = PACKETS * RECEIVERS;
  expect(stream.packetsOut).toBe(delivered + RECEIVERS);
  const { sends, cryptoObjects, hashes, buffers, bufferBytes, copiedBytes, promises, timers, putOff } = spent;
  // Nothing put off: each packet leaves before the next is sealed, see datagram.ts.
  expect({ sends, cryptoObjects, promises, timers, putOff }).toEqual({
    sends: delivered,
    cryptoObjects: 0,
    promises: 0,
    timers: 0,
    putOff: 0,
  });
  expect(hashes / delivered).toBe(2);
  expect(buffers / delivered).toBeLessThanOrEqual(1.1);
  expect(bufferBytes / delivered).toBeLessThanOrEqual(PAYLOAD_BYTES + OVERHEAD_BYTES);
  // Two pads of HMAC and a header; the datagram is written where it stays.
  expect(copiedBytes / delivered).toBeLessThanOrEqual(160);
});
