import { expect, test } from 'vitest';
import { Relay, RelayFullError, StreamBusyError } from '../../../src/media/relay.ts';
import { quietLog } from '../../support/quiet-log.ts';

test('latest is the newest that is not private, and falls back', () => {
  const relay = new Relay({ log: quietLog() });
  const kitchen = relay.start({ id: 'kitchen', name: 'Kitchen' });
  const hall = relay.start({ id: 'hall', name: 'Hall' });
  const secret = relay.start({ id: 'secret', name: 'Secret', private: true });
  expect(relay.latest).toBe(hall);
  expect(relay.live).toEqual([kitchen, hall, secret]);
  relay.end(hall, 'stopped');
  expect(relay.latest).toBe(kitchen);
  relay.end(kitchen, 'stopped');
  expect(relay.latest).toBeUndefined();
  expect(relay.get('secret')).toBe(secret);
});

test('an id is live once, and free again after its end', () => {
  const relay = new Relay({ log: quietLog() });
  const first = relay.start({ id: 'kitchen', name: 'Kitchen' });
  expect(() => relay.start({ id: 'kitchen', name: 'Another' })).toThrow(StreamBusyError);
  relay.end(first, 'stopped');
  const second = relay.start({ id: 'kitchen', name: 'Kitchen' });
  relay.end(first, 'stopped');
  expect(relay.get('kitchen')).toBe(second);
  expect(second.talkId).not.toBe(first.talkId);
});

test('there are no more than maxStreams', () => {
  const relay = new Relay({ log: quietLog(), maxStreams: 1 });
  relay.start({ id: 'kitchen', name: 'Kitchen' });
  expect(() => relay.start({ id: 'hall', name: 'Hall' })).toThrow(RelayFullError);
});

test('starts and ends are told to all, whatever one of them throws', async () => {
  const log = quietLog();
  const relay = new Relay({ log });
  const heard: string[] = [];
  relay.subscribe({
    streamStarted: () => {
      throw new Error('a listener that fails');
    },
    streamEnded: () => undefined,
  });
  const unsubscribe = relay.subscribe({
    streamStarted: (stream) => heard.push(`started ${stream.id}`),
    streamEnded: (stream, reason) => heard.push(`ended ${stream.id} ${reason} ${relay.live.length}`),
  });
  relay.start({ id: 'kitchen', name: 'Kitchen' });
  await relay.close();
  await relay.close();
  unsubscribe();
  expect(heard).toEqual(['started kitchen', 'ended kitchen closing 0']);
  expect(log.lines).toHaveLength(1);
  expect(() => relay.start({ id: 'hall', name: 'Hall' })).toThrow(RelayFullError);
});
