import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { unpackPackets, type PackedPacket } from '../../../src/media/packed-packets.ts';
import type { RecordedTalk } from '../../../src/media/ports.ts';
import { Relay } from '../../../src/media/relay.ts';
import type { Stream } from '../../../src/media/stream.ts';
import { TalkStore, type TalkStoreOptions } from '../../../src/media/talk-store.ts';
import { packetOf } from '../../fakes/fake-sink.ts';
import { quietLog } from '../../support/quiet-log.ts';

function rig(options: Partial<TalkStoreOptions> = {}): { relay: Relay; store: TalkStore } {
  const log = quietLog();
  const relay = new Relay({ log });
  return { relay, store: new TalkStore({ log, relay, ...options }) };
}

function say(stream: Stream, packets: number, payloadBytes = 100, from = 0): void {
  for (let i = from; i < from + packets; i += 1) {
    stream.write({ ...packetOf(i), timestamp: i * 960, payload: Buffer.alloc(payloadBytes, i) });
  }
}

/** What a reader is told: the packets, then perhaps `ended`. */
function read(talk: RecordedTalk): { packets: PackedPacket[]; ended: boolean } {
  const read = { packets: [] as PackedPacket[], ended: false };
  talk.read({ packets: (packed) => read.packets.push(...unpackPackets(packed)), ended: () => (read.ended = true) });
  return read;
}

function kept(store: TalkStore, stream: Stream): RecordedTalk {
  const talk = store.get(stream.talkId);
  if (typeof talk !== 'object') throw new Error(`the talk is ${talk}`);
  return talk;
}

