/** When the microphone is open, by the sender that talks with it. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FakeTrack } from './fakes/fake-track.ts';
import { SenderRig } from './fakes/sender-rig.ts';

const TAIL_MS = 200;

let rig: SenderRig;
let sender: SenderRig['sender'];
let microphones: SenderRig['microphones'];
const settle = (): Promise<void> => rig.settle();
const answerStart = (talkId: string): void => rig.answerStart(talkId);

beforeEach(async () => {
  rig = await SenderRig.create();
  ({ sender, microphones } = rig);
});

afterEach(() => rig.close());

describe('a warm microphone', () => {
  let gone: () => void;

  beforeEach(() => (gone = sender.microphone.use('warm')));

  const talkOnce = async (): Promise<FakeTrack> => {
    const track = await rig.goOnAir();
    sender.release();
    await vi.advanceTimersByTimeAsync(TAIL_MS);
    return track;
  };

  it('stays open for 30 s after the talk, off the transport', async () => {
    const track = await talkOnce();
    expect(sender.state).toBe('idle');
    expect(rig.peer.tracks.at(-1)).toBeNull();
    expect(sender.microphone.openUntil).toBe(Date.now() + 30_000);
    await vi.advanceTimersByTimeAsync(29_999);
    expect(track.stopped).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(track.stopped).toBe(true);
    expect(sender.microphone.openUntil).toBe(0);
  });

  it('is what the next press talks with', async () => {
    const track = await talkOnce();
    sender.press();
    await settle();
    answerStart('talk-2');
    await settle();
    sender.onAir('talk-2');
    expect(sender.state).toBe('onAir');
    expect(microphones).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(track.stopped).toBe(false);
  });

  it.each([
    ['the page hides or leaves', () => sender.end()],
    ['the last card that wants it is gone', () => gone()],
    ['the session is lost', () => sender.connectionLost()],
  ])('closes at once when %s', async (_what, happen) => {
    const track = await talkOnce();
    happen();
    expect(track.stopped).toBe(true);
    expect(sender.microphone.openUntil).toBe(0);
  });

  it('is not kept by a talk that ends in a hidden page', async () => {
    const track = await rig.goOnAir();
    rig.page.hidden = true;
    sender.release();
    await vi.advanceTimersByTimeAsync(TAIL_MS);
    expect(track.stopped).toBe(true);
  });

  it('is opened anew by the next press when it was set otherwise', async () => {
    const track = await talkOnce();
    rig.settings.set('noiseSuppression', false);
    expect(track.stopped).toBe(true);
    sender.press();
    expect(microphones).toHaveLength(2);
  });

  it('that was unplugged meanwhile is opened anew', async () => {
    const track = await talkOnce();
    track.unplug();
    expect(sender.microphone.openUntil).toBe(0);
    sender.press();
    expect(microphones).toHaveLength(2);
  });
});

describe('a microphone that is always open', () => {
  it('opens with the card, without a press, where the browser does not ask', async () => {
    sender.microphone.use('always');
    await settle();
    const track = microphones[0]!.open();
    await settle();
    expect(sender.microphone.openUntil).toBe(Infinity);
    expect(rig.signaling.types).toEqual(['connectSender']);
    expect(rig.peer.tracks).toEqual([]);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(track.stopped).toBe(false);
  });

  it('closes with the page and opens when that is looked at again', async () => {
    sender.microphone.use('always');
    await settle();
    const track = microphones[0]!.open();
    await settle();
    rig.page.hidden = true;
    sender.end();
    expect(track.stopped).toBe(true);
    rig.page.look();
    await settle();
    expect(microphones).toHaveLength(1);
    rig.page.hidden = false;
    rig.page.look();
    await settle();
    expect(microphones).toHaveLength(2);
  });

  it('is opened anew at once when it was set otherwise, but not under a talk', async () => {
    sender.microphone.use('always', { noiseSuppression: false });
    await settle();
    const first = microphones[0]!.open();
    await settle();
    rig.settings.set('autoGainControl', false);
    await settle();
    expect(first.stopped).toBe(true);
    expect(microphones).toHaveLength(2);
    expect(microphones.map(({ defaults }) => defaults)).toEqual(Array(2).fill({ noiseSuppression: false }));
    const second = microphones[1]!.open();
    await settle();
    sender.press();
    rig.settings.set('autoGainControl', true);
    await settle();
    expect(second.stopped).toBe(false);
    expect(microphones).toHaveLength(2);
  });

  it('that opens after the card is gone is closed', async () => {
    const gone = sender.microphone.use('always');
    await settle();
    gone();
    const late = microphones[0]!.open();
    await settle();
    expect(late.stopped).toBe(true);
  });

  it('that opens behind a press is closed: the press has its own', async () => {
    sender.microphone.use('always');
    await settle();
    sender.press();
    const late = microphones[0]!.open();
    const own = microphones[1]!.open();
    await settle();
    answerStart('talk-1');
    await settle();
    expect(late.stopped).toBe(true);
    expect(rig.peer.tracks).toEqual([own.asTrack]);
  });
});
