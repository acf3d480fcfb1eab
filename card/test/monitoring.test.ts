import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ListenTarget, MonitorInfo, StreamInfo } from '@voice-streaming/shared/protocol';
import { Alarm } from '../src/alarm.ts';
import { Monitoring } from '../src/monitoring.ts';
import type { Receiver } from '../src/receiver.ts';
import type { SignalingClient } from '../src/signaling-client.ts';
import { steadyNow } from '../src/steady-clock.ts';
import { FakeAudio } from './fakes/fake-audio.ts';
import { FakeChannels } from './fakes/fake-channels.ts';
import { FakeDocument } from './fakes/fake-document.ts';

/** As much of a Receiver as monitoring looks at. */
class FakeReceiver {
  target: ListenTarget = ['nursery'];
  wanted = true;
  elsewhere = false;
  needsTap = false;
  isPaused = false;
  muted = false;
  speaker = '';
  soundAt = 0;
  silenced: string[] = [];
  unlocks = 0;
  flows = true;

  setSilent(): void {
    // Whether a transport is there is the receiver's own test.
  }

  volumeOf(): number {
    return 1;
  }

  isSilenced(id: string): boolean {
    return this.silenced.includes(id);
  }

  enableSound(): void {
    this.unlocks += 1;
  }
}

let receiver: FakeReceiver;
let audio: FakeAudio;
let streams: StreamInfo[];
let channels: FakeChannels;
let monitoring: Monitoring;
const client = { heardAt: 0, clockLeadMs: 0 };

const nursery = (state: MonitorInfo['state']): StreamInfo => ({
  id: 'nursery',
  name: 'Nursery',
  live: true,
  since: 1,
  receivers: 1,
  listeners: 0,
  monitor: { state, lastSoundAt: null },
});

async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) {
    await vi.advanceTimersByTimeAsync(500);
    client.heardAt = steadyNow();
    if (receiver.flows) receiver.soundAt = steadyNow();
    monitoring.update();
  }
}

function become(state: MonitorInfo['state']): void {
  streams = [nursery(state)];
  monitoring.update();
}

const make = (): Monitoring =>
  new Monitoring({
    url: 'ws://house/ws',
    client: client as unknown as SignalingClient,
    receiver: receiver as unknown as Receiver,
    streams: () => streams,
    isReady: () => true,
    alarm: new Alarm({ createElement: () => audio.asElement() }),
    openChannel: channels.open,
  });

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('document', new FakeDocument());
  receiver = new FakeReceiver();
  audio = new FakeAudio();
  channels = new FakeChannels();
  client.heardAt = steadyNow();
  streams = [];
  monitoring = make();
});

afterEach(() => {
  monitoring.close();
  monitoring.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it('sounds the alarm until somebody has heard it', async () => {
  become('live');
  await pass(2_000);
  become('lost');
  await pass(5_000);
  expect(monitoring.watch.alarm?.reason).toBe('lost');
  expect(audio.paused).toBe(false);
  monitoring.acknowledge();
  expect(audio.paused).toBe(true);
});

it('misses the sound that the system has stopped though packets come, and asks for it', async () => {
  become('live');
  await pass(5_000);
  receiver.isPaused = true;
  await pass(7_000);
  expect(monitoring.watch.alarm).toBeNull();
  await pass(2_500);
  expect(monitoring.watch.alarm?.reason).toBe('noSound');
  expect(receiver.unlocks).toBe(1);
  receiver.isPaused = false;
  await pass(1_000);
  expect(monitoring.watch.alarm).toBeNull();
});

it('misses the sound that the browser refuses all at once, but never one that could not yet be heard', async () => {
  receiver.needsTap = true;
  become('live');
  await pass(60_000);
  expect(monitoring.watch.alarm).toBeNull();
  receiver.needsTap = false;
  await pass(1_000);
  receiver.needsTap = true;
  await pass(9_500);
  expect(monitoring.watch.alarm?.reason).toBe('noSound');
});

it('misses packets, and is not put off by a way that changes now and then', async () => {
  become('live');
  await pass(5_000);
  receiver.flows = false;
  for (let time = 0; time < 5; time += 1) {
    receiver.needsTap = !receiver.needsTap;
    await pass(2_000);
  }
  expect(monitoring.watch.alarm?.reason).toBe('noSound');
});

it('sounds also where another tab plays: that one may play something else', async () => {
  become('live');
  receiver.elsewhere = true;
  receiver.wanted = false;
  await pass(30_000);
  expect(monitoring.watch.alarm).toBeNull();
  become('lost');
  await pass(5_000);
  expect(audio.paused).toBe(false);
});

it('that is heard in one tab is heard in all', async () => {
  const otherAudio = new FakeAudio();
  const here = audio;
  audio = otherAudio;
  const other = make();
  become('lost');
  other.update();
  await pass(5_000);
  other.update();
  expect(other.watch.alarm).toMatchObject({ acknowledged: false });
  monitoring.acknowledge();
  await vi.advanceTimersByTimeAsync(1);
  expect(other.watch.alarm).toMatchObject({ acknowledged: true });
  expect([here.paused, otherAudio.paused]).toEqual([true, true]);
  other.close();
});

it('names those whose sound is turned off here', () => {
  receiver.silenced = ['nursery'];
  become('live');
  expect(monitoring.watch.watched).toMatchObject({ silenced: ['Nursery'] });
});

it('relies on nothing before it knows a monitor, and no longer when nobody is to be heard', () => {
  expect(monitoring.reliedOn).toBe(false);
  become('live');
  expect(monitoring.reliedOn).toBe(true);
  receiver.target = null;
  monitoring.update();
  expect(monitoring.reliedOn).toBe(false);
});
