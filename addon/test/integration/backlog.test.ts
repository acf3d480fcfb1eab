/** After the way of a speaker stood still, its listeners hear live sound, not what was said meanwhile. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Relay } from '../../src/media/relay.ts';
import type { AudioPacket } from '../../src/media/audio-packet.ts';
import { WeriftPeerFactory } from '../../src/webrtc/werift-peer-factory.ts';
import { quietLog } from '../support/quiet-log.ts';
import { UdpProxy } from '../support/udp-proxy.ts';
import { openClient } from '../support/werift-client.ts';

const FRAME_MS = 20;
const HELD_MS = 2000;
/** What may still be heard of it. */
const MAX_OLD_MS = 500;

let relay: Relay;
let factory: WeriftPeerFactory;
let open: { close(): unknown }[];

beforeEach(() => {
  relay = new Relay({ log: quietLog() });
  factory = new WeriftPeerFactory({ log: quietLog(), addresses: ['127.0.0.1'] });
  open = [];
});

afterEach(async () => {
  for (const one of open) await one.close();
  await factory.close();
});

test('what a network held back for seconds goes to recordings, not to receivers, whose numbers go on by one', async () => {
  const stream = relay.start({ id: 'kitchen', name: 'Kitchen' });
  const recorded: AudioPacket[] = [];
  stream.attach({
    takesBacklog: true,
    attached: () => undefined,
    write: (packet) => recorded.push(packet),
    detached: () => undefined,
  });

  const listener = openClient('recvonly');
  let connect!: () => void;
  const connected = new Promise<void>((resolve) => (connect = resolve));
  const receiver = await factory.createReceiverPeer(await listener.offer(), {
    closed: () => undefined,
    connected: () => connect(),
  });
  for (const slot of receiver.slots) stream.attach(slot);
  await listener.accept(receiver.answer);
  await connected;

  const speaker = openClient('sendonly');
  open.push(listener, speaker);
  const sender = await factory.createSenderPeer(await speaker.offer(), {
    closed: () => undefined,
    packet: (packet) => stream.write(packet),
  });
  const port = / (\d+) typ host/.exec(sender.answer)![1]!;
  const proxy = await UdpProxy.open(Number(port));
  open.push(proxy);
  await speaker.accept(sender.answer.replaceAll(` ${port} typ host`, ` ${proxy.port} typ host`));

  const held: Buffer[] = [];
  let next = 0;
  /** At its pace or slower, if the machine is busy, never in a hurry. */
  const speak = async (ms: number): Promise<void> => {
    for (const end = next + ms / FRAME_MS; next < end; next += 1) {
      await delay(FRAME_MS);
      await speaker.send(next);
    }
  };
  await speak(400);
  await expect.poll(() => recorded.length).toBe(next);
  const firstHeld = next;
  proxy.toServer = (data) => {
    if (!isRtp(data)) return data;
    held.push(data);
    return null;
  };
  await speak(HELD_MS);
  await expect.poll(() => held.length).toBe(next - firstHeld);
  proxy.toServer = (data) => data;
  for (const data of held) proxy.sendToServer(data);
  const firstLive = next;
  await speak(400);
  await expect.poll(() => recorded.length).toBe(next);

  const heard = await listener.waitForHeard(1, ({ payload }) => payload.toString() === `packet ${next - 1}`);
  expect(heard).toHaveLength(1);
  const numbers = listener.heard.map(({ payload }) => Number(payload.toString().slice('packet '.length)));
  const old = numbers.filter((n) => n >= firstHeld && n < firstLive);
  expect(old.length * FRAME_MS).toBeLessThan(MAX_OLD_MS);
  // Those that come on the heels of the backlog count as a part of it: some, on a busy machine.
  const live = numbers.filter((n) => n >= firstLive);
  expect(live.length).toBeGreaterThan((next - firstLive) / 2);
  const [first] = listener.heard;
  expect(listener.heard.map(({ sequenceNumber }) => (sequenceNumber - first!.sequenceNumber) & 0xffff)).toEqual(
    numbers.map((_, index) => index),
  );
  // None looks late: each has the time at which it was spoken.
  expect(listener.heard.map(({ timestamp }) => ((timestamp - first!.timestamp) >>> 0) / 960)).toEqual(
    numbers.map((n) => n - numbers[0]!),
  );
  expect(stream.packetsStale).toBe(next - numbers.length);
});

/** RFC 7983 and RFC 5761 4: neither STUN, DTLS nor RTCP. */
function isRtp(data: Buffer): boolean {
  const type = data[1]! & 0x7f;
  return data[0]! >> 6 === 2 && (type < 64 || type > 95);
}
