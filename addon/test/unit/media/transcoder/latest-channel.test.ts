import { beforeEach, describe, expect, it } from 'vitest';
import type { AudioConsumer } from '../../../../src/media/transcoder/consumers.ts';
import { SILENCE } from '../../../../src/media/transcoder/formats.ts';
import { LatestChannel } from '../../../../src/media/transcoder/latest-channel.ts';
import { Stream } from '../../../../src/media/stream.ts';

describe('LatestChannel', () => {
  let now: number;
  let latest: Stream | undefined;
  let heard: string[];
  let dropped: number;
  /** Who consumes which stream. */
  let consumed: Map<Stream, AudioConsumer>;
  let channel: LatestChannel;
  const listener: AudioConsumer = {
    chunk: (bytes) => heard.push(bytes === SILENCE.wav ? 'silence' : bytes.toString('latin1', 0, 1)),
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
    channel = new LatestChannel({
      format: 'wav',
      now: () => now,
      latest: () => latest,
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
    for (let i = 0; i < 20; i += 1) consumed.get(a)!.chunk(voice('a'));
    expect(heard).toHaveLength(13);
    expect(dropped).toBe(7);
  });

  it('ends its listeners when told', () => {
    channel.add(listener);
    channel.end();
    expect(heard).toEqual(['ended']);
    expect(channel.size).toBe(0);
  });
});
