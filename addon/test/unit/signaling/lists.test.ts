import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FakeSocket } from '../../fakes/fake-socket.ts';
import {
  ADMINISTRATOR,
  audioPacket,
  deviceKeyOf,
  signalingRig,
  type SignalingRig,
} from '../../support/signaling-rig.ts';

let rig: SignalingRig;

beforeEach(async () => {
  rig = await signalingRig();
  vi.useFakeTimers();
});

afterEach(async () => {
  await rig.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const introduce = (client: FakeSocket, name: string): number =>
  client.ask('introduce', { deviceKey: deviceKeyOf(name), name });

async function talking(name: string, args: { private?: boolean } = {}): Promise<FakeSocket> {
  const client = rig.connect();
  introduce(client, name);
  client.ask('connectSender', { offer: name });
  client.ask('startTalk', args);
  await vi.advanceTimersByTimeAsync(200);
  return client;
}

const newest = (client: FakeSocket): string[] =>
  client
    .all('streams')
    .at(-1)!
    .streams.map(({ id, live }) => (live ? id.toUpperCase() : id));

describe('streams', () => {
  it('has live ones first by start, then connected devices by name', async () => {
    const viewer = rig.connect();
    for (const name of ['room 10', 'room 9', 'attic']) introduce(rig.connect(), name);
    await talking('zoo');
    await talking('barn');
    expect(newest(viewer)).toEqual(['ZOO', 'BARN', 'attic', 'room-9', 'room-10']);
  });

  it('counts receivers and listeners', async () => {
    await talking('zoo');
    const viewer = rig.connect();
    viewer.ask('listen', { to: 'latest' });
    viewer.ask('connectReceiver', { offer: 'x' });
    rig.listeners.set('zoo', 3);
    await vi.advanceTimersByTimeAsync(200);
    expect(viewer.all('streams').at(-1)?.streams).toMatchObject([{ id: 'zoo', receivers: 1, listeners: 3 }]);
    expect(rig.server.receiversOf('zoo')).toBe(1);
    viewer.ask('disconnect', { direction: 'receiver' });
    await vi.advanceTimersByTimeAsync(200);
    expect(viewer.all('streams').at(-1)?.streams).toMatchObject([{ id: 'zoo', receivers: 0 }]);
  });

  it('lists a device of two sessions once, until both have gone', async () => {
    const viewer = rig.connect();
    const [first, second] = [rig.connect(), rig.connect()];
    introduce(first, 'zoo');
    introduce(second, 'zoo');
    await vi.advanceTimersByTimeAsync(200);
    expect(newest(viewer)).toEqual(['zoo']);
    first.emit('close', 1000);
    await vi.advanceTimersByTimeAsync(200);
    expect(newest(viewer)).toEqual(['zoo']);
    second.emit('close', 1000);
    await vi.advanceTimersByTimeAsync(200);
    expect(newest(viewer)).toEqual([]);
  });

  it('merges a burst, ten a second at most, and ends with what is true', async () => {
    const viewer = rig.connect();
    await vi.advanceTimersByTimeAsync(200);
    for (let n = 0; n < 100; n += 1) {
      rig.listeners.set('zoo', n);
      rig.whip(`s-${n % 50}`, 's');
      await vi.advanceTimersByTimeAsync(10);
      if (n < 99) rig.relay.end(rig.relay.live[0]!, 'stopped');
    }
    await vi.advanceTimersByTimeAsync(100);
    expect(viewer.all('streams').length).toBeLessThanOrEqual(12);
    expect(viewer.all('streams').length).toBeGreaterThan(8);
    expect(newest(viewer)).toEqual(['S-49']);
  });

  it('says nothing when nothing changed', async () => {
    const viewer = rig.connect();
    for (let n = 0; n < 20; n += 1) {
      rig.listeners.set('nobody-sees-this', n);
      await vi.advanceTimersByTimeAsync(200);
    }
    expect(viewer.all('streams')).toHaveLength(1);
  });

  it('shows a private talk to its device and to administrators, to others an idle device', async () => {
    const viewer = rig.connect();
    const administrator = rig.connect(ADMINISTRATOR);
    const client = await talking('zoo', { private: true });
    rig.listeners.set('zoo', 1);
    await vi.advanceTimersByTimeAsync(200);
    expect([newest(viewer), newest(client), newest(administrator)]).toEqual([['zoo'], ['ZOO'], ['ZOO']]);
    expect(viewer.all('streams').at(-1)?.streams).toMatchObject([{ since: null, receivers: 0, listeners: 0 }]);
  });

  it('gives media URLs of what is listed to administrators only', async () => {
    await talking('zoo');
    const viewer = rig.connect();
    expect(viewer.replyTo(viewer.ask('getMediaUrls', {}))).toMatchObject({ code: 'forbidden' });
    const administrator = rig.connect(ADMINISTRATOR);
    const reply = administrator.replyTo(administrator.ask('getMediaUrls', {}));
    expect(reply).toMatchObject({ result: { urls: [{ id: 'latest' }, { id: 'zoo' }] } });
  });
});

describe('levels', () => {
  it('come five times a second while somebody speaks, the loudest since', async () => {
    const viewer = rig.connect();
    await vi.advanceTimersByTimeAsync(2000);
    expect(viewer.all('levels')).toEqual([]);
    const stream = rig.whip('zoo', 'Zoo');
    for (let n = 0; n < 50; n += 1) {
      stream.write(audioPacket(n, n % 10 === 3 ? -20 - n : -90));
      await vi.advanceTimersByTimeAsync(20);
    }
    expect(viewer.all('levels').map(({ levels }) => levels)).toEqual([
      { zoo: -23 },
      { zoo: -33 },
      { zoo: -43 },
      { zoo: -53 },
      { zoo: -63 },
    ]);
    rig.relay.end(stream, 'stopped');
    await vi.advanceTimersByTimeAsync(1000);
    expect(viewer.all('levels')).toHaveLength(5);
  });

  it('tell silence once', async () => {
    const viewer = rig.connect();
    rig.whip('zoo', 'Zoo');
    await vi.advanceTimersByTimeAsync(2000);
    expect(viewer.all('levels')).toEqual([{ type: 'levels', levels: { zoo: -127 } }]);
  });

  it('of private talks are for their device and administrators', async () => {
    const viewer = rig.connect();
    const administrator = rig.connect(ADMINISTRATOR);
    const client = await talking('zoo', { private: true });
    rig.whip('barn', 'Barn');
    await vi.advanceTimersByTimeAsync(400);
    expect(viewer.all('levels').at(-1)?.levels).toEqual({ barn: -127 });
    expect(client.all('levels').at(-1)?.levels).toEqual({ zoo: -127, barn: -127 });
    expect(administrator.all('levels').at(-1)?.levels).toEqual({ zoo: -127, barn: -127 });
  });
});
