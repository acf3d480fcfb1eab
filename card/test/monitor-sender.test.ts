import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { MonitorInfo } from '@voice-streaming/shared/protocol';
import { Emitter } from '../src/emitter.ts';
import { MonitorSender } from '../src/monitor-sender.ts';
import type { PressOptions, SenderState } from '../src/sender.ts';
import { TroubleError, type Trouble } from '../src/trouble.ts';
import { FakeDocument } from './fakes/fake-document.ts';
import { FakeTrack } from './fakes/fake-track.ts';

/** A microphone whose track can be copied, muted and unplugged. */
class MonitorTrack extends FakeTrack {
  muted = false;
  readonly copies: FakeTrack[] = [];

  clone(): FakeTrack {
    const copy = new FakeTrack();
    this.copies.push(copy);
    return copy;
  }

  mute(): void {
    this.muted = true;
    this.dispatchEvent(new Event('mute'));
  }
}

/** As much of a Sender as is seen from outside. */
class FakeSender {
  state: SenderState = 'idle';
  trouble: Trouble | null = null;
  presses = 0;
  ends = 0;

  press({ open, playsOn }: PressOptions = {}): void {
    expect(playsOn).toBe(true);
    this.presses += 1;
    this.trouble = null;
    this.become('opening');
    void open?.();
  }

  end(trouble: Trouble | null = null): void {
    this.ends += 1;
    this.trouble = trouble;
    this.become('idle');
  }

  become(state: SenderState): void {
    this.state = state;
    monitor.update();
  }
}

const page = new FakeDocument();
const settings = { changed: new Emitter() };
let sender: FakeSender;
let monitor: MonitorSender;
let ready: boolean;
let granted: boolean;
let refusal: Trouble | null;
let told: string[];
let tracks: MonitorTrack[];
let own: MonitorInfo['state'] | undefined;
let reopened: number;
let dice: number;

const settle = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const track = (): MonitorTrack => tracks.at(-1)!;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('document', page);
  page.hidden = false;
  [ready, granted, refusal, told, tracks, own, reopened] = [true, true, null, [], [], undefined, 0];
  dice = 0;
  sender = new FakeSender();
  monitor = new MonitorSender({
    sender,
    isReady: () => ready,
    introduced: () => Promise.resolve(),
    tell: ({ state }) => {
      told.push(state);
      return Promise.resolve({});
    },
    own: () =>
      own && {
        id: 'nursery',
        name: 'Nursery',
        live: false,
        since: null,
        receivers: 0,
        listeners: 0,
        monitor: { state: own, lastSoundAt: null },
      },
    reopen: () => (reopened += 1),
    obstacle: () => null,
    open: () => {
      if (refusal) return Promise.reject(new TroubleError(refusal));
      const made = new MonitorTrack();
      tracks.push(made);
      return Promise.resolve(made.asTrack);
    },
    granted: () => Promise.resolve(granted),
    settings,
    random: () => dice,
  });
});

