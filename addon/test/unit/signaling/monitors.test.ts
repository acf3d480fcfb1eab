import type { StreamInfo } from '@voice-streaming/shared/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_LIMITS } from '../../../src/signaling/limits.ts';
import type { FakeSocket } from '../../fakes/fake-socket.ts';
import {
  ADMINISTRATOR,
  audioPacket,
  deviceKeyOf,
  signalingRig,
  type SignalingRig,
} from '../../support/signaling-rig.ts';

const { monitorSilenceMs, monitorTellMs } = DEFAULT_LIMITS;
const QUIET_DBOV = -65;

let rig: SignalingRig;
let viewer: FakeSocket;

beforeEach(async () => {
  rig = await signalingRig({ maxMonitors: 2 });
  vi.useFakeTimers();
  viewer = rig.connect();
});

afterEach(async () => {
  await rig.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const pass = (ms = 300): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

function introduced(name: string): FakeSocket {
  const client = rig.connect();
  client.ask('introduce', { deviceKey: deviceKeyOf(name), name });
  return client;
}

/** On, with a transport and a talk, and heard once. */
async function monitor(name = 'nursery'): Promise<FakeSocket> {
  const client = introduced(name);
  client.ask('setMonitor', { state: 'on' });
  client.ask('connectSender', { offer: name });
  client.ask('startTalk', {});
  await pass();
  return client;
}

let sent = 0;
function say(levelDbov = QUIET_DBOV): void {
  rig.peers.senders.findLast(({ isClosed }) => !isClosed)!.events.packet(audioPacket(sent++, levelDbov));
}

/** Time in which packets come. */
async function hum(ms: number, levelDbov = QUIET_DBOV): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    say(levelDbov);
    await pass(100);
  }
}

const infoOf = (id = 'nursery', client = viewer): StreamInfo | undefined =>
  client
    .all('streams')
    .at(-1)
    ?.streams.find((stream) => stream.id === id);
const stateOf = (id = 'nursery'): string | undefined => infoOf(id)?.monitor?.state;

describe('a monitor', () => {
  it('is live while its talk is, and listed for everybody', async () => {
    const client = await monitor();
    await hum(1_000);
    expect(infoOf()).toMatchObject({ live: true, monitor: { state: 'live', lastSoundAt: null } });
    expect(infoOf('nursery', client)).toMatchObject({ monitor: { state: 'live' } });
  });

  it('is lost when its session is gone, stays listed, and is live again when it is back', async () => {
    const client = await monitor();
    await hum(500);
    client.emit('close', 1006);
    await pass();
    expect(infoOf()).toMatchObject({ name: 'nursery', live: false, monitor: { state: 'lost' } });
    await pass(3_600_000);
    expect(stateOf()).toBe('lost');
    await monitor();
    expect(stateOf()).toBe('live');
  });

  it('is lost when its talk or its transport is gone', async () => {
    const client = await monitor();
    client.ask('stopTalk', {});
    await pass();
    expect(stateOf()).toBe('lost');
    client.ask('startTalk', {});
    await pass();
    expect(stateOf()).toBe('live');
    rig.peers.senders.at(-1)!.events.closed('silent for 15 s');
    await pass();
    expect(stateOf()).toBe('lost');
  });

  it('is lost when packets stay away, though session and peer look alive, and live with the next one', async () => {
    await monitor();
    await hum(1_000);
    await pass(monitorSilenceMs - 400);
    expect(stateOf()).toBe('live');
    await pass(900);
    expect(infoOf()).toMatchObject({ live: true, monitor: { state: 'lost' } });
    await hum(500);
    expect(stateOf()).toBe('live');
  });

  it('that never sends a packet is lost too', async () => {
    await monitor();
    await pass(monitorSilenceMs + 400);
    expect(stateOf()).toBe('lost');
  });

  it('that is switched off is missed by nobody, and everybody sees that it is off, talking or gone', async () => {
    const client = await monitor();
    client.ask('setMonitor', { state: 'off' });
    client.ask('stopTalk', {});
    await pass();
    expect(infoOf()).toMatchObject({ live: false, monitor: { state: 'off' } });
    client.emit('close', 1001);
    await pass();
    expect(infoOf()).toMatchObject({ live: false, monitor: { state: 'off' } });
    await monitor();
    expect(stateOf()).toBe('live');
  });

  it('is not switched off, nor said to need a tap, by another tab that is not the monitor', async () => {
    const older = await monitor();
    const newer = await monitor();
    for (const state of ['off', 'needsTap'] as const) {
      older.ask('setMonitor', { state });
      await hum(500);
      expect(stateOf()).toBe('live');
    }
    newer.emit('close', 1006);
    await pass();
    expect(stateOf()).toBe('lost');
    older.ask('setMonitor', { state: 'off' });
    await pass();
    expect(stateOf()).toBe('off');
  });

  it('that never was one does not become one by being off', async () => {
    introduced('nursery').ask('setMonitor', { state: 'off' });
    await pass();
    expect(infoOf()?.monitor).toBeUndefined();
  });

  it('says that it needs a tap, and is lost when its page is gone before that', async () => {
    const client = introduced('nursery');
    client.ask('setMonitor', { state: 'needsTap' });
    await pass();
    expect(stateOf()).toBe('needsTap');
    client.emit('close', 1001);
    await pass();
    expect(stateOf()).toBe('lost');
  });

  it('belongs to the session that said so last: an older one may go', async () => {
    const older = await monitor();
    const newer = await monitor();
    expect(older.all('talkEnded')).toMatchObject([{ reason: 'takenOver' }]);
    older.emit('close', 1001);
    await hum(500);
    expect(stateOf()).toBe('live');
    newer.emit('close', 1001);
    await pass();
    expect(stateOf()).toBe('lost');
  });

  it('must be introduced', () => {
    const stranger = rig.connect();
    expect(stranger.replyTo(stranger.ask('setMonitor', { state: 'on' }))).toMatchObject({ code: 'not_introduced' });
  });
});

