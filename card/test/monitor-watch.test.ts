import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ListenTarget, MonitorInfo, StreamInfo } from '@voice-streaming/shared/protocol';
import { MonitorWatch } from '../src/monitor-watch.ts';
import { steadyNow } from '../src/steady-clock.ts';

let target: ListenTarget;
let streams: StreamInfo[];
let ready: boolean;
let serverTalks: boolean;
let lastMessageAt: number;
let soundArrives: boolean | null;
let soundAt: number;
let watch: MonitorWatch;

const nursery = (monitor?: MonitorInfo): StreamInfo => {
  const info = { id: 'nursery', name: 'Nursery', live: true, since: 1, receivers: 1, listeners: 0 };
  return monitor ? { ...info, monitor } : info;
};
const is = (state: MonitorInfo['state'], lastSoundAt: number | null = null): void => {
  streams = [nursery({ state, lastSoundAt })];
  watch.update();
};
const reason = (): string | undefined => watch.alarm?.reason;

/** Time in which the server says something each second, if it is there. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 250) {
    await vi.advanceTimersByTimeAsync(Math.min(250, ms - passed));
    if (serverTalks && ready) lastMessageAt = steadyNow();
    if (soundArrives) soundAt = steadyNow();
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  [target, streams, ready, serverTalks, soundArrives] = [['nursery'], [], true, true, true];
  lastMessageAt = soundAt = steadyNow();
  watch = new MonitorWatch({
    target: () => target,
    streams: () => streams,
    isReady: () => ready,
    lastMessageAt: () => lastMessageAt,
    clockLeadMs: () => 3_600_000,
    soundAt: () => (soundArrives === null ? null : soundAt),
  });
});

afterEach(() => {
  watch.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('an alarm', () => {
  it('comes within ten seconds of a lost monitor, not at once, and goes when it is back', async () => {
    is('live');
    await pass(60_000);
    is('lost');
    await pass(3_500);
    expect(watch.alarm).toBeNull();
    await pass(1_000);
    expect(watch.alarm).toEqual({ reason: 'lost', name: 'Nursery', acknowledged: false });
    is('live');
    expect(watch.alarm).toBeNull();
  });

  it('comes when the server is silent for eight seconds, though the socket stands', async () => {
    is('live');
    await pass(5_000);
    serverTalks = false;
    await pass(7_000);
    expect(watch.alarm).toBeNull();
    await pass(2_500);
    expect(reason()).toBe('server');
  });

  it('comes when the connection is gone for eight seconds', async () => {
    is('live');
    await pass(5_000);
    ready = false;
    await pass(7_500);
    expect(watch.alarm).toBeNull();
    await pass(2_000);
    expect(reason()).toBe('server');
  });

  it('does not come at a restart of five seconds, after which the monitor needs two more', async () => {
    is('live');
    await pass(5_000);
    ready = false;
    await pass(5_000);
    ready = true;
    lastMessageAt = steadyNow();
    is('lost');
    await pass(2_000);
    is('live');
    await pass(10_000);
    expect(watch.alarm).toBeNull();
  });

  it('comes within ten seconds also when the server is back in between, and the monitor is not', async () => {
    is('live');
    await pass(5_000);
    ready = false;
    await pass(7_000);
    ready = true;
    lastMessageAt = steadyNow();
    is('lost');
    await pass(3_000);
    expect(reason()).toBe('lost');
  });

  it('does not end with the connection alone, only with the monitor', async () => {
    is('live');
    ready = false;
    await pass(10_000);
    ready = true;
    lastMessageAt = steadyNow();
    expect(reason()).toBe('server');
    is('lost');
    expect(reason()).toBe('lost');
    await pass(4_500);
    expect(reason()).toBe('lost');
    is('live');
    expect(watch.alarm).toBeNull();
  });

  it('comes when no sound arrives here, though the server has it', async () => {
    is('live');
    await pass(2_000);
    soundArrives = false;
    await pass(7_500);
    expect(watch.alarm).toBeNull();
    await pass(1_000);
    expect(reason()).toBe('noSound');
    soundArrives = true;
    await pass(1_000);
    expect(watch.alarm).toBeNull();
  });

  it('needs no sound where none is to be heard', async () => {
    soundArrives = null;
    is('live');
    await pass(60_000);
    expect(watch.alarm).toBeNull();
  });

  it('comes though the clock is set back meanwhile', async () => {
    is('live');
    await pass(5_000);
    serverTalks = false;
    vi.setSystemTime(Date.now() - 3_600_000);
    await pass(9_000);
    expect(reason()).toBe('server');
  });

  it('comes when the server has forgotten the monitor, and not when a person has', async () => {
    is('live');
    await pass(5_000);
    ready = false;
    watch.update();
    await pass(1_000);
    ready = true;
    lastMessageAt = steadyNow();
    streams = [nursery()];
    watch.update();
    await pass(5_000);
    expect(reason()).toBe('lost');
    is('lost');
    streams = [];
    watch.update();
    expect(watch.alarm).toBeNull();
    expect(watch.watched).toBeNull();
  });

  it('comes for each monitor, though that for another one was heard', async () => {
    const attic = (state: MonitorInfo['state']): StreamInfo => ({
      ...nursery({ state, lastSoundAt: null }),
      id: 'attic',
      name: 'Attic',
    });
    target = ['nursery', 'attic'];
    streams = [nursery({ state: 'lost', lastSoundAt: null }), attic('live')];
    watch.update();
    await pass(5_000);
    watch.acknowledge();
    expect(watch.alarm).toEqual({ reason: 'lost', name: 'Nursery', acknowledged: true });
    streams = [nursery({ state: 'lost', lastSoundAt: null }), attic('lost')];
    watch.update();
    await pass(5_000);
    expect(watch.alarm).toEqual({ reason: 'lost', name: 'Attic', acknowledged: false });
    watch.acknowledge();
    await pass(60_000);
    expect(watch.alarm).toMatchObject({ acknowledged: true });
  });

  it('never comes before the first connection, nor for one that was switched off', async () => {
    ready = false;
    watch.update();
    await pass(60_000);
    expect(watch.alarm).toBeNull();
    ready = true;
    is('live');
    await pass(1_000);
    is('off');
    await pass(60_000);
    expect(watch.alarm).toBeNull();
    expect(watch.watched).toMatchObject({ state: 'off', names: ['Nursery'], off: ['Nursery'] });
  });

  it('comes for one that was lost before this page was opened', async () => {
    is('lost');
    await pass(4_500);
    expect(reason()).toBe('lost');
  });

  it('comes for a tap that is needed only where it was live before', async () => {
    is('needsTap');
    await pass(60_000);
    expect(watch.alarm).toBeNull();
    is('live');
    is('needsTap');
    await pass(4_500);
    expect(reason()).toBe('needsTap');
  });

  it('that somebody has heard stays to be seen, and is heard again the next time', async () => {
    is('lost');
    await pass(5_000);
    watch.acknowledge();
    expect(watch.alarm).toMatchObject({ acknowledged: true });
    await pass(60_000);
    expect(watch.alarm).toMatchObject({ acknowledged: true });
    is('live');
    is('lost');
    await pass(5_000);
    expect(watch.alarm).toMatchObject({ acknowledged: false });
  });

  it('gives a device that slept time to find its connection again, but not for ever', async () => {
    is('live');
    await pass(5_000);
    vi.setSystemTime(Date.now() + 3_600_000);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(watch.alarm).toBeNull();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(reason()).toBe('server');
  });

  it('is none of a target that is not to be heard', async () => {
    is('lost');
    await pass(5_000);
    target = null;
    watch.update();
    expect(watch.alarm).toBeNull();
    expect(watch.watched).toBeNull();
    target = 'latest';
    watch.update();
    expect(watch.watched).toBeNull();
  });
});

describe('the last sound', () => {
  it('is told by the server’s clock, and by the levels that arrive', async () => {
    is('live', steadyNow() - 3_600_000 - 12_000);
    expect(watch.watched).toMatchObject({ lastSoundMs: 12_000, sounding: false });
    await pass(1_000);
    expect(watch.watched).toMatchObject({ lastSoundMs: 13_000 });
    watch.setLevels({ nursery: -65 });
    expect(watch.isQuiet('nursery')).toBe(true);
    watch.setLevels({ nursery: -30 });
    expect(watch.watched).toMatchObject({ lastSoundMs: 0, sounding: true });
    expect(watch.isQuiet('nursery')).toBe(false);
    const told = vi.fn();
    watch.changed.subscribe(told);
    await pass(3_000);
    expect(watch.watched).toMatchObject({ lastSoundMs: 3_000, sounding: false });
    expect(told).toHaveBeenCalled();
  });

  it('may not have been yet', () => {
    is('live');
    expect(watch.watched).toMatchObject({ lastSoundMs: null });
  });
});
