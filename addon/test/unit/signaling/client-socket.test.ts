import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClientSocket } from '../../../src/signaling/client-socket.ts';
import { DEFAULT_LIMITS } from '../../../src/signaling/limits.ts';
import { FakeSocket } from '../../fakes/fake-socket.ts';

const { aliveIntervalMs, pingIntervalMs, pingTimeoutMs, coalesceAboveBytes, maxSendBufferBytes, maxMessageBytes } =
  DEFAULT_LIMITS;
const STREAMS = '{"type":"streams","streams":[]}';
const LEVELS = '{"type":"levels","levels":{}}';

let raw: FakeSocket;
let socket: ClientSocket;
const events = { text: vi.fn(), refused: vi.fn(), ended: vi.fn() };
const onBye = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  vi.clearAllMocks();
  raw = new FakeSocket();
  socket = new ClientSocket(raw, DEFAULT_LIMITS, onBye, () => undefined);
  socket.start(events);
});

afterEach(() => {
  raw.emit('close', 1000);
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('liveness', () => {
  it('lets a client stay that answers pings', () => {
    vi.advanceTimersByTime(60_000);
    expect(raw.pings).toBe(60_000 / pingIntervalMs);
    expect(events.ended).not.toHaveBeenCalled();
  });

  it('takes a client for gone when a ping has been unanswered for the time-out', () => {
    raw.answersPings = false;
    vi.advanceTimersByTime(pingIntervalMs + pingTimeoutMs - 1);
    expect(events.ended).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(events.ended).toHaveBeenCalledExactlyOnceWith('pings unanswered');
    expect(raw.isTerminated).toBe(true);
  });

  it('takes any message for an answer', () => {
    raw.answersPings = false;
    for (let second = 0; second < 60; second += 4) {
      vi.advanceTimersByTime(4000);
      raw.receiveText('x');
    }
    expect(events.ended).not.toHaveBeenCalled();
  });

  it('says alive only when nothing else was said', () => {
    vi.advanceTimersByTime(aliveIntervalMs - 1);
    socket.sendCoalescable('streams', STREAMS);
    vi.advanceTimersByTime(aliveIntervalMs - 1);
    expect(raw.types).toEqual(['streams']);
    vi.advanceTimersByTime(1 + aliveIntervalMs);
    expect(raw.types).toEqual(['streams', 'alive', 'alive']);
  });
});

describe('a slow client', () => {
  it('gets the newest streams when there is room again, and no old levels', () => {
    raw.bufferedAmount = coalesceAboveBytes + 1;
    socket.send({ type: 'onAir', talkId: 'x' });
    const flushed = vi.spyOn(raw, 'send');
    socket.sendCoalescable('streams', '{"type":"streams","streams":[],"old":1}');
    socket.sendCoalescable('levels', LEVELS);
    socket.sendCoalescable('streams', STREAMS);
    expect(flushed).not.toHaveBeenCalled();
    socket.send({ type: 'onAir', talkId: 'y' });
    raw.bufferedAmount = 0;
    const callback = flushed.mock.calls[0]![1];
    callback();
    callback();
    expect(raw.types).toEqual(['onAir', 'onAir', 'streams']);
    expect(flushed.mock.calls[1]![0]).toBe(STREAMS);
  });

  it('is told no alive while it has enough to read', () => {
    raw.bufferedAmount = coalesceAboveBytes + 1;
    vi.advanceTimersByTime(3 * aliveIntervalMs);
    expect(raw.said).toEqual([]);
  });

  it('hears bye when too much piles up, and nothing after it', () => {
    raw.bufferedAmount = maxSendBufferBytes;
    socket.send({ type: 'onAir', talkId: 'x' });
    socket.send({ type: 'onAir', talkId: 'y' });
    expect(raw.said).toEqual([{ type: 'bye', reason: 'tooSlow' }]);
    expect(events.ended).toHaveBeenCalledExactlyOnceWith('bye tooSlow');
    expect(onBye).toHaveBeenCalledExactlyOnceWith('tooSlow');
  });

  it('hears bye when it pings and reads nothing', () => {
    raw.bufferedAmount = maxSendBufferBytes + 1;
    raw.emit('ping');
    expect(raw.said).toEqual([{ type: 'bye', reason: 'tooSlow' }]);
  });
});

describe('what comes in', () => {
  it('passes text on', () => {
    raw.receiveText('{"ä":1}');
    expect(events.text).toHaveBeenCalledExactlyOnceWith('{"ä":1}');
  });

  it('refuses binary frames', () => {
    raw.emit('message', Buffer.from('{}'), true);
    expect(events.refused.mock.lastCall?.[0]).toMatchObject({ code: 'bad_message' });
  });

  it('refuses what is too long, by bytes and not by characters', () => {
    raw.receiveText('x'.repeat(maxMessageBytes));
    expect(events.refused).not.toHaveBeenCalled();
    raw.receiveText('ä'.repeat(maxMessageBytes / 2 + 1));
    expect(events.refused.mock.lastCall?.[0]).toMatchObject({ code: 'message_too_large' });
  });

  it('hears nothing after bye', () => {
    raw.answersClose = false;
    socket.bye('closing');
    raw.receiveText('x');
    raw.emit('message', Buffer.from('{}'), true);
    expect(events.text).not.toHaveBeenCalled();
    expect(events.refused).not.toHaveBeenCalled();
  });
});

describe('the end', () => {
  it('is told once, with the reason of the network', async () => {
    raw.emit('error', new Error('read ECONNRESET'));
    raw.emit('close', 1006);
    socket.bye('closing');
    await socket.gone;
    expect(events.ended).toHaveBeenCalledExactlyOnceWith('read ECONNRESET');
    expect(raw.said).toEqual([]);
  });

  it('is a bye with a close code for those that hear it', () => {
    socket.bye('serverFull');
    expect(raw.closeCode).toBe(1013);
  });
});