describe('the last sound', () => {
  it('is kept for who comes late; a quiet room is none', async () => {
    await monitor();
    await hum(2_000);
    expect(infoOf()?.monitor?.lastSoundAt).toBeNull();
    const from = Date.now();
    await hum(1_000, -30);
    const to = Date.now();
    await hum(20_000);
    const late = rig.connect();
    const at = infoOf('nursery', late)!.monitor!.lastSoundAt!;
    expect(at).toBeGreaterThan(from);
    expect(at).toBeLessThanOrEqual(to + 200);
  });

  it('is told at once, then now and then while it is loud, and at last exactly', async () => {
    await monitor();
    await hum(1_000);
    const before = viewer.all('streams').length;
    await hum(20_000, -20);
    const loud = viewer.all('streams').length - before;
    expect(loud).toBeGreaterThanOrEqual(3);
    expect(loud).toBeLessThanOrEqual(20_000 / monitorTellMs + 1);
    const endedAt = Date.now();
    await hum(monitorTellMs + 500);
    expect(Math.abs(endedAt - infoOf()!.monitor!.lastSoundAt!)).toBeLessThanOrEqual(200);
    const settled = viewer.all('streams').length;
    await hum(20_000);
    expect(viewer.all('streams')).toHaveLength(settled);
  });
});

