import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RequestError } from '@voice-streaming/shared/errors';
import { Backoff } from '../src/backoff.ts';
import { ConnectionLostError, RequestTimeoutError, SignalingClient } from '../src/signaling-client.ts';
import { FakeSockets } from './fakes/fake-socket.ts';

describe('SignalingClient', () => {
  let sockets: FakeSockets;
  let client: SignalingClient;

  const make = (token?: string): void => {
    client = new SignalingClient({
      url: 'ws://house/ws',
      token,
      openSocket: sockets.open,
      backoff: new Backoff({ firstMs: 100, maxMs: 1_000, random: () => 1 }),
    });
    client.start();
  };

  beforeEach(() => {
    vi.useFakeTimers();
    sockets = new FakeSockets();
    make();
  });

  afterEach(() => {
    client.close();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('is ready after hello and gives each request its own answer', async () => {
    expect(client.connection.state).toBe('connecting');
    sockets.last.hello();
    expect(client.connection).toMatchObject({ state: 'ready', user: { isAdmin: true }, limits: { slots: 1 } });
    const first = client.request('introduce', { deviceKey: 'k', name: 'Hall' });
    const second = client.request('listen', { to: 'latest' });
    const [one, two] = sockets.last.sent;
    sockets.last.say({ type: 'result', id: two!.id, result: {} });
    sockets.last.say({ type: 'result', id: one!.id, result: { streamId: 'hall' } });
    await expect(second).resolves.toEqual({});
    await expect(first).resolves.toEqual({ streamId: 'hall' });
  });

  it('rejects with the server’s code and sentence', async () => {
    sockets.last.hello();
    const refused = client.request('startTalk', {});
    sockets.last.say({ type: 'error', id: sockets.last.sent[0]!.id, code: 'not_introduced', message: 'Introduce.' });
    await expect(refused).rejects.toMatchObject({ code: 'not_introduced', message: 'Introduce.' });
    await expect(refused).rejects.toBeInstanceOf(RequestError);
  });

  it('rejects what is in flight when the connection goes, and what is asked while it is away', async () => {
    sockets.last.hello();
    const inFlight = client.request('stopTalk', {});
    sockets.last.drop();
    await expect(inFlight).rejects.toBeInstanceOf(ConnectionLostError);
    await expect(client.request('stopTalk', {})).rejects.toBeInstanceOf(ConnectionLostError);
    expect(client.connection).toEqual({ state: 'away', bye: null });
  });

  it('rejects a request that is never answered, and only that', async () => {
    sockets.last.hello();
    const forgotten = client.request('listen', { to: null });
    const outcome = expect(forgotten).rejects.toBeInstanceOf(RequestTimeoutError);
    const socket = sockets.last;
    for (let second = 0; second < 10; second += 1) {
      socket.say({ type: 'alive' });
      await vi.advanceTimersByTimeAsync(1_000);
    }
    await outcome;
    expect(client.connection.state).toBe('ready');
  });

  it('comes back without a limit, ever more slowly up to the cap, and fast again after success', () => {
    const delays: number[] = [];
    for (let lost = 0; lost < 40; lost += 1) {
      sockets.last.drop();
      const before = Date.now();
      vi.advanceTimersToNextTimer();
      delays.push(Date.now() - before);
    }
    expect(delays.slice(0, 6)).toEqual([100, 200, 400, 800, 1_000, 1_000]);
    expect(sockets.all).toHaveLength(41);
    sockets.last.hello();
    sockets.last.drop();
    vi.advanceTimersByTime(100);
    expect(sockets.all).toHaveLength(42);
  });

  it('takes silence of more than ten seconds for a dead connection', () => {
    sockets.last.hello();
    vi.advanceTimersByTime(9_000);
    sockets.last.say({ type: 'alive' });
    vi.advanceTimersByTime(10_000);
    expect(client.connection.state).toBe('ready');
    vi.advanceTimersByTime(1_000);
    expect(client.connection.state).toBe('away');
    expect(sockets.all[0]!.closed).toBe(true);
  });

  it('does not hear what an older socket still says', () => {
    const old = sockets.last;
    old.drop();
    vi.advanceTimersByTime(100);
    old.hello();
    expect(client.connection.state).toBe('away');
    sockets.last.hello();
    old.drop();
    expect(client.connection.state).toBe('ready');
  });

  it('tries at once when poked while away, and judges silence soon after a sleep', () => {
    sockets.last.drop();
    client.poke();
    expect(sockets.all).toHaveLength(2);
    sockets.last.hello();
    vi.setSystemTime(Date.now() + 60_000); // Asleep: time went on, timers did not.
    client.poke();
    vi.advanceTimersByTime(500);
    expect(client.connection.state).toBe('away');
  });

  it('gives up a try that hears nothing, and then does not wait as well', () => {
    for (let tries = 1; tries < 5; tries += 1) {
      expect(sockets.all).toHaveLength(tries);
      vi.advanceTimersByTime(4_000);
      expect(sockets.all.at(tries - 1)!.closed).toBe(true);
      vi.advanceTimersByTime(1);
    }
  });

  it('poked, begins anew what may wait for a network that was not there, but not what has just begun', () => {
    sockets.last.drop();
    vi.advanceTimersByTime(100);
    expect(sockets.all).toHaveLength(2);
    client.poke();
    expect(sockets.all).toHaveLength(2);
    vi.advanceTimersByTime(1_500);
    client.poke();
    expect(sockets.all).toHaveLength(3);
    expect(sockets.all[1]!.closed).toBe(true);
  });

  describe('check', () => {
    const ask = (): Promise<unknown> => client.request('listen', { to: null });

    it('is content with any answer, also a refusal', async () => {
      sockets.last.hello();
      const checked = client.check(ask);
      sockets.last.say({ type: 'error', id: sockets.last.sent[0]!.id, code: 'bad_arguments', message: 'No.' });
      await expect(checked).resolves.toBe(true);
      expect(client.connection.state).toBe('ready');
    });

    it('takes a server that says nothing for 1.3 s for gone, and asks once at a time', async () => {
      sockets.last.hello();
      const checks = Promise.all([client.check(ask), client.check(ask)]);
      expect(sockets.last.sent).toHaveLength(1);
      await vi.advanceTimersByTimeAsync(1_299);
      expect(client.connection.state).toBe('ready');
      await vi.advanceTimersByTimeAsync(1);
      expect(client.connection.state).toBe('away');
      await expect(checks).resolves.toEqual([false, false]);
    });

    it('says no at once while there is no connection, and when it goes meanwhile', async () => {
      await expect(client.check(ask)).resolves.toBe(false);
      sockets.last.hello();
      const checked = client.check(ask);
      sockets.last.drop();
      await expect(checked).resolves.toBe(false);
    });
  });

  it('keeps a connection whose messages were only waiting for the page to wake', () => {
    sockets.last.hello();
    vi.setSystemTime(Date.now() + 60_000);
    client.poke();
    sockets.last.say({ type: 'alive' });
    vi.advanceTimersByTime(500);
    expect(client.connection.state).toBe('ready');
  });

  it('authenticates when asked to', async () => {
    client.close();
    make('secret');
    sockets.last.hello({ auth: 'required', user: undefined });
    expect(client.connection.state).toBe('connecting');
    expect(sockets.last.sent).toEqual([
      { id: expect.any(Number) as number, type: 'authenticate', args: { token: 'secret' } },
    ]);
    sockets.last.say({
      type: 'result',
      id: sockets.last.sent[0]!.id,
      result: { user: { name: 'Anna', isAdmin: false } },
    });
    await vi.advanceTimersByTimeAsync(0);
    expect(client.connection).toMatchObject({ state: 'ready', user: { name: 'Anna', isAdmin: false } });
  });

  it('waits for a token instead of knocking on, and says whether the last one was wrong', async () => {
    sockets.last.hello({ auth: 'required' });
    expect(client.connection).toEqual({ state: 'needsToken', refused: false });
    vi.advanceTimersByTime(60_000);
    expect(sockets.all).toHaveLength(1);
    client.setToken('wrong');
    sockets.last.hello({ auth: 'required' });
    sockets.last.say({ type: 'error', id: sockets.last.sent[0]!.id, code: 'unauthorized', message: 'Wrong token.' });
    await vi.advanceTimersByTimeAsync(0);
    expect(client.connection).toEqual({ state: 'needsToken', refused: true });
    expect(sockets.last.closed).toBe(true);
  });

  it.each([
    ['card', { protocolVersion: 9, minProtocolVersion: 2 }],
    ['server', { protocolVersion: 0, minProtocolVersion: 0 }],
  ])('says that the %s is too old and stops', (older, versions) => {
    sockets.last.hello(versions);
    expect(client.connection).toEqual({ state: 'versionMismatch', older });
    vi.advanceTimersByTime(60_000);
    expect(sockets.all).toHaveLength(1);
  });

  it('remembers why the server said goodbye and comes back', () => {
    sockets.last.hello();
    sockets.last.say({ type: 'bye', reason: 'serverFull' });
    expect(client.connection).toEqual({ state: 'away', bye: 'serverFull' });
    vi.advanceTimersByTime(100);
    expect(sockets.all).toHaveLength(2);
  });

  it('ignores events it does not know', () => {
    sockets.last.hello();
    sockets.last.say({ type: 'fromTheFuture' });
    expect(client.connection.state).toBe('ready');
  });

  it('treats a URL that the browser refuses like a server that is away', () => {
    const refused = new SignalingClient({
      url: 'ws://house/ws',
      openSocket: () => {
        throw new DOMException('insecure', 'SecurityError');
      },
    });
    refused.start();
    expect(refused.connection.state).toBe('away');
    refused.close();
  });
});
