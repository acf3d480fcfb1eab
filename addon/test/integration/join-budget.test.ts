/** What a join leaves behind when the client has gone again: nothing. `npm run bench -- joins` does ten thousand. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { Stream } from '../../src/media/stream.ts';
import { WeriftPeerFactory } from '../../src/webrtc/werift-peer-factory.ts';
import { once } from '../support/once.ts';
import { packetOf } from '../fakes/fake-sink.ts';
import { quietLog } from '../support/quiet-log.ts';
import { openClient } from '../support/werift-client.ts';

const JOINS = 6;
/** werift's handshake timers sleep a second before they see that they are not needed; ours that are forgotten live for 15. */
const SETTLE_MS = 10_000;

const factory = new WeriftPeerFactory({ log: quietLog(), addresses: ['127.0.0.1'] });
const sender = new Stream({ id: 'kitchen', name: 'Kitchen' });

afterEach(() => factory.close());

/** Joins, is sent to, leaves; gives back what would keep the peer alive if anything does. */
async function joinAndLeave(direction: 'sendonly' | 'recvonly'): Promise<WeakRef<object>> {
  const client = openClient(direction);
  const offer = await client.offer();
  let connect!: (value: unknown) => void;
  const connected = once<unknown>((resolve) => (connect = resolve), 'connected');
  const events = { closed: () => undefined, connected: () => connect(undefined), packet: () => undefined };
  if (direction === 'sendonly') {
    const peer = await factory.createSenderPeer(offer, events);
    await Promise.all([client.accept(peer.answer), connected]);
    await client.close();
    await peer.close();
    return new WeakRef(peer);
  }
  const peer = await factory.createReceiverPeer(offer, events);
  const [slot] = peer.slots;
  sender.attach(slot!);
  await Promise.all([client.accept(peer.answer), connected]);
  for (let n = 0; n < 3; n += 1) sender.write(packetOf(n));
  await client.close();
  await peer.close();
  sender.detach(slot!);
  return new WeakRef(peer);
}

interface Left {
  sockets: number;
  timers: number;
  listeners: number;
}

function left(): Left {
  const open = process.getActiveResourcesInfo();
  const listeners = process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
  return {
    sockets: open.filter((name) => name === 'UDPWrap').length,
    timers: open.filter((name) => name === 'Timeout').length,
    listeners,
  };
}

/** No timer is pending while it checks, as there is in Vitest's own `waitFor`. */
async function settle(check: () => void): Promise<void> {
  for (let waitedMs = 0; waitedMs < SETTLE_MS; waitedMs += 100) {
    try {
      check();
      return;
    } catch {
      await delay(100);
    }
  }
  check();
}

test('joins leave no socket, no timer, no listener and no peer behind', { timeout: 60_000 }, async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const before = left();
  const peers: WeakRef<object>[] = [];
  for (let n = 0; n < JOINS; n += 1) peers.push(await joinAndLeave(n % 2 === 0 ? 'recvonly' : 'sendonly'));
  expect(factory.counts()).toMatchObject({ senders: 0, receivers: 0, refusedOffers: 0 });
  expect(sender.sinkCount).toBe(0);
  await settle(() => {
    const after = left();
    expect(after.sockets).toBeLessThanOrEqual(before.sockets);
    expect(after.timers).toBeLessThanOrEqual(before.timers);
    expect(after.listeners).toBeLessThanOrEqual(before.listeners);
  });
  await settle(() => {
    collectGarbage();
    // The last may still be known to a frame of this test.
    expect(peers.filter((peer) => peer.deref() !== undefined).length).toBeLessThanOrEqual(1);
  });
});
