/** What was said lately: listed while the page is open, each played once more, and silent when the page goes. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Replay } from '@voice-streaming/shared/protocol';
import { withWords } from '../src/fetched-words.ts';
import { pageTools } from '../src/page-tools.ts';
import { SaidLately, type SaidSession } from '../src/said-lately.ts';
import { FakeAudio } from './fakes/fake-audio.ts';

const replay = (talkId: string, name: string): Replay => ({
  talkId,
  streamId: name.toLowerCase(),
  name,
  user: 'Ada',
  startedAt: 0,
  durationMs: 12_300,
  private: false,
  path: `replay/ticket/${talkId}.mp3`,
});

let audio: FakeAudio;
let replays: Replay[];
let replayMs: number;
let asked: number;
let away: boolean;
let said: SaidLately;
let session: SaidSession;

const settle = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  [replays, replayMs, asked, away] = [[replay('b', 'Hall'), replay('a', 'Kitchen')], 60_000, 0, false];
  session = {
    url: 'wss://house/add-on/ws',
    client: {
      request: () => {
        asked += 1;
        return away ? Promise.reject(new Error('Away.')) : Promise.resolve({ replayMs, replays });
      },
    },
  };
  said = new SaidLately({ requestUpdate: () => undefined }, withWords(pageTools, {}), () => {
    audio = new FakeAudio();
    return audio.asElement();
  });
});

afterEach(() => {
  said.close();
  vi.useRealTimers();
});

const names = (): string[] => said.rows.map(({ replay }) => replay.name);
const playing = (): string[] => said.rows.filter(({ isPlaying }) => isPlaying).map(({ replay }) => replay.name);

it('lists what was said, and what is said while the page is open', async () => {
  said.update(session);
  await settle();
  expect(names()).toEqual(['Hall', 'Kitchen']);
  replays = [replay('c', 'Garden'), ...replays];
  await settle(5_000);
  expect(names()).toEqual(['Garden', 'Hall', 'Kitchen']);
  said.close();
  await settle(20_000);
  expect([asked, names()]).toEqual([2, []]);
});

it('asks once where nothing is kept', async () => {
  [replays, replayMs] = [[], 0];
  said.update(session);
  await settle(60_000);
  expect([asked, names()]).toEqual([1, []]);
});

it('goes on asking a server that did not answer', async () => {
  away = true;
  said.update(session);
  await settle();
  away = false;
  await settle(5_000);
  expect(names()).toEqual(['Hall', 'Kitchen']);
});

it('plays one at a time, from beside the signaling, until its end or another tap', async () => {
  said.update(session);
  await settle();
  const [hall, kitchen] = replays as [Replay, Replay];
  said.toggle(hall);
  expect([audio.played, playing()]).toEqual([['https://house/add-on/replay/ticket/b.mp3'], ['Hall']]);
  const first = audio;
  said.toggle(kitchen);
  expect([first.paused, playing()]).toEqual([true, ['Kitchen']]);
  audio.dispatchEvent(new Event('ended'));
  expect(playing()).toEqual([]);
  said.toggle(kitchen);
  said.toggle(kitchen);
  expect([audio.paused, playing()]).toEqual([true, []]);
});

it('says what is not kept any more, and is silent when the page goes', async () => {
  said.update(session);
  await settle();
  const [hall, kitchen] = replays as [Replay, Replay];
  said.toggle(hall);
  audio.dispatchEvent(new Event('error'));
  expect(said.rows.map(({ isGone }) => isGone)).toEqual([true, false]);
  said.toggle(kitchen);
  said.close();
  expect(audio.paused).toBe(true);
});
