import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RequestError } from '@voice-streaming/shared/errors';
import { Emitter } from '../src/emitter.ts';
import { Receiver, type Player } from '../src/receiver.ts';
import { Transport } from '../src/transport.ts';
import { FakePeer } from './fakes/fake-peer.ts';
import { FakeRequester } from './fakes/fake-requester.ts';

class FakePlayer implements Player {
  readonly changed = new Emitter();
  readonly attached: unknown[] = [];
  blocked = false;
  justUnblocked = false;
  muted = false;
  unlocks = 0;
  closed = false;

  attach(slot: number, track: MediaStreamTrack): void {
    this.attached[slot] = track;
  }

  setMuted(muted: boolean): void {
    this.muted = muted;
  }

  unlock(): void {
    this.unlocks += 1;
  }

  close(): void {
    this.closed = true;
  }

  block(blocked: boolean): void {
    this.blocked = blocked;
    this.changed.emit();
  }
}

describe('Receiver', () => {
  let signaling: FakeRequester;
  let player: FakePlayer;
  let receiver: Receiver;
  const settle = (): Promise<void> => vi.advanceTimersByTimeAsync(0).then(() => undefined);

  beforeEach(() => {
    vi.useFakeTimers();
    FakePeer.made.length = 0;
    signaling = new FakeRequester();
    signaling.answers.connectReceiver = { answer: 'answer' };
    signaling.answers.listen = {};
    signaling.answers.disconnect = {};
    player = new FakePlayer();
    const transport = new Transport({
      direction: 'receiver',
      signaling,
      prepare: (made) => {
        for (let slot = 0; slot < 2; slot += 1) made.addTransceiver('audio', { direction: 'recvonly' });
      },
      createPeer: FakePeer.create,
    });
    receiver = new Receiver({ signaling, transport, player });
    receiver.setWanted(true);
  });

  afterEach(() => {
    receiver.close();
    expect(player.closed).toBe(true);
    expect(FakePeer.made.every(({ closed }) => closed)).toBe(true);
    vi.useRealTimers();
  });

  const listening = async (): Promise<void> => {
    receiver.listenByDefault('latest');
    receiver.setOnline(true);
    await settle();
    FakePeer.made[0]!.become('connected');
  };

  it('says whom to hear without waiting for its transport, and plays every slot', async () => {
    await listening();
    expect(signaling.types).toEqual(['listen', 'connectReceiver']);
    expect(signaling.last('listen').args).toEqual({ to: 'latest' });
    expect(player.attached).toEqual(['track 0', 'track 1']);
  });

  it('knows who is heard from the slots', async () => {
    await listening();
    receiver.setSlots({ 0: 'hall', 1: null });
    expect(receiver.heard).toEqual(['hall']);
    receiver.setSlots({ 0: null, 1: null });
    expect(receiver.heard).toEqual([]);
  });

  it('off: hears nobody, closes the transport and stays off when a card asks by default', async () => {
    await listening();
    receiver.setSlots({ 0: 'hall' });
    receiver.listen(null);
    receiver.listenByDefault('latest');
    expect(receiver.target).toBeNull();
    expect(receiver.heard).toEqual([]);
    expect(FakePeer.made[0]!.closed).toBe(true);
  });

  it('follows the card’s config until a person chooses', async () => {
    await listening();
    receiver.listenByDefault(['garage']);
    expect(receiver.target).toEqual(['garage']);
    receiver.listen('latest');
    receiver.listenByDefault(['garage']);
    expect(receiver.target).toBe('latest');
  });

  it('tells its target again to every new session', async () => {
    await listening();
    receiver.listen(['hall']);
    receiver.setOnline(false);
    expect(receiver.heard).toEqual([]);
    receiver.setOnline(true);
    await settle();
    expect(signaling.last('listen').args).toEqual({ to: ['hall'] });
    expect(FakePeer.made).toHaveLength(2);
  });

  it('forgets who was heard when the transport fails, and opens another', async () => {
    await listening();
    receiver.setSlots({ 0: 'hall' });
    FakePeer.made[0]!.become('failed');
    expect(receiver.heard).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(FakePeer.made).toHaveLength(2);
  });

  it('needs a tap when the browser refuses sound, but not while it is off', async () => {
    await listening();
    player.block(true);
    expect(receiver.needsTap).toBe(true);
    receiver.enableSound();
    expect(player.unlocks).toBe(1);
    receiver.listen(null);
    expect(receiver.needsTap).toBe(false);
  });

  it('keeps the reason when the server refuses a target', async () => {
    await listening();
    delete signaling.answers.listen;
    receiver.listen(['nobody']);
    signaling.last('listen').reject(new RequestError('stream_not_found', 'There is no "nobody".'));
    await settle();
    expect(receiver.trouble).toEqual({ code: 'refused', detail: 'There is no "nobody".' });
  });
});
