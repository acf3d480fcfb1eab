import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RequestError } from '@voice-streaming/shared/errors';
import { BrowserStorage } from '../src/browser-storage.ts';
import { PlayingTab } from '../src/playing-tab.ts';
import { Receiver } from '../src/receiver.ts';
import { Talkers } from '../src/talkers.ts';
import { Transport } from '../src/transport.ts';
import { Volumes } from '../src/volumes.ts';
import { FakeChannels } from './fakes/fake-channels.ts';
import { FakePeer } from './fakes/fake-peer.ts';
import { FakePlayer } from './fakes/fake-player.ts';
import { FakeRequester } from './fakes/fake-requester.ts';
import { FakeStorage } from './fakes/fake-storage.ts';

describe('Receiver', () => {
  let signaling: FakeRequester;
  let player: FakePlayer;
  let receiver: Receiver;
  let channels: FakeChannels;
  let connectionLives: boolean;
  const checkConnection = vi.fn(() => Promise.resolve(connectionLives));
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
        for (let section = 0; section < receiver.sections; section += 1)
          made.addTransceiver('audio', { direction: 'recvonly' });
      },
      createPeer: FakePeer.create,
    });
    channels = new FakeChannels();
    connectionLives = true;
    checkConnection.mockClear();
    receiver = new Receiver({
      signaling,
      transport,
      player,
      tab: new PlayingTab({ name: 'house', openChannel: channels.open }),
      talkers: new Talkers(new Volumes(new BrowserStorage(new FakeStorage().asStorage))),
      maxSections: () => 2,
      checkConnection,
    });
    receiver.setWanted(true);
  });

  afterEach(() => {
    receiver.close();
    expect(player.closed).toBe(true);
    expect(FakePeer.made.every(({ closed }) => closed)).toBe(true);
    vi.useRealTimers();
  });

  const listening = async (): Promise<void> => {
    receiver.listenByDefault('all');
    receiver.setOnline(true);
    await settle();
    FakePeer.made[0]!.become('connected');
  };

  it('says whom to hear without waiting for its transport, and plays every slot', async () => {
    await listening();
    expect(signaling.types).toEqual(['listen', 'connectReceiver']);
    expect(signaling.last('listen').args).toEqual({ to: 'all' });
    expect(player.attached).toEqual({ 0: 'track 0', 1: 'track 1' });
  });

  it('offers as many sections as can be filled, and opens another transport for more', async () => {
    receiver.listenByDefault('latest');
    receiver.setOnline(true);
    await settle();
    expect(FakePeer.made.at(-1)!.directions).toHaveLength(1);
    receiver.listen('all');
    await settle();
    expect(FakePeer.made[0]!.closed).toBe(true);
    expect(FakePeer.made.at(-1)!.directions).toHaveLength(2);
    receiver.listen(['hall']);
    await settle();
    expect(FakePeer.made).toHaveLength(2);
  });

  it('opens another one also when the target changed while it was opening', async () => {
    delete signaling.answers.connectReceiver;
    receiver.listenByDefault(['hall']);
    receiver.setOnline(true);
    await settle();
    receiver.listen('all');
    signaling.last('connectReceiver').resolve({ answer: 'answer' });
    await settle();
    expect(FakePeer.made).toHaveLength(2);
    expect(FakePeer.made[1]!.directions).toHaveLength(2);
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

  it('plays each voice as loud as a person set it, wherever its slot is', async () => {
    await listening();
    receiver.setVolume('hall', 0.3);
    receiver.setSlots({ 0: 'attic', 1: 'hall' });
    expect(player.volumes).toEqual({ 0: 1, 1: 0.3 });
    receiver.setTalkerMuted('attic', true);
    expect([receiver.isSilenced('attic'), receiver.isSilenced('hall')]).toEqual([true, false]);
    expect(player.volumes).toEqual({ 0: 0, 1: 0.3 });
    receiver.setSlots({ 0: 'hall', 1: null });
    expect(player.volumes).toEqual({ 0: 0.3, 1: 1 });
    expect(receiver.talkers).toMatchObject([{ streamId: 'hall', mid: '0', volume: 0.3, muted: false }]);
  });

  const hearHall = async (): Promise<FakePeer> => {
    await listening();
    receiver.setSlots({ 0: 'hall', 1: null });
    const peer = FakePeer.made.at(-1)!;
    for (let packet = 0; packet < 5; packet += 1) {
      peer.packetsReceived += 20;
      receiver.setLevels({ hall: -20 - packet });
      await vi.advanceTimersByTimeAsync(400);
    }
    return peer;
  };

  it('opens another transport when the server relays a voice and no packet of it comes', async () => {
    const peer = await hearHall();
    for (let level = 0; level < 10; level += 1) {
      receiver.setLevels({ hall: -30 + level });
      await vi.advanceTimersByTimeAsync(200);
    }
    expect(peer.closed).toBe(true);
    expect(FakePeer.made).toHaveLength(2);
  });

  it('asks the server when neither packets nor levels come, and opens another transport when it answers', async () => {
    const peer = await hearHall();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(peer.closed).toBe(true);
    expect(FakePeer.made).toHaveLength(2);
  });

  it('asks the server after a second or so, before it thinks of another transport', async () => {
    const peer = await hearHall();
    await vi.advanceTimersByTimeAsync(1_600);
    expect(checkConnection).toHaveBeenCalledOnce();
    expect(peer.closed).toBe(false);
  });

  it('leaves the rest to the connection when the server does not answer either', async () => {
    const peer = await hearHall();
    connectionLives = false;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(peer.closed).toBe(false);
    expect(FakePeer.made).toHaveLength(1);
  });

  it('is silent while another tab plays, and plays when a person wants it here', async () => {
    const other = new PlayingTab({ name: 'house', openChannel: channels.open });
    other.setWanted(true);
    await vi.advanceTimersByTimeAsync(1_000);
    receiver.listenByDefault('latest');
    receiver.setOnline(true);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(receiver.elsewhere).toBe(true);
    expect(FakePeer.made.every(({ closed }) => closed)).toBe(true);

    receiver.playHere();
    await vi.advanceTimersByTimeAsync(10);
    expect(receiver.elsewhere).toBe(false);
    expect(other.elsewhere).toBe(true);
    expect(FakePeer.made.at(-1)!.closed).toBe(false);
    other.close();
  });

  it('goes on with what a person chose on this page before', () => {
    receiver.listen(['hall']);
    expect(receiver.choice).toEqual(['hall']);
  });
});
