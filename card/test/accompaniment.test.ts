import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Accompaniment, type Circumstances } from '../src/accompaniment.ts';
import { MediaControls } from '../src/media-controls.ts';
import type { Receiver } from '../src/receiver.ts';
import type { Talker } from '../src/talkers.ts';
import { WakeLock } from '../src/wake-lock.ts';

const talker = (streamId: string): Talker => ({
  streamId,
  name: `The ${streamId}`,
  mid: '0',
  level: -20,
  volume: 1,
  muted: false,
});

class FakeReceiver {
  target: Receiver['target'] = 'latest';
  talkers: readonly Talker[] = [];
  elsewhere = false;
  needsTap = false;
  speaker = '';
  listen(target: Receiver['target']): void {
    this.target = target;
  }
}

class FakeMediaSession {
  metadata: { title: string } | null = null;
  playbackState = 'none';
  readonly handlers: Record<string, (() => void) | null> = {};
  setActionHandler(action: string, handler: (() => void) | null): void {
    if (action === 'stop') throw new TypeError('Not known.');
    this.handlers[action] = handler;
  }
}

describe('Accompaniment', () => {
  let receiver: FakeReceiver;
  let circumstances: Circumstances;
  let accompaniment: Accompaniment;
  let media: FakeMediaSession;
  const wakeLock = { setWanted: vi.fn<(wanted: boolean) => void>() };
  const chime = { play: vi.fn<() => Promise<boolean>>(() => Promise.resolve(true)) };

  beforeEach(() => {
    vi.useFakeTimers();
    vi.clearAllMocks();
    receiver = new FakeReceiver();
    media = new FakeMediaSession();
    circumstances = { talking: false, autoListen: false, wakeLock: undefined, chime: true };
    accompaniment = new Accompaniment({
      receiver: receiver as unknown as Receiver,
      circumstances: () => circumstances,
      wakeLock,
      chime,
      controls: (handlers) =>
        new MediaControls({
          ...handlers,
          session: media as unknown as MediaSession,
          createMetadata: (init) => init as unknown as MediaMetadata,
        }),
    });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  const speaks = (...ids: string[]): void => {
    receiver.talkers = ids.map(talker);
    accompaniment.update();
  };

  it('sounds the chime once for each who begins, not again after a short gap', () => {
    speaks('hall');
    expect(chime.play).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(60_000);
    speaks('hall');
    expect(chime.play).toHaveBeenCalledOnce();
    speaks('hall', 'bath');
    expect(chime.play).toHaveBeenCalledTimes(2);
    speaks();
    vi.advanceTimersByTime(4_000);
    speaks('hall');
    expect(chime.play).toHaveBeenCalledTimes(2);
    speaks();
    vi.advanceTimersByTime(6_000);
    speaks('hall');
    expect(chime.play).toHaveBeenCalledTimes(3);
  });

  it.each([{ chime: false }, { talking: true }])('sounds no chime with %o', (given) => {
    Object.assign(circumstances, given);
    speaks('hall');
    expect(chime.play).not.toHaveBeenCalled();
  });

  it.each<[Partial<Circumstances>, boolean]>([
    [{}, false],
    [{ talking: true }, true],
    [{ talking: true, wakeLock: false }, false],
    [{ wakeLock: true }, false],
    [{ wakeLock: true, autoListen: true }, true],
    [{ autoListen: true }, false],
  ])('with %o the screen is kept on: %s', (given, kept) => {
    Object.assign(circumstances, given);
    accompaniment.update();
    expect(wakeLock.setWanted).toHaveBeenLastCalledWith(kept);
  });

  it('lets the screen go off where another tab plays, and where the sound is off', () => {
    Object.assign(circumstances, { wakeLock: true, autoListen: true });
    receiver.elsewhere = true;
    accompaniment.update();
    expect(wakeLock.setWanted).toHaveBeenLastCalledWith(false);
    receiver.elsewhere = false;
    receiver.target = null;
    accompaniment.update();
    expect(wakeLock.setWanted).toHaveBeenLastCalledWith(false);
  });

  it('tells the system who speaks, and leaves its controls to others when nobody does', () => {
    accompaniment.update();
    expect(media.metadata).toBeNull();
    speaks('hall', 'bath');
    expect(media.metadata!.title).toBe('The hall, The bath');
    expect(media.playbackState).toBe('playing');
    speaks();
    expect(media.metadata).toBeNull();
    expect(media.playbackState).toBe('none');
    expect(media.handlers['pause']).toBeNull();
  });

  it('pause from the lock screen turns listening off, play turns on what it was', () => {
    receiver.target = ['hall'];
    speaks('hall');
    media.handlers['pause']!();
    expect(receiver.target).toBeNull();
    speaks();
    expect(media.playbackState).toBe('paused');
    media.handlers['play']!();
    expect(receiver.target).toEqual(['hall']);
  });
});

describe('WakeLock', () => {
  class FakeSentinel extends EventTarget {
    release(): Promise<void> {
      this.dispatchEvent(new Event('release'));
      return Promise.resolve();
    }
  }
  const request = vi.fn<() => Promise<FakeSentinel>>();
  const page = { hidden: false };
  const settle = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve));

  beforeEach(() => {
    request.mockReset();
    request.mockImplementation(() => Promise.resolve(new FakeSentinel()));
    vi.stubGlobal('navigator', { wakeLock: { request } });
    vi.stubGlobal('document', page);
  });

  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('is asked for once, and anew after a hidden page lost it', async () => {
    const sentinel = new FakeSentinel();
    request.mockResolvedValueOnce(sentinel);
    const lock = new WakeLock();
    lock.setWanted(true);
    lock.setWanted(true);
    await settle();
    expect(request).toHaveBeenCalledOnce();
    expect(lock.held).toBe(true);
    sentinel.dispatchEvent(new Event('release'));
    lock.setWanted(true);
    await settle();
    expect(request).toHaveBeenCalledTimes(2);
    lock.setWanted(false);
    expect(lock.held).toBe(false);
  });

  it('that comes when it is no longer wanted is let go', async () => {
    const lock = new WakeLock();
    lock.setWanted(true);
    lock.setWanted(false);
    await settle();
    expect(lock.held).toBe(false);
  });

  it('is done without where the browser refuses it or has none', async () => {
    request.mockRejectedValue(new DOMException('Low battery.', 'NotAllowedError'));
    const lock = new WakeLock();
    lock.setWanted(true);
    await settle();
    expect(lock.held).toBe(false);
    vi.stubGlobal('navigator', {});
    lock.setWanted(true);
    await settle();
    expect(lock.held).toBe(false);
  });
});
