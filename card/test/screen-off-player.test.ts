import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ScreenOffPlayer } from '../src/screen-off-player.ts';
import { steadyNow } from '../src/steady-clock.ts';
import { FakeAudio } from './fakes/fake-audio.ts';

let audio: FakeAudio;
let asked: string[];
let away: boolean;
let player: ScreenOffPlayer;

const settle = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const url = (n: number, id = 'nursery'): string => `https://house/add-on/play/${n}/${id}.mp3`;

/** Time in which the element plays. */
async function flow(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) {
    audio.currentTime += 0.5;
    await settle(500);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  audio = new FakeAudio();
  [asked, away] = [[], false];
  player = new ScreenOffPlayer({
    url: 'wss://house/add-on/ws',
    getUrl: ({ streamId }) => {
      asked.push(streamId);
      return away
        ? Promise.reject(new Error('Away.'))
        : Promise.resolve({ path: `play/${asked.length}/${streamId}.mp3` });
    },
    createElement: () => audio.asElement(),
  });
});

afterEach(() => {
  player.close();
  player.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

async function playing(): Promise<void> {
  player.setTarget(['nursery']);
  player.setOn(true);
  await settle();
  expect(audio.src).toBe(url(1));
}

it('plays in silence at once, inside the gesture, then the stream', async () => {
  player.setTarget(['nursery', 'attic']);
  player.setOn(true);
  expect([audio.paused, audio.loop, audio.src.startsWith('blob:')]).toEqual([false, true, true]);
  await settle();
  expect([audio.src, audio.loop, asked]).toEqual([url(1), false, ['nursery']]);
});

it('says when it last sounded, and that is not the silence that waits', async () => {
  await playing();
  expect(player.soundAt).toBe(0);
  await flow(3_000);
  expect(steadyNow() - player.soundAt).toBeLessThanOrEqual(1_000);
  const at = player.soundAt;
  away = true;
  audio.dispatchEvent(new Event('ended'));
  expect(audio.src.startsWith('blob:')).toBe(true);
  await settle(400);
  expect(player.soundAt).toBe(at);
});

describe('comes back by itself', () => {
  it.each(['ended', 'error'])('after "%s"', async (event) => {
    await playing();
    await flow(2_000);
    audio.dispatchEvent(new Event(event));
    await settle(2_000);
    expect(audio.src).toBe(url(2));
  });

  it('when it stands still, as after a call', async () => {
    await playing();
    await flow(2_000);
    audio.pause();
    await settle(8_000);
    expect(asked.length).toBeGreaterThan(1);
    expect(audio.paused).toBe(false);
  });

  it('for ever, at most some times a second, and with the ticket of before while nobody answers', async () => {
    await playing();
    away = true;
    for (let time = 0; time < 100; time += 1) {
      audio.dispatchEvent(new Event('error'));
      await settle(2_100);
      expect(audio.src).toBe(url(1));
    }
    expect(asked.length).toBeLessThan(150);
  });
});

it('says that the browser wants a tap, and goes on with it', async () => {
  audio.refusal = 'NotAllowedError';
  player.setTarget('latest');
  player.setOn(true);
  await settle();
  expect(player.blocked).toBe(true);
  audio.refusal = null;
  player.poke();
  await settle();
  expect([player.blocked, audio.paused]).toEqual([false, false]);
});

it('stops when it is switched off or nobody is to be heard', async () => {
  await playing();
  player.setTarget(null);
  expect([audio.paused, audio.src]).toEqual([true, '']);
  player.setTarget(['nursery']);
  await settle();
  player.setOn(false);
  expect(audio.paused).toBe(true);
  await settle(60_000);
  expect(asked).toHaveLength(2);
});
