/** Listeners on real sockets, pushed faster than any talk would, so that the system's own buffers fill too. */
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ListenerCounters, StreamListener } from '../../src/http/stream-listener.ts';
import { once } from '../support/once.ts';
import { Player } from '../support/player.ts';

const CHUNK = Buffer.alloc(64 * 1024, 7);

describe('StreamListener', () => {
  let counters: ListenerCounters;
  let server: Server;
  let port: number;
  const listeners = new Map<string, StreamListener>();
  const reasons: string[] = [];
  let left: number;
  let opened: (() => void) | undefined;

  beforeEach(async () => {
    counters = new ListenerCounters();
    listeners.clear();
    reasons.length = 0;
    left = 0;
    server = createServer((request, response) => {
      const listener = new StreamListener({
        response,
        counters,
        maxBufferedBytes: 256 * 1024,
        lingerMs: 100,
        onClosed: (_outcome, reason) => reasons.push(reason),
      });
      listeners.set(request.url!, listener);
      listener.listen(() => () => (left += 1));
      listener.chunk(Buffer.alloc(1));
      opened?.();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  /** A client that asks and never reads. */
  async function lazyClient(path: string): Promise<Socket> {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.pause();
    socket.on('error', () => undefined);
    const open = once<unknown>((resolve) => (opened = () => resolve(undefined)), 'the lazy client is served');
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await open;
    return socket;
  }

  it('is ended and counted when its client stops reading; another one plays on', async () => {
    const lazy = await lazyClient('/lazy');
    const good = await Player.play(`http://127.0.0.1:${port}/good`);
    let sent = 1;
    while (counters.droppedListeners === 0) {
      for (const listener of listeners.values()) listener.chunk(CHUNK);
      sent += CHUNK.length;
      await good.heard(sent);
    }
    await expect.poll(() => left).toBe(1);
    expect(reasons).toEqual(['it did not keep up']);
    expect(listeners.get('/lazy')!.closed).toBe(true);
    // The system takes some megabytes, the listener no more than its bound.
    expect(listeners.get('/lazy')!.bytes).toBeLessThanOrEqual(sent);
    listeners.get('/good')!.chunk(CHUNK);
    await good.heard(sent + CHUNK.length);
    expect(good.bytes).toBe(sent + CHUNK.length);
    good.leave();
    lazy.destroy();
    await expect.poll(() => left).toBe(2);
  });

  it('ends with the stream, and does not wait for a client that never takes the rest', async () => {
    const lazy = await lazyClient('/lazy');
    const listener = listeners.get('/lazy')!;
    // More than the system takes, all at once: it is checked before each chunk.
    listener.chunk(Buffer.alloc(16 * 1024 * 1024));
    listener.ended();
    listener.chunk(CHUNK);
    await expect.poll(() => reasons, { timeout: 5000 }).toEqual(['the stream ended']);
    expect(left).toBe(1);
    expect(listener.bytes).toBe(1 + 16 * 1024 * 1024);
    lazy.destroy();
  });

  it('leaves once when the client does', async () => {
    const player = await Player.play(`http://127.0.0.1:${port}/good`);
    player.leave();
    await expect.poll(() => left).toBe(1);
    listeners.get('/good')!.chunk(CHUNK);
    listeners.get('/good')!.ended();
    expect(reasons).toEqual(['the client left']);
    expect(left).toBe(1);
  });
});
