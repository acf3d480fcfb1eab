import { expect, test } from 'vitest';
import { RecentPackets } from '../../../src/media/recent-packets.ts';
import { packetOf } from '../../fakes/fake-sink.ts';

test('keeps the last three of 20 ms, in order, with their age', () => {
  const recent = new RecentPackets();
  expect(recent.at(0)).toEqual([]);
  const packets = [1, 2, 3, 4, 5].map((number) => packetOf(number));
  packets.forEach((packet, index) => recent.add(packet, 1000 + 20 * index));
  expect(recent.at(1090)).toEqual([
    { packet: packets[2], ageMs: 50 },
    { packet: packets[3], ageMs: 30 },
    { packet: packets[4], ageMs: 10 },
  ]);
});

test('a sender that paused left nothing worth beginning with', () => {
  const recent = new RecentPackets();
  recent.add(packetOf(1), 1000);
  recent.add(packetOf(2), 1400);
  expect(recent.at(1410).map(({ packet }) => packet.sequenceNumber)).toEqual([2]);
  expect(recent.at(2000)).toEqual([]);
});

test('of packets of 10 ms it keeps as much sound, and what came late is not the newest', () => {
  const recent = new RecentPackets();
  const packets = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => ({ ...packetOf(number), timestamp: number * 480 }));
  packets.forEach((packet, index) => recent.add(packet, 1000 + 10 * index));
  const numbers = (): number[] => recent.at(1080).map(({ packet }) => packet.sequenceNumber);
  expect(numbers()).toEqual([3, 4, 5, 6, 7, 8]);
  recent.add(packets[0]!, 1080);
  expect(numbers()).toEqual([4, 5, 6, 7, 8]);
});
