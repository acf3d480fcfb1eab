import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Alarm } from '../src/alarm.ts';
import { FakeAudio } from './fakes/fake-audio.ts';
import { FakeDocument } from './fakes/fake-document.ts';

let page: FakeDocument;
let audio: FakeAudio;
let speaker: string;
let alarm: Alarm;

const settle = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const touch = (): Promise<unknown> => {
  page.dispatchEvent(new Event('pointerup'));
  return settle();
};

beforeEach(() => {
  vi.useFakeTimers();
  page = new FakeDocument();
  vi.stubGlobal('document', page);
  audio = new FakeAudio();
  speaker = '';
  alarm = new Alarm({ createElement: () => audio.asElement(), speaker: () => speaker });
  alarm.setReady(true);
});

afterEach(() => {
  alarm.close();
  alarm.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it('sounds again and again until it is stopped', async () => {
  alarm.setOn(true);
  await settle();
  expect([audio.paused, audio.loop, alarm.refused]).toEqual([false, true, false]);
  alarm.setOn(false);
  expect(audio.paused).toBe(true);
});

it('is begun anew when the system stops it, or when it stands still', async () => {
  alarm.setOn(true);
  await settle();
  audio.pause();
  await settle(2_000);
  expect(audio.paused).toBe(false);
  for (let second = 0; second < 10; second += 1) {
    audio.currentTime += 1.01;
    await settle(1_000);
  }
  const before = audio.played.length;
  await settle(6_000);
  expect(audio.played.length).toBeGreaterThan(before);
});

it('says that the browser wants a tap, and sounds with it', async () => {
  audio.refusal = 'NotAllowedError';
  alarm.setOn(true);
  await settle();
  expect(alarm.refused).toBe(true);
  audio.refusal = null;
  await touch();
  expect([audio.paused, alarm.refused]).toEqual([false, false]);
});

it('is readied by a gesture in silence, and by the next one when that was none', async () => {
  audio.refusal = 'NotAllowedError';
  await touch();
  audio.refusal = null;
  await touch();
  await touch();
  expect(audio.played).toHaveLength(1);
  expect(audio.loop).toBe(false);
});

it('comes out of the system’s own speaker when the chosen one is gone', async () => {
  speaker = audio.missingSink = 'headphones';
  alarm.setOn(true);
  await settle();
  expect(audio.sinks).toEqual(['']);
  expect(audio.paused).toBe(false);
});

it('is silent and forgets the page when nothing is watched any more', async () => {
  alarm.setOn(true);
  await settle();
  alarm.setReady(false);
  expect(audio.paused).toBe(true);
  await touch();
  expect(audio.paused).toBe(true);
  alarm.close();
  expect(audio.removed).toBe(true);
});

it('that is stopped while it begins stays silent', async () => {
  alarm.setOn(true);
  alarm.setOn(false);
  await settle(10_000);
  expect(audio.paused).toBe(true);
});
