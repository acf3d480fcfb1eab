import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RequestError } from '@voice-streaming/shared/errors';
import { Backoff } from '../src/backoff.ts';
import { Transport } from '../src/transport.ts';
import { FakePeer } from './fakes/fake-peer.ts';
import { FakeRequester } from './fakes/fake-requester.ts';

describe('Transport', () => {
  let signaling: FakeRequester;
  let transport: Transport;
  const settle = (): Promise<void> => vi.advanceTimersByTimeAsync(0).then(() => undefined);
  const peer = (): FakePeer => FakePeer.made.at(-1)!;

  beforeEach(() => {
    vi.useFakeTimers();
    FakePeer.made.length = 0;
    signaling = new FakeRequester();
    transport = new Transport({
      direction: 'receiver',
      signaling,
      prepare: (made) => void made.addTransceiver('audio', { direction: 'recvonly' }),
      createPeer: FakePeer.create,
      backoff: new Backoff({ firstMs: 100, maxMs: 1_000, random: () => 1 }),
    });
  });

  afterEach(() => {
    transport.close();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  const open = async (): Promise<void> => {
    transport.setWanted(true);
    transport.setOnline(true);
    await settle();
    signaling.last('connectReceiver').resolve({ answer: 'answer' });
    await settle();
  };

  it('offers once it is wanted and signaling is there, and is open with the answer', async () => {
    transport.setWanted(true);
    await settle();
    expect(signaling.types).toEqual([]);
    transport.setOnline(true);
    await settle();
    expect(signaling.last('connectReceiver').args).toEqual({ offer: 'offer of recvonly' });
    expect(transport.peer).toBeNull();
    signaling.last('connectReceiver').resolve({ answer: 'answer' });
    await settle();
    expect(peer().remoteAnswer).toBe('answer');
    expect(transport.peer).toBe(peer());
  });

  it('says that media is blocked when it does not connect, tries again and takes it back on success', async () => {
    await open();
    await vi.advanceTimersByTimeAsync(8_000);
    expect(transport.trouble).toEqual({ code: 'mediaBlocked' });
    expect(peer().closed).toBe(true);
    await vi.advanceTimersByTimeAsync(100);
    expect(FakePeer.made).toHaveLength(2);
    signaling.last('connectReceiver').resolve({ answer: 'answer' });
    await settle();
    peer().become('connected');
    expect(transport.trouble).toBeNull();
  });

  it('lets ICE heal for four seconds, not longer', async () => {
    await open();
    const lost = vi.fn();
    transport.lost.subscribe(lost);
    peer().become('connected');
    peer().become('disconnected');
    await vi.advanceTimersByTimeAsync(3_999);
    peer().become('connected');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(lost).not.toHaveBeenCalled();
    peer().become('disconnected');
    await vi.advanceTimersByTimeAsync(4_000);
    expect(lost).toHaveBeenCalledOnce();
  });

  it('opens a new one when the server’s end is gone', async () => {
    await open();
    transport.reopen();
    await vi.advanceTimersByTimeAsync(100);
    expect(FakePeer.made).toHaveLength(2);
    expect(FakePeer.made[0]!.closed).toBe(true);
  });

  it('poked, does not wait for the next try, nor for ICE to heal', async () => {
    await open();
    peer().become('connected');
    transport.poke();
    expect(FakePeer.made).toHaveLength(1);
    peer().become('disconnected');
    transport.poke();
    expect(FakePeer.made).toHaveLength(2);
    await settle();
    signaling.last('connectReceiver').reject(new RequestError('server_full', 'Full.'));
    await settle();
    expect(FakePeer.made).toHaveLength(2);
    transport.poke();
    expect(FakePeer.made).toHaveLength(3);
  });

  it('keeps the server’s reason and tries again', async () => {
    transport.setWanted(true);
    transport.setOnline(true);
    await settle();
    signaling.last('connectReceiver').reject(new RequestError('server_full', 'Full.'));
    await settle();
    expect(transport.trouble).toEqual({ code: 'serverFull' });
    await vi.advanceTimersByTimeAsync(100);
    expect(FakePeer.made).toHaveLength(2);
  });

  it('no longer wanted while the answer is on its way: closed, told, and the late answer is nothing', async () => {
    transport.setWanted(true);
    transport.setOnline(true);
    await settle();
    transport.setWanted(false);
    expect(signaling.types.at(-1)).toBe('disconnect');
    signaling.last('connectReceiver').resolve({ answer: 'late' });
    await settle();
    expect(transport.peer).toBeNull();
    expect(peer()).toMatchObject({ closed: true, remoteAnswer: null });
  });

  it('goes with the session and comes back with it', async () => {
    await open();
    transport.setOnline(false);
    expect(peer().closed).toBe(true);
    expect(signaling.types).not.toContain('disconnect');
    transport.setOnline(true);
    await settle();
    expect(FakePeer.made).toHaveLength(2);
  });
});