describe('a monitor does not flood the house', () => {
  const carried = (client: FakeSocket): (string | null)[] => Object.values(client.all('slots').at(-1)!.slots);

  it('is heard only by who names it', async () => {
    const listeners = (['latest', 'all', ['nursery']] as const).map((to) => {
      const client = rig.connect();
      client.ask('listen', { to: typeof to === 'string' ? to : [...to] });
      client.ask('connectReceiver', { offer: '2 slots' });
      return client;
    });
    await pass();
    await monitor();
    await hum(500);
    expect(listeners.map(carried)).toEqual([
      [null, null],
      [null, null],
      ['nursery', null],
    ]);
    expect(rig.relay.latest).toBeUndefined();
  });

  it('has its levels told only to its own device and to who names it', async () => {
    const listener = rig.connect();
    listener.ask('listen', { to: ['nursery'] });
    const own = await monitor();
    await hum(600, -30);
    expect(listener.all('levels').at(-1)?.levels).toEqual({ nursery: -30 });
    expect(own.all('levels').at(-1)?.levels).toEqual({ nursery: -30 });
    expect(viewer.all('levels')).toEqual([]);
  });

  it('of which another session talks meanwhile is a voice for all', async () => {
    await monitor();
    const other = introduced('nursery');
    other.ask('connectSender', { offer: 'nursery' });
    other.ask('startTalk', {});
    await pass();
    expect(rig.relay.latest?.id).toBe('nursery');
    expect(stateOf()).toBe('lost');
  });
});

describe('bounds', () => {
  it('takes no more monitors than it may, and one that was forgotten makes room', async () => {
    for (const name of ['one', 'two']) introduced(name).ask('setMonitor', { state: 'on' });
    const third = introduced('three');
    expect(third.replyTo(third.ask('setMonitor', { state: 'on' }))).toMatchObject({ code: 'server_full' });
    const administrator = rig.connect(ADMINISTRATOR);
    await pass();
    expect(viewer.replyTo(viewer.ask('forgetMonitor', { streamId: 'one' }))).toMatchObject({ code: 'forbidden' });
    administrator.replyTo(administrator.ask('forgetMonitor', { streamId: 'one' }));
    await pass();
    expect(infoOf('one')?.monitor).toBeUndefined();
    expect(third.replyTo(third.ask('setMonitor', { state: 'on' }))).toMatchObject({ type: 'result' });
  });

  it('drops one that is off for one that is on', async () => {
    const first = introduced('one');
    first.ask('setMonitor', { state: 'on' });
    first.ask('setMonitor', { state: 'off' });
    introduced('two').ask('setMonitor', { state: 'on' });
    const third = introduced('three');
    expect(third.replyTo(third.ask('setMonitor', { state: 'on' }))).toMatchObject({ type: 'result' });
    await pass();
    expect([infoOf('one')?.monitor, stateOf('two'), stateOf('three')]).toEqual([undefined, 'lost', 'lost']);
  });

  it('forgets one that is off', async () => {
    const client = introduced('one');
    for (const state of ['on', 'off'] as const) client.ask('setMonitor', { state });
    const administrator = rig.connect(ADMINISTRATOR);
    administrator.ask('forgetMonitor', { streamId: 'one' });
    await pass();
    expect(infoOf('one')?.monitor).toBeUndefined();
  });

  it('forgets only what is a monitor and lost', async () => {
    await monitor();
    await hum(300);
    const administrator = rig.connect(ADMINISTRATOR);
    const codeOf = (streamId: string): unknown =>
      administrator.replyTo(administrator.ask('forgetMonitor', { streamId }));
    expect(codeOf('nursery')).toMatchObject({ code: 'stream_busy' });
    expect(codeOf('nobody')).toMatchObject({ code: 'stream_not_found' });
    expect(stateOf()).toBe('live');
  });
});

describe('a play URL', () => {
  it('is for what one may hear, and never for a private talk', async () => {
    await monitor();
    const replyFor = (streamId: string, client = viewer): unknown =>
      client.replyTo(client.ask('getPlayUrl', { streamId }));
    expect(replyFor('nursery')).toMatchObject({ result: { path: 'play/ticket/nursery.mp3' } });
    expect(replyFor('latest')).toMatchObject({ result: { path: 'play/ticket/latest.mp3' } });
    expect(replyFor('nobody')).toMatchObject({ code: 'stream_not_found' });
    const secret = introduced('study');
    secret.ask('connectSender', { offer: 'study' });
    secret.ask('startTalk', { private: true });
    await pass();
    expect(replyFor('study')).toMatchObject({ code: 'stream_not_found' });
    expect(replyFor('study', rig.connect(ADMINISTRATOR))).toMatchObject({ code: 'stream_not_found' });
  });
});
