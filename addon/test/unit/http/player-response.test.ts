import { EventEmitter } from 'node:events';
import { expect, test, vi } from 'vitest';
import { PlayerResponses } from '../../../src/http/player-response.ts';
import { LimitBreaches } from '../../../src/media/limit-breaches.ts';
import { quietLog } from '../../support/quiet-log.ts';

test('a player that lets more wait than it may is ended, and counted as a breach of listener_buffer', async () => {
  const log = quietLog();
  const breaches = new LimitBreaches({ log });
  const responses = new PlayerResponses({ log, listenerCount: () => 0, breaches, limits: { maxBufferedBytes: 1000 } });
  let say!: (bytes: Uint8Array) => void;
  const sound = {
    ...{ name: 'hall', owner: 'hall', private: false, title: () => '', length: () => Promise.resolve(undefined) },
    listen: (_format: unknown, consumer: { chunk(bytes: Uint8Array): void }) => {
      say = (bytes) => consumer.chunk(bytes);
      return () => undefined;
    },
  };
  const socket = { remoteAddress: '192.168.1.9', setNoDelay: () => undefined };
  const request = { method: 'GET', headers: {}, get: () => undefined, socket };
  const response = Object.assign(new EventEmitter(), {
    ...{ locals: {}, socket, destroyed: false, writableLength: 0 },
    ...{ setHeader: vi.fn(), status: vi.fn(), write: vi.fn(), destroy: vi.fn() },
  });
  response.destroy.mockImplementation(() => response.emit('close'));
  await responses.answer(sound, 'mp3', false, request as never, response as never);
  say(Buffer.alloc(417));
  response.writableLength = 1000;
  say(Buffer.alloc(417));
  expect(breaches.counts().listener_buffer).toBe(0);
  expect(response.destroy).not.toHaveBeenCalled();
  response.writableLength = 1001;
  say(Buffer.alloc(417));
  expect(response.destroy).toHaveBeenCalledOnce();
  expect(response.write).toHaveBeenCalledTimes(2);
  expect(breaches.counts().listener_buffer).toBe(1);
  expect(log.lines.filter((line) => line.includes('listener_buffer'))).toHaveLength(1);
});
