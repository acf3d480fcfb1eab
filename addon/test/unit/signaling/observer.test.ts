/** Parts of the server that look on: they see what everybody may, at once and on change. */
import type { StreamInfo } from '@voice-streaming/shared/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { audioPacket, signalingRig, type SignalingRig } from '../../support/signaling-rig.ts';

let rig: SignalingRig;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] });
  rig = await signalingRig();
});

afterEach(async () => {
  vi.useRealTimers();
  await rig.close();
});

function look(): { lists: string[][]; levels: Record<string, number>[]; leave: () => void } {
  const lists: string[][] = [];
  const levels: Record<string, number>[] = [];
  const leave = rig.server.watch({
    streams: (streams: readonly StreamInfo[]) => lists.push(streams.map(({ id }) => id)),
    levels: (given) => levels.push({ ...given }),
  });
  return { lists, levels, leave };
}

test('what is there at once, what changes later, and nothing after leaving', () => {
  const stream = rig.whip('door');
  const { lists, levels, leave } = look();
  expect(lists).toEqual([['door']]);
  rig.whip('gate');
  stream.write(audioPacket(1, -20));
  vi.advanceTimersByTime(300);
  expect(lists).toEqual([['door'], ['door', 'gate']]);
  expect(levels).toEqual([{ door: -20, gate: -127 }]);
  leave();
  rig.whip('yard');
  vi.advanceTimersByTime(300);
  expect(lists).toHaveLength(2);
});

test('no private talk, but the levels of monitors', () => {
  const secret = rig.relay.start({ id: 'secret', name: 'Secret', private: true });
  const nursery = rig.relay.start({ id: 'nursery', name: 'Nursery', monitor: true });
  const { lists, levels } = look();
  secret.write(audioPacket(1, -10));
  nursery.write(audioPacket(1, -40));
  vi.advanceTimersByTime(300);
  expect(lists).toEqual([['nursery']]);
  expect(levels).toEqual([{ nursery: -40 }]);
  for (const stream of [secret, nursery]) rig.relay.end(stream, 'stopped');
});

test('it is no client, and its faults are its own', () => {
  rig.server.watch({
    streams: () => {
      throw new Error('a fault of ours');
    },
    levels: () => undefined,
  });
  const { lists } = look();
  rig.whip('door');
  vi.advanceTimersByTime(300);
  expect(lists.at(-1)).toEqual(['door']);
  expect(rig.server.stats()).toMatchObject({ clients: 0, introduced: 0 });
  expect(rig.log.lines[0]).toMatch(/^ERROR an observer failed .*a fault of ours/);
});
