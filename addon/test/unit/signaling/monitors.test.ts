import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StreamInfo } from '@voice-streaming/shared/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Relay } from '../../../src/media/relay.ts';
import { DeviceRegistry } from '../../../src/signaling/device-registry.ts';
import { DEFAULT_LIMITS } from '../../../src/signaling/limits.ts';
import { MonitorRegistry } from '../../../src/signaling/monitor-registry.ts';
import type { FakeSocket } from '../../fakes/fake-socket.ts';
import { quietLog } from '../../support/quiet-log.ts';
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

  it('that is switched off is missed by nobody, talking or gone', async () => {
    const client = await monitor();
    client.ask('setMonitor', { state: 'off' });
    client.ask('stopTalk', {});
    await pass();
    expect(infoOf()).toMatchObject({ live: false });
    expect(infoOf()?.monitor).toBeUndefined();
    client.emit('close', 1001);
    await pass();
    expect(infoOf()).toBeUndefined();
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

describe('after a restart', () => {
  it('is still missed, with its last sound; one that was switched off is not', async () => {
    vi.useRealTimers();
    const log = quietLog();
    const dataDir = await mkdtemp(join(tmpdir(), 'monitors-'));
    const limits = DEFAULT_LIMITS;
    const start = async (): Promise<{ devices: DeviceRegistry; monitors: MonitorRegistry; relay: Relay }> => {
      const devices = await DeviceRegistry.open({ log, dataDir });
      const relay = new Relay({ log });
      return {
        devices,
        relay,
        monitors: new MonitorRegistry({ relay, store: devices, limits, onChanged: () => undefined }),
      };
    };
    const first = await start();
    const session = {};
    for (const name of ['nursery', 'attic']) {
      const { id } = first.devices.introduce(deviceKeyOf(name), name, () => false);
      first.monitors.set(session, id, 'on');
    }
    first.monitors.set(session, 'attic', 'off');
    const stream = first.relay.start({ id: 'nursery', name: 'nursery', monitor: true });
    stream.write(audioPacket(0));
    first.monitors.look(stream, -20);
    const { lastSoundAt } = first.monitors.infoOf('nursery')!;
    expect(lastSoundAt).toBeGreaterThan(0);
    first.monitors.ownerGone(session);
    await first.monitors.close();
    await first.devices.close();
    await first.relay.close();

    const second = await start();
    expect([...second.monitors.ids]).toEqual(['nursery']);
    expect(second.monitors.infoOf('nursery')).toEqual({ state: 'lost', lastSoundAt });
    await second.monitors.close();
    await second.devices.close();
    await rm(dataDir, { recursive: true });
    expect(log.lines).toEqual([]);
    vi.useFakeTimers();
  });
});
