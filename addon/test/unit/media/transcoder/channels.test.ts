import { MessageChannel } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { Relay } from '../../../../src/media/relay.ts';
import { Channels } from '../../../../src/media/transcoder/channels.ts';
import type { AudioConsumer } from '../../../../src/media/transcoder/consumers.ts';
import { quietLog } from '../../../support/quiet-log.ts';

const BYTES_PER_MS = 96;
const HELD_UP_MS = 500;

test('a process that was held up puts out the talk that waits, not silence in its place', async () => {
  const relay = new Relay({ log: quietLog() });
  let talk: AudioConsumer | undefined;
  let dropped = 0;
  const channels = new Channels({
    relay,
    tickMs: 20,
    consume: () => (_stream, consumer) => {
      talk = consumer;
      return () => undefined;
    },
    onChunkDropped: () => (dropped += 1),
    onConsumerError: (error) => expect.unreachable(String(error)),
  });
  relay.start({ id: 'kitchen', name: 'Kitchen' });
  const heard: number[] = [];
  const leave = channels.add('latest', 'wav', { chunk: (bytes) => heard.push(bytes[0] ?? -1), ended: () => undefined });
  // As from the worker: what it said while nobody could listen.
  const { port1, port2 } = new MessageChannel();
  const told = new Promise((resolve) => {
    port1.on('message', (bytes: Uint8Array) => {
      talk?.chunk(Buffer.from(bytes));
      resolve(undefined);
    });
  });
  port2.postMessage(new Uint8Array(HELD_UP_MS * BYTES_PER_MS).fill(7));
  const until = performance.now() + HELD_UP_MS;
  while (performance.now() < until);
  await told;
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(heard[0]).toBe(7);
  expect(dropped).toBe(0);
  leave();
  channels.end();
  port1.close();
});