afterEach(() => {
  monitor.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

async function live(): Promise<() => void> {
  const release = monitor.use();
  await settle();
  sender.become('onAir');
  return release;
}

describe('a monitor', () => {
  it('opens by itself where the browser has allowed it, and tells the server before it talks', async () => {
    await live();
    expect(monitor.state).toBe('live');
    expect(told).toEqual(['on']);
    expect(sender.presses).toBe(1);
    expect(track().copies).toHaveLength(1);
  });

  it('needs one tap where it has not, and says so', async () => {
    granted = false;
    monitor.use();
    await settle();
    expect(monitor.state).toBe('needsTap');
    expect(monitor.trouble).toBeNull();
    expect(told).toEqual(['needsTap']);
    expect(tracks).toHaveLength(0);
    monitor.toggle();
    expect(tracks).toHaveLength(1);
    await settle();
    expect(told).toEqual(['needsTap', 'on']);
    expect(sender.presses).toBe(1);
  });

  it('that is refused the microphone after a tap says why, and asks for another tap', async () => {
    granted = false;
    monitor.use();
    await settle();
    refusal = { code: 'permissionDenied' };
    monitor.toggle();
    await settle();
    expect(monitor.state).toBe('needsTap');
    expect(monitor.trouble).toEqual({ code: 'permissionDenied' });
  });

  it('begins again whatever took its talk, for ever, with the same microphone', async () => {
    await live();
    for (let time = 1; time <= 200; time += 1) {
      sender.end({ code: time % 2 === 0 ? 'connectionLost' : 'mediaBlocked' });
      expect(monitor.state).toBe('starting');
      await settle(1_500);
      expect(sender.presses).toBe(time + 1);
      sender.become('onAir');
      expect(monitor.state).toBe('live');
    }
    expect(tracks).toHaveLength(1);
    expect(track().stopped).toBe(false);
  });

  it('waits between tries that fail, longer and longer up to a bound', async () => {
    await live();
    sender.end({ code: 'connectionLost' });
    const before = sender.presses;
    for (let second = 0; second < 30; second += 1) {
      await settle(1_000);
      if (sender.state !== 'idle') sender.end({ code: 'mediaBlocked' });
    }
    expect(sender.presses - before).toBeGreaterThan(15);
    expect(sender.presses - before).toBeLessThan(60);
  });

  it('is back after the server was away, and tells the new connection', async () => {
    await live();
    ready = false;
    sender.end();
    await settle(60_000);
    expect(sender.presses).toBe(1);
    ready = true;
    monitor.update();
    await settle(500);
    expect(told).toEqual(['on', 'on']);
    expect(sender.presses).toBe(2);
    expect(tracks).toHaveLength(1);
  });

  it('tries again when the microphone is unplugged, and says so meanwhile', async () => {
    await live();
    refusal = { code: 'noMicrophone' };
    track().unplug();
    expect(sender.state).toBe('idle');
    expect(monitor.trouble).toEqual({ code: 'microphoneLost' });
    await settle(30_000);
    expect(monitor.trouble).toEqual({ code: 'noMicrophone' });
    refusal = null;
    await settle(10_000);
    expect(tracks).toHaveLength(2);
    expect(sender.presses).toBe(2);
  });

  it('takes a microphone that stays muted for gone: silence is not sleep', async () => {
    await live();
    track().mute();
    await settle(1_900);
    expect(monitor.state).toBe('live');
    await settle(200);
    expect(monitor.trouble).toEqual({ code: 'microphoneLost' });
    expect(tracks[0]!.stopped).toBe(true);
    await settle(2_000);
    expect(tracks).toHaveLength(2);
  });

  it('is switched off by a person, tells so also when the server was away, and goes on with a tap', async () => {
    await live();
    ready = false;
    monitor.toggle();
    expect(monitor.state).toBe('off');
    expect(monitor.wanted).toBe(false);
    expect(track().stopped).toBe(true);
    ready = true;
    monitor.update();
    await settle();
    expect(told).toEqual(['on', 'off']);
    await settle(60_000);
    expect(sender.presses).toBe(1);
    monitor.toggle();
    await settle();
    expect(told).toEqual(['on', 'off', 'on']);
    expect(sender.presses).toBe(2);
  });

  it('that an administrator ended is off, and nobody misses it', async () => {
    await live();
    sender.end({ code: 'endedByAdmin' });
    await settle(10_000);
    expect(monitor.state).toBe('off');
    expect(told).toEqual(['on', 'off']);
  });

  it('leaves it to the tab that took it, until that one is missed', async () => {
    await live();
    own = 'live';
    sender.end({ code: 'takenOver' });
    expect(monitor.state).toBe('elsewhere');
    expect(track().stopped).toBe(true);
    await settle(3_600_000);
    expect(sender.presses).toBe(1);
    own = 'lost';
    monitor.update();
    await settle(900);
    own = 'live';
    monitor.update();
    await settle(60_000);
    expect(sender.presses).toBe(1);
    // Listeners are alarmed after 4 s.
    dice = 0.99;
    own = 'lost';
    monitor.update();
    await settle(2_000);
    expect(sender.presses).toBe(2);
    expect(told).toEqual(['on', 'on']);
  });

  it('opens another transport when the server misses its packets', async () => {
    await live();
    own = 'lost';
    monitor.update();
    await settle(2_100);
    expect(reopened).toBe(1);
  });

  it('opens the microphone anew when a person has chosen another one', async () => {
    await live();
    settings.changed.emit();
    await settle();
    expect(tracks).toHaveLength(2);
    expect(tracks[0]!.stopped).toBe(true);
    expect(sender.presses).toBe(2);
  });

  it('goes on for as long as the page is hidden, though its card was taken away', async () => {
    const release = await live();
    page.hidden = true;
    release();
    await settle(3_600_000);
    expect(monitor.state).toBe('live');
    page.hidden = false;
    monitor.awake();
    await settle(1_000);
    monitor.use();
    await settle(60_000);
    expect(monitor.state).toBe('live');
    expect(sender.ends).toBe(0);
  });

  it('ends soon when its card is gone from a page that is looked at, and is missed', async () => {
    const release = await live();
    release();
    await settle(4_900);
    expect(monitor.state).toBe('live');
    await settle(200);
    expect(monitor.state).toBe('none');
    expect(sender.state).toBe('idle');
    expect(track().stopped).toBe(true);
    expect(told).toEqual(['on']);
  });

  it('waits while somebody talks on another card of the page', async () => {
    sender.state = 'onAir';
    monitor.use();
    await settle(10_000);
    expect(sender.presses).toBe(0);
    sender.become('idle');
    await settle(500);
    expect(sender.presses).toBe(1);
  });
});
