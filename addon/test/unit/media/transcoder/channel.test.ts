import { beforeEach, describe, expect, it } from 'vitest';
import type { AudioConsumer } from '../../../../src/media/transcoder/consumers.ts';
import { SILENCE } from '../../../../src/media/transcoder/formats.ts';
import { Channel } from '../../../../src/media/transcoder/channel.ts';
import { Stream } from '../../../../src/media/stream.ts';

describe('Channel', () => {
  let now: number;
  let latest: Stream | undefined;
  let heard: string[];
  let dropped: number;
  /** Who consumes which stream. */
  let consumed: Map<Stream, AudioConsumer>;
  let channel: Channel;
  const listener: AudioConsumer = {
    chunk: (bytes) => {
      if (bytes[0] !== 0) heard.push(bytes.toString('latin1', 0, 1));
      else for (let at = 0; at < bytes.length; at += SILENCE.wav.length) heard.push('silence');
    },
    ended: () => heard.push('ended'),
  };
  const voice = (name: string): Buffer => Buffer.alloc(1920, name);
  const stream = (id: string): Stream => new Stream({ id, name: id });

  beforeEach(() => {
    now = 0;
    latest = undefined;
    heard = [];
    dropped = 0;
    consumed = new Map();
    channel = new Channel({
      format: 'wav',
      now: () => now,
      voice: () => latest,
      consume: (which, consumer) => {
        consumed.set(which, consumer);
        return () => consumed.delete(which);
      },
      onChunkDropped: () => (dropped += 1),
      onConsumerError: (error) => {
        throw error;
      },
    });
  });

  it('consumes nothing while nobody listens', () => {
    latest = stream('a');
    channel.follow();
    expect(consumed.size).toBe(0);
    const leave = channel.add(listener);
    expect([...consumed.keys()]).toEqual([latest]);
    expect(leave()).toBe(true);
    expect(leave()).toBe(false);
    expect(consumed.size).toBe(0);
  });

  it('is silent until somebody speaks and after', () => {
    channel.add(listener);
    channel.tick();
    expect(heard).toEqual(['silence']);
    const a = stream('a');
    latest = a;
    channel.follow();
    now = 40;
    channel.tick();
    consumed.get(a)!.chunk(voice('a'));
    a.end();
    latest = undefined;
    channel.follow();
    // The last words come after the end.
    consumed.get(a)!.chunk(voice('a'));
    consumed.get(a)!.ended();
    expect(heard).toEqual(['silence', 'a', 'a']);
    now = 80;
    channel.tick();
    expect(heard).toEqual(['silence', 'a', 'a', 'silence', 'silence']);
  });

  it('goes to a newer talk at once and back when that has ended', () => {
    const [a, b] = [stream('a'), stream('b')];
    channel.add(listener);
    latest = a;
    channel.follow();
    latest = b;
    channel.follow();
    expect([...consumed.keys()]).toEqual([b]);
    b.end();
    latest = a;
    Object.defineProperty(a, 'startedAtMs', { value: b.startedAtMs - 1000 });
    channel.follow();
    expect([...consumed.keys()]).toEqual([b]);
    consumed.get(b)!.ended();
    expect(consumed.has(a)).toBe(true);
  });

  it('does not wait for the last words when a newer talk has begun', () => {
    const [a, b] = [stream('a'), stream('b')];
    channel.add(listener);
    latest = a;
    channel.follow();
    a.end();
    latest = b;
    channel.follow();
    expect([...consumed.keys()]).toEqual([b]);
  });

  it('drops what runs too far ahead of real time', () => {
    const a = stream('a');
    channel.add(listener);
    latest = a;
    channel.follow();
    for (let i = 0; i < 50; i += 1) consumed.get(a)!.chunk(voice('a'));
    expect(heard).toHaveLength(46);
    expect(dropped).toBe(4);
  });

  it('ends its listeners when told', () => {
    channel.add(listener);
    channel.end();
    expect(heard).toEqual(['ended']);
    expect(channel.size).toBe(0);
  });

  it('puts out as much sound as time passes for a whole day of silence and talks, so no player starves or fills up', () => {
    let [samples, worstBehindMs, worstAheadMs] = [0, 0, 0];
    channel.add({ chunk: (bytes) => (samples += bytes.length / 2), ended: () => undefined });
    const measure = (): void => {
      const aheadMs = samples / 48 - now;
      worstBehindMs = Math.max(worstBehindMs, -aheadMs);
      worstAheadMs = Math.max(worstAheadMs, aheadMs);
    };
    // A talk of ten seconds every five minutes; its sender's clock is 0.01 % fast or slow. Ticks come late as they do.
    let [talk, nextChunkMs, endsMs] = [undefined as Stream | undefined, 0, 0];
    for (let tick = 0; now < 86_400_000; tick += 1) {
      now += 80 + ((tick * 7919) % 60);
      if (!talk && Math.floor(now / 300_000) !== Math.floor((now - 140) / 300_000)) {
        talk = stream(`talk ${tick}`);
        latest = talk;
        channel.follow();
        [nextChunkMs, endsMs] = [now + 30, now + 10_000];
      }
      while (talk && nextChunkMs <= now) {
        consumed.get(talk)?.chunk(voice('a'));
        nextChunkMs += tick % 2 === 0 ? 20.002 : 19.998;
      }
      if (talk && now >= endsMs) {
        talk.end();
        latest = undefined;
        channel.follow();
        consumed.get(talk)?.ended();
        talk = undefined;
      }
      channel.tick();
      measure();
    }
    expect(samples).toBeGreaterThan(86_399 * 48_000);
    expect(worstBehindMs).toBeLessThan(350);
    expect(worstAheadMs).toBeLessThan(270);
    expect(dropped).toBe(0);
  });
});