describe('TalkStore', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('gives a late reader every packet from the first one, byte by byte, and then the live ones', () => {
    const { relay, store } = rig();
    const stream = relay.start({ id: 'kitchen', name: 'Kitchen', user: 'Anna' });
    say(stream, 200);
    const reader = read(kept(store, stream));
    expect(reader.packets).toHaveLength(200);
    say(stream, 3, 100, 200);
    expect(reader.packets.map((each) => each.sequenceNumber)).toEqual(Array.from({ length: 203 }, (_, i) => i));
    expect(reader.packets.every((each, i) => each.timestamp === i * 960 && each.payload.length === 100)).toBe(true);
    expect(reader.packets.every((each, i) => each.payload.every((byte) => byte === i % 256))).toBe(true);
    expect(reader.ended).toBe(false);
    relay.end(stream, 'stopped');
    expect(reader.ended).toBe(true);
    expect(read(kept(store, stream))).toMatchObject({ ended: true, packets: reader.packets });
  });

  it('is not touched by what a sender later does with its buffer', () => {
    const { relay, store } = rig();
    const stream = relay.start({ id: 'kitchen', name: 'Kitchen' });
    const payload = Buffer.from([1, 2, 3]);
    stream.write({ ...packetOf(1), payload });
    payload.fill(9);
    expect([...(read(kept(store, stream)).packets[0]?.payload ?? [])]).toEqual([1, 2, 3]);
  });

  it('knows who speaks, how long, and tells the end once to each, also to those who ask late', () => {
    const { relay, store } = rig();
    const stream = relay.start({ id: 'kitchen', name: 'Kitchen', user: 'Anna', private: true });
    const talk = kept(store, stream);
    const ended = vi.fn();
    const unwanted = vi.fn();
    talk.onEnded(ended);
    talk.onEnded(unwanted)();
    vi.advanceTimersByTime(600);
    expect(talk).toMatchObject({ streamId: 'kitchen', name: 'Kitchen', user: 'Anna', private: true, ended: false });
    expect(talk.durationMs).toBe(600);
    relay.end(stream, 'stopped');
    vi.advanceTimersByTime(5000);
    expect(talk).toMatchObject({ ended: true, durationMs: 600 });
    expect(ended).toHaveBeenCalledTimes(1);
    expect(unwanted).not.toHaveBeenCalled();
    talk.onEnded(ended);
    expect(ended).toHaveBeenCalledTimes(2);
  });

  it('keeps a talk for 60 s after its end, then remembers that it was', () => {
    const { relay, store } = rig();
    const stream = relay.start({ id: 'kitchen', name: 'Kitchen' });
    say(stream, 10);
    relay.end(stream, 'stopped');
    vi.advanceTimersByTime(59_999);
    expect(store.get(stream.talkId)).toBeTypeOf('object');
    vi.advanceTimersByTime(1);
    expect(store.get(stream.talkId)).toBe('over');
    expect(store.streamIdOf(stream.talkId)).toBe('kitchen');
    expect(store.stats()).toEqual({ talks: 0, bytes: 0 });
    expect(store.get('never')).toBeUndefined();
  });

  it('remembers a bounded number of talks that are over, the newest', () => {
    const { relay, store } = rig({ maxOver: 3, keepMs: 1 });
    const talkIds = Array.from({ length: 5 }, () => {
      const stream = relay.start({ id: 'kitchen', name: 'Kitchen' });
      relay.end(stream, 'stopped');
      vi.advanceTimersByTime(1);
      return stream.talkId;
    });
    expect(talkIds.map((talkId) => store.get(talkId))).toEqual([undefined, undefined, 'over', 'over', 'over']);
  });

  it('keeps the last 120 s of a talk that lasts for hours', () => {
    const { relay, store } = rig();
    const stream = relay.start({ id: 'door', name: 'Door' });
    let largest = 0;
    for (let i = 0; i < 30_000; i += 1) {
      vi.advanceTimersByTime(20);
      say(stream, 1, 100, i % 65_536);
      largest = Math.max(largest, store.stats().bytes);
    }
    const { packets } = read(kept(store, stream));
    const spanMs = (packets.at(-1)?.arrivedAtMs ?? 0) - (packets[0]?.arrivedAtMs ?? 0);
    expect(spanMs).toBeGreaterThanOrEqual(119_900);
    expect(spanMs).toBeLessThan(125_000);
    expect(packets.at(-1)?.sequenceNumber).toBe(29_999);
    // 116 bytes for each packet of 20 ms.
    expect(largest).toBeLessThan(125 * 50 * 130);
  });

  it('never holds more bytes than it may: what is over goes first, then the oldest sound', () => {
    const maxBytes = 10 * 8192;
    const { relay, store } = rig({ maxBytes });
    const over = relay.start({ id: 'over', name: 'Over' });
    say(over, 100);
    relay.end(over, 'stopped');
    const a = relay.start({ id: 'a', name: 'A' });
    const b = relay.start({ id: 'b', name: 'B' });
    for (let i = 0; i < 1000; i += 1) {
      say(a, 1, 100, i);
      say(b, 1, 100, i);
      expect(store.stats().bytes).toBeLessThanOrEqual(maxBytes);
    }
    expect(store.get(over.talkId)).toBe('over');
    for (const stream of [a, b]) {
      const { packets } = read(kept(store, stream));
      expect(packets.at(-1)?.sequenceNumber).toBe(999);
      expect(packets.length).toBeGreaterThan(200);
    }
  });

  it('does not keep monitors, and knows no talk that was never in the relay', () => {
    const { relay, store } = rig();
    const monitor = relay.start({ id: 'nursery', name: 'Nursery', monitor: true });
    say(monitor, 10);
    expect(store.get(monitor.talkId)).toBeUndefined();
    expect(store.runningTalkOf('nursery')).toBeUndefined();
    expect(store.stats()).toEqual({ talks: 0, bytes: 0 });
  });

  it('tells of talks as they start and finds the running one, of `latest` too but no private one there', () => {
    const { relay, store } = rig();
    const started: string[] = [];
    const unsubscribe = store.onTalkStarted((talk) => started.push(talk.streamId));
    store.onTalkStarted(() => {
      throw new Error('a fault of a listener');
    });
    const kitchen = relay.start({ id: 'kitchen', name: 'Kitchen' });
    const secret = relay.start({ id: 'office', name: 'Office', private: true });
    expect(store.runningTalkOf('office')?.talkId).toBe(secret.talkId);
    expect(store.runningTalkOf('latest')?.talkId).toBe(kitchen.talkId);
    relay.end(kitchen, 'stopped');
    expect(store.runningTalkOf('kitchen')).toBeUndefined();
    expect(store.runningTalkOf('latest')).toBeUndefined();
    unsubscribe();
    relay.start({ id: 'hall', name: 'Hall' });
    expect(started).toEqual(['kitchen', 'office']);
  });

  it('lists nothing to be heard again unless it is asked to', () => {
    const { relay, store } = rig();
    const stream = relay.start({ id: 'kitchen', name: 'Kitchen' });
    say(stream, 10);
    relay.end(stream, 'stopped');
    expect(store.replays()).toEqual([]);
  });

  it('with replays keeps talks for their minutes and lists the newest first', () => {
    const { relay, store } = rig({ replayMs: 300_000, maxReplays: 2 });
    const changed = vi.fn();
    store.onReplaysChanged(changed);
    for (const id of ['a', 'b', 'c']) {
      const stream = relay.start({ id, name: id });
      say(stream, 5);
      relay.end(stream, 'stopped');
      vi.advanceTimersByTime(100_000);
    }
    expect(store.replays().map((talk) => talk.streamId)).toEqual(['c', 'b']);
    vi.advanceTimersByTime(199_999);
    expect(store.replays().map((talk) => talk.streamId)).toEqual(['c']);
    vi.advanceTimersByTime(1);
    expect(store.replays()).toEqual([]);
    expect(changed).toHaveBeenCalledTimes(6);
  });

  it('ends and forgets everything when it closes', async () => {
    const { relay, store } = rig();
    const stream = relay.start({ id: 'kitchen', name: 'Kitchen' });
    say(stream, 10);
    const reader = read(kept(store, stream));
    await store.close();
    await store.close();
    expect(reader.ended).toBe(true);
    expect(store.stats()).toEqual({ talks: 0, bytes: 0 });
    expect(vi.getTimerCount()).toBe(0);
  });
});
