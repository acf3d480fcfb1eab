import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PlayProgress, type PlayProgressOptions } from '../../../src/http/play-progress.ts';

let sent = 0;
let waiting = 0;
let told: string[] = [];

function progress(options: Partial<PlayProgressOptions> = {}): PlayProgress {
  return new PlayProgress({
    report: {
      drained: (bytes, soundMs) => told.push(`${bytes} ${soundMs}`),
      closed: (reason) => told.push(reason),
    },
    format: 'mp3',
    sentBytes: () => sent,
    connection: { localPort: 8081, remotePort: 50_000, remoteAddress: '192.168.1.77' },
    unconfirmed: () => Promise.resolve(waiting),
    ...options,
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  [sent, waiting, told] = [0, 0, []];
});
afterEach(() => vi.useRealTimers());

test('tells five times a second what the player has, and only what is new', async () => {
  const watched = progress();
  [sent, waiting] = [16_000, 8000];
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toEqual(['8000 500']);
  waiting = 0;
  await vi.advanceTimersByTimeAsync(200);
  expect(told).toEqual(['8000 500', '16000 1000']);
  // Never back.
  waiting = 4000;
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toHaveLength(2);
  watched.close('left');
});

test('a player is finished when it has the last byte, not when that was sent', async () => {
  const watched = progress();
  [sent, waiting] = [32_000, 24_000];
  watched.close('finished');
  await vi.advanceTimersByTimeAsync(2000);
  expect(told).toEqual(['8000 500']);
  waiting = 0;
  await vi.advanceTimersByTimeAsync(200);
  expect(told).toEqual(['8000 500', '32000 2000', 'finished']);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told).toHaveLength(3);
});

test('one that never takes the rest is not waited for without end', async () => {
  const watched = progress({ maxWaitMs: 3000 });
  [sent, waiting] = [32_000, 24_000];
  watched.close('finished');
  await vi.advanceTimersByTimeAsync(2900);
  expect(told).toEqual(['8000 500']);
  await vi.advanceTimersByTimeAsync(400);
  expect(told).toEqual(['8000 500', 'finished']);
});

test.each(['left', 'tooSlow'] as const)('who %s is over at once', (outcome) => {
  const watched = progress();
  [sent, waiting] = [32_000, 24_000];
  watched.close(outcome);
  watched.close('finished');
  expect(told).toEqual([outcome]);
});

test('a system that tells nothing is believed to have sent all; WAV’s head is no sound', async () => {
  const watched = progress({ format: 'wav', unconfirmed: () => Promise.reject(new Error('no such file')) });
  sent = 44 + 9600;
  await vi.advanceTimersByTimeAsync(200);
  watched.close('finished');
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual(['9644 100', 'finished']);
});
