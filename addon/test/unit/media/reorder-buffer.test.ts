import { describe, expect, it } from 'vitest';
import { ReorderBuffer, type OrderedPacket } from '../../../src/media/reorder-buffer.ts';

interface Numbered {
  sequenceNumber: number;
}

/** Pushes in the order given, 20 ms apart, and pops all that is there after each. */
function run(sequenceNumbers: number[], buffer = new ReorderBuffer<Numbered>()): OrderedPacket<Numbered>[] {
  const out: OrderedPacket<Numbered>[] = [];
  sequenceNumbers.forEach((sequenceNumber, index) => {
    const now = index * 20;
    buffer.push({ sequenceNumber: sequenceNumber & 0xffff }, now);
    popAll(buffer, now, out);
  });
  return out;
}

function popAll(buffer: ReorderBuffer<Numbered>, now: number, out: OrderedPacket<Numbered>[] = []): typeof out {
  for (let next = buffer.pop(now); next; next = buffer.pop(now)) out.push(next);
  return out;
}

const numbers = (out: OrderedPacket<Numbered>[]): number[] => out.map((each) => each.packet.sequenceNumber);
const lost = (out: OrderedPacket<Numbered>[]): number[] => out.map((each) => each.lost);

describe('ReorderBuffer', () => {
  it('hands packets in order through at once', () => {
    const buffer = new ReorderBuffer<Numbered>();
    buffer.push({ sequenceNumber: 7 }, 0);
    expect(buffer.pop(0)).toEqual({ packet: { sequenceNumber: 7 }, lost: 0, newSource: false });
    expect(buffer.pop(0)).toBeUndefined();
    expect(numbers(run([8, 9, 10], buffer))).toEqual([8, 9, 10]);
  });

  it('puts swapped packets in order and counts no loss', () => {
    const buffer = new ReorderBuffer<Numbered>();
    const out = run([1, 3, 2, 4, 7, 6, 5, 8], buffer);
    expect(numbers(out)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(lost(out).every((count) => count === 0)).toBe(true);
    expect(buffer.lost).toBe(0);
  });

  it('waits 60 ms for a missing packet, no longer', () => {
    const buffer = new ReorderBuffer<Numbered>();
    run([1], buffer);
    buffer.push({ sequenceNumber: 4 }, 100);
    expect(popAll(buffer, 159)).toEqual([]);
    expect(popAll(buffer, 160)).toEqual([{ packet: { sequenceNumber: 4 }, lost: 2, newSource: false }]);
    expect(buffer.lost).toBe(2);
  });

  it('says how many are missing before each of several gaps', () => {
    const buffer = new ReorderBuffer<Numbered>();
    run([1], buffer);
    for (const sequenceNumber of [3, 4, 7]) buffer.push({ sequenceNumber }, 0);
    const out = popAll(buffer, 60);
    expect(numbers(out)).toEqual([3, 4, 7]);
    expect(lost(out)).toEqual([1, 0, 2]);
  });

  it('drops duplicates, held and released ones', () => {
    const buffer = new ReorderBuffer<Numbered>();
    const out = run([1, 1, 3, 3, 2, 3], buffer);
    expect(numbers(out)).toEqual([1, 2, 3]);
    expect(buffer.duplicates).toBe(3);
  });

  it('drops a packet that comes after it was given up on', () => {
    const buffer = new ReorderBuffer<Numbered>();
    run([1], buffer);
    buffer.push({ sequenceNumber: 3 }, 0);
    popAll(buffer, 60);
    buffer.push({ sequenceNumber: 4 }, 60);
    popAll(buffer, 60);
    buffer.push({ sequenceNumber: 2 }, 61);
    expect(popAll(buffer, 1000)).toEqual([]);
    expect(buffer.late).toBe(1);
  });

  it('crosses the wrap of the sequence number, in and out of order and with loss', () => {
    const out = run([65533, 65535, 65534, 65536, 65538, 65537]);
    expect(numbers(out)).toEqual([65533, 65534, 65535, 0, 1, 2]);
    const buffer = new ReorderBuffer<Numbered>();
    run([65534], buffer);
    buffer.push({ sequenceNumber: 1 }, 0);
    expect(popAll(buffer, 60)).toEqual([{ packet: { sequenceNumber: 1 }, lost: 2, newSource: false }]);
  });

  it('takes a jump above 50 for a new source, forward and back, and releases what it held first', () => {
    for (const jump of [51, -51, 20_000, -20_000]) {
      const buffer = new ReorderBuffer<Numbered>();
      run([1000, 1002], buffer);
      const out = run([1001 + jump, 1002 + jump], buffer);
      // 1001 never came; 1002 was held.
      expect(out.map((each) => [each.packet.sequenceNumber, each.lost, each.newSource])).toEqual([
        [1002, 1, false],
        [(1001 + jump) & 0xffff, 0, true],
        [(1002 + jump) & 0xffff, 0, false],
      ]);
    }
  });

  it('takes a jump of exactly 50 for loss', () => {
    const buffer = new ReorderBuffer<Numbered>();
    run([1], buffer);
    buffer.push({ sequenceNumber: 52 }, 0);
    expect(popAll(buffer, 60)).toEqual([{ packet: { sequenceNumber: 52 }, lost: 50, newSource: false }]);
  });

  it('follows a source that began anew a little further back', () => {
    const restarted = Array.from({ length: 20 }, (_, index) => 980 + index);
    const out = run([998, 999, 1000, ...restarted]);
    expect(out.filter((each) => each.newSource)).toHaveLength(1);
    expect(numbers(out).at(-1)).toBe(999);
  });

  it('holds a bounded number of packets', () => {
    const buffer = new ReorderBuffer<Numbered>({ maxPackets: 4 });
    run([0], buffer);
    for (let sequenceNumber = 2; sequenceNumber <= 6; sequenceNumber += 1) buffer.push({ sequenceNumber }, 0);
    expect(numbers(popAll(buffer, 0))).toEqual([2, 3, 4, 5, 6]);
  });

  it('gives all it holds when flushed', () => {
    const buffer = new ReorderBuffer<Numbered>();
    run([1, 3, 6], buffer);
    buffer.flush();
    expect(lost(popAll(buffer, 0))).toEqual([1, 2]);
    expect(buffer.size).toBe(0);
  });
});
