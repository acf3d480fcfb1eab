import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RequestError } from '@voice-streaming/shared/errors';
import type { Sender, SenderState } from '../src/sender.ts';
import type { Transport } from '../src/transport.ts';
import { FakePeer } from './fakes/fake-peer.ts';
import type { FakeRequester } from './fakes/fake-requester.ts';
import type { FakeTrack } from './fakes/fake-track.ts';
import { SenderRig } from './fakes/sender-rig.ts';

const TAIL_MS = 200;
const ON_AIR_TIMEOUT_MS = 6_000;

describe('Sender', () => {
  let rig: SenderRig;
  let signaling: FakeRequester;
  let transport: Transport;
  let sender: Sender;
  let microphones: SenderRig['microphones'];
  const states = (): SenderState[] => rig.states;
  const settle = (): Promise<void> => rig.settle();
  const peer = (): FakePeer => rig.peer;
  const answerStart = (talkId: string): void => rig.answerStart(talkId);
  const goOnAir = (talkId?: string): Promise<FakeTrack> => rig.goOnAir(talkId);

  beforeEach(async () => {
    rig = await SenderRig.create();
    ({ signaling, transport, sender, microphones } = rig);
  });

  afterEach(() => rig.close());

  it('asks for the microphone inside the press and for the talk beside it', () => {
    sender.press();
    expect(microphones).toHaveLength(1);
    expect(sender.state).toBe('opening');
  });

  it('is on air only when the server says so, with the track on the warm transport', async () => {
    const track = await goOnAir();
    expect(peer().tracks).toEqual([track.asTrack]);
    expect(states()).toEqual(['opening', 'onAir']);
    expect(sender.onAirSince).toBe(Date.now());
    expect(signaling.types).toEqual(['connectSender', 'startTalk']);
  });

  it('is not put on air by another talk', async () => {
    sender.press();
    await settle();
    microphones[0]!.open();
    answerStart('talk-1');
    await settle();
    sender.onAir('talk-of-before');
    expect(sender.state).toBe('opening');
  });

  it('lets the tail out, then stops the talk and closes the microphone', async () => {
    const track = await goOnAir();
    sender.release();
    expect(sender.state).toBe('closing');
    await vi.advanceTimersByTimeAsync(TAIL_MS - 1);
    expect(track.stopped).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(track.stopped).toBe(true);
    expect(peer().tracks.at(-1)).toBeNull();
    expect(sender.state).toBe('idle');
    expect(signaling.types.at(-1)).toBe('stopTalk');
  });

  it('goes on with the same talk when pressed during the tail', async () => {
    const track = await goOnAir();
    sender.release();
    sender.press();
    await vi.advanceTimersByTimeAsync(TAIL_MS * 2);
    expect(sender.state).toBe('onAir');
    expect(track.stopped).toBe(false);
    expect(signaling.types).not.toContain('stopTalk');
  });

  it('does nothing on a second press', async () => {
    await goOnAir();
    sender.press();
    expect(microphones).toHaveLength(1);
    expect(sender.state).toBe('onAir');
  });

  it('released while the browser still asks: a microphone that opens later is closed, the talk stopped', async () => {
    sender.press();
    await settle();
    answerStart('talk-1');
    await settle();
    sender.release();
    expect(sender.state).toBe('idle');
    const late = microphones[0]!.open();
    await settle();
    expect(late.stopped).toBe(true);
    expect(peer().tracks).toEqual([]);
    expect(signaling.types.filter((type) => type === 'stopTalk')).toHaveLength(1);
  });

  it('released before the talk was answered: the microphone closes at once, the talk is stopped when it is known', async () => {
    sender.press();
    await settle();
    const track = microphones[0]!.open();
    await settle();
    sender.release();
    expect(track.stopped).toBe(true);
    expect(signaling.types).not.toContain('stopTalk');
    answerStart('talk-1');
    await settle();
    expect(signaling.types.at(-1)).toBe('stopTalk');
  });

  it('press, release, press: the second talk begins after the first has stopped, and only it is on air', async () => {
    sender.press();
    await settle();
    sender.release();
    sender.press();
    microphones[0]!.open();
    const second = microphones[1]!.open();
    answerStart('talk-1');
    await settle();
    expect(signaling.types.slice(1)).toEqual(['startTalk', 'stopTalk', 'startTalk']);
    answerStart('talk-2');
    await settle();
    sender.onAir('talk-1');
    expect(sender.state).toBe('opening');
    sender.onAir('talk-2');
    expect(sender.state).toBe('onAir');
    expect(peer().tracks).toEqual([second.asTrack]);
  });

  it('refused microphone: the exact reason, and the talk that began beside it stops', async () => {
    sender.press();
    await settle();
    answerStart('talk-1');
    microphones[0]!.refuse({ code: 'permissionDenied' });
    await settle();
    expect(sender.state).toBe('idle');
    expect(sender.trouble).toEqual({ code: 'permissionDenied' });
    expect(signaling.types.at(-1)).toBe('stopTalk');
  });

  it('refused talk: the server’s sentence, and the microphone closes', async () => {
    sender.press();
    await settle();
    const track = microphones[0]!.open();
    signaling.last('startTalk').reject(new RequestError('stream_busy', 'Another client speaks as "hall".'));
    await settle();
    expect(track.stopped).toBe(true);
    expect(sender.trouble).toEqual({ code: 'refused', detail: 'Another client speaks as "hall".' });
  });

  it('says that nothing gets through when no packet arrives', async () => {
    sender.press();
    await settle();
    const track = microphones[0]!.open();
    answerStart('talk-1');
    await settle();
    await vi.advanceTimersByTimeAsync(ON_AIR_TIMEOUT_MS);
    expect(sender.trouble).toEqual({ code: 'mediaBlocked' });
    expect(track.stopped).toBe(true);
  });

  it.each([
    ['takenOver', { code: 'takenOver' }],
    ['endedByAdmin', { code: 'endedByAdmin' }],
    ['closing', null],
  ] as const)('ended by the server (%s): the microphone closes, nothing is stopped twice', async (reason, trouble) => {
    const track = await goOnAir();
    sender.talkEnded('talk-1', reason);
    await settle();
    expect(track.stopped).toBe(true);
    expect(sender.state).toBe('idle');
    expect(sender.trouble).toEqual(trouble);
    expect(signaling.types).not.toContain('stopTalk');
  });

  it('hears nothing of the end of an older talk', async () => {
    await goOnAir();
    sender.talkEnded('talk-0', 'takenOver');
    expect(sender.state).toBe('onAir');
  });

  it('ends when the transport is lost in mid-talk, and can talk again on the new one', async () => {
    const track = await goOnAir();
    peer().become('failed');
    expect(track.stopped).toBe(true);
    expect(sender.trouble).toEqual({ code: 'connectionLost' });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(FakePeer.made).toHaveLength(2);
    await goOnAir('talk-2');
    expect(sender.state).toBe('onAir');
    expect(sender.trouble).toBeNull();
  });

  it('ends when the session is lost, without a word to a server that is gone', async () => {
    const track = await goOnAir();
    sender.connectionLost();
    await settle();
    expect(track.stopped).toBe(true);
    expect(signaling.types).not.toContain('stopTalk');
  });

  it('ends when the microphone is unplugged', async () => {
    const track = await goOnAir();
    track.unplug();
    expect(sender.state).toBe('idle');
    expect(sender.trouble).toEqual({ code: 'microphoneLost' });
  });

  it('does not even ask for the microphone when something is in the way', () => {
    rig.obstacle = { code: 'insecurePage' };
    sender.press();
    expect(microphones).toHaveLength(0);
    expect(sender.state).toBe('idle');
    expect(sender.trouble).toEqual({ code: 'insecurePage' });
  });

  it('pressed before the transport is open, talks as soon as it is', async () => {
    transport.setOnline(false);
    sender.press();
    microphones[0]!.open();
    await settle();
    expect(signaling.types).not.toContain('startTalk');
    transport.setOnline(true);
    await settle();
    answerStart('talk-1');
    await settle();
    sender.onAir('talk-1');
    expect(sender.state).toBe('onAir');
  });

  describe('a talk that may not last for ever', () => {
    it('ends with its tail when the time is up, and says so', async () => {
      sender.press({ maxTalkMs: 60_000 });
      await settle();
      const track = microphones[0]!.open();
      answerStart('talk-1');
      await settle();
      expect(sender.endsAt).toBeNull();
      sender.onAir('talk-1');
      expect(sender.endsAt).toBe(Date.now() + 60_000);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(sender.state).toBe('closing');
      await vi.advanceTimersByTimeAsync(TAIL_MS);
      expect(track.stopped).toBe(true);
      expect(sender.trouble).toEqual({ code: 'timeUp', detail: '1 minute' });
      expect(sender.endsAt).toBeNull();
    });

    it('says so, too, when the server ends it by its own limit', async () => {
      const track = await goOnAir();
      await vi.advanceTimersByTimeAsync(60 * 60_000 - 250);
      sender.talkEnded('talk-1', 'tooLong');
      await settle();
      expect(track.stopped).toBe(true);
      expect(sender.trouble).toEqual({ code: 'timeUp', detail: '60 minutes' });
    });

    it('is not begun anew by a press in that tail', async () => {
      sender.press({ maxTalkMs: 60_000 });
      await settle();
      microphones[0]!.open();
      answerStart('talk-1');
      await settle();
      sender.onAir('talk-1');
      await vi.advanceTimersByTimeAsync(60_000);
      sender.press({ maxTalkMs: 60_000 });
      await vi.advanceTimersByTimeAsync(TAIL_MS);
      expect(sender.state).toBe('idle');
    });

    it('leaves the limit of an ended talk behind', async () => {
      sender.press({ maxTalkMs: 60_000 });
      await settle();
      microphones[0]!.open();
      answerStart('talk-1');
      await settle();
      sender.onAir('talk-1');
      sender.end();
      await goOnAir('talk-2');
      await vi.advanceTimersByTimeAsync(120_000);
      expect(sender.state).toBe('onAir');
    });
  });

  it('mutes what this device plays while a person talks, and not for a monitor, which talks for ever', () => {
    sender.press();
    expect(sender.mutes).toBe(true);
    sender.end();
    expect(sender.mutes).toBe(false);
    sender.press({ playsOn: true });
    expect(sender.mutes).toBe(false);
    sender.end();
    sender.press();
    expect(sender.mutes).toBe(true);
  });
});
