/** Announcements on speakers that really fetch: from the first word, each as it is, and all as before afterwards. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { slice } from '../support/pcm.ts';
import { speak } from '../support/speech.ts';
import { SpeakersRig } from '../support/speakers-rig.ts';
import { findWord, WHOLE_WORD } from '../support/word-judge.ts';

// Voices are spoken in real time, and a machine may be busy.
vi.setConfig({ testTimeout: 90_000 });

let rig: SpeakersRig;

beforeEach(async () => {
  rig = await SpeakersRig.start();
});

afterEach(async () => {
  await rig.close();
  expect(rig.log.lines.filter((line) => line.startsWith('ERROR'))).toEqual([]);
});

/** The word alone, a third of a second. */
async function dinner(): Promise<Float32Array> {
  const { pcm } = await speak('Dinner!');
  return slice(pcm, 0, Math.ceil(pcm.findLastIndex((sample) => Math.abs(sample) > 0.003) / 960) * 20);
}

it('three speakers hear the first word: one at once, one that looks first, one that takes 2 s to connect', async () => {
  const quick = await rig.speaker('quick');
  const looking = await rig.speaker('looking', { looksFirst: true, platform: 'esphome' });
  const slow = await rig.speaker('slow', { connectMs: 2000, music: 'radio' });
  const speakers = [quick, looking, slow];
  const word = await dinner();
  const { id } = rig.announce(speakers, { stream: 'kitchen', volume: 0.5, chime: 'ding' });
  await rig.eventually(() => expect(quick.state.state).toBe('playing'));
  await rig.say(word);
  const { targets } = await rig.over(id);
  expect(targets.map(({ state, fault }) => [state, fault])).toEqual(speakers.map(() => ['done', undefined]));
  for (const speaker of speakers) {
    expect(findWord(await rig.heardBy(speaker), word).score, speaker.entityId).toBeGreaterThan(WHOLE_WORD);
  }
  expect(targets[2]?.startDelayMs).toBeGreaterThanOrEqual(1900);
  expect(quick.state).toEqual({ state: 'idle', volume: 0.3, muted: false, content: undefined });
  expect(slow.state).toEqual({ state: 'playing', volume: 0.3, muted: false, content: 'radio' });
  await rig.eventually(() => {
    const told = rig.house.stub.core.home.events.find(({ event_type: type }) => type === 'voice_streaming_announced');
    expect(told?.data).toMatchObject({ announcement_id: id, stream: 'kitchen' });
  });
});

it('a stop is heard at once, though the player cannot be stopped', async () => {
  const speaker = await rig.speaker('clip', { platform: 'esphome' });
  const { id } = rig.announce([speaker], { volume: 0.5 });
  await rig.eventually(() => expect(rig.now(id).targets[0]?.state).toBe('playing'));
  rig.announcer.stop({ user: { name: null, isAdmin: true } }, id);
  const { targets } = await rig.over(id);
  expect(targets[0]).toMatchObject({ state: 'stopped' });
  await rig.eventually(() => expect(speaker.heard).toHaveLength(1));
  const late = await fetch(speaker.heard[0]?.url ?? '');
  expect(late.status).toBe(410);
});

it('Core restarts in the middle: the voice goes on, and all is put back when it has returned', async () => {
  const speaker = await rig.speaker('kitchen', { connectMs: 100 });
  const word = await dinner();
  const { id } = rig.announce([speaker], { stream: 'kitchen', volume: 0.8 });
  await rig.eventually(() => expect(rig.now(id).targets[0]?.state).toBe('playing'));
  rig.house.stub.core.faults.set('away');
  rig.house.stub.core.restart();
  await rig.eventually(() => expect(rig.house.house.players.available).toBe(false));
  await rig.say(word);
  await rig.eventually(() => expect(speaker.heard).toHaveLength(1));
  expect(rig.now(id).over).toBe(false);
  rig.house.stub.core.faults.set(null);
  const { targets } = await rig.over(id);
  expect(targets[0]).toMatchObject({ state: 'done' });
  expect(findWord(await rig.heardBy(speaker), word).score).toBeGreaterThan(WHOLE_WORD);
  expect(speaker.state).toMatchObject({ state: 'idle', volume: 0.3 });
});

it('a speaker that loses its connection and one that never fetches are told by name; the third plays on', async () => {
  await rig.close();
  rig = await SpeakersRig.start({ limits: { fetchMs: 8000 } });
  const leaving = await rig.speaker('leaving', { leavesAfterBytes: 20_000 });
  const silent = await rig.speaker('silent', { neverFetches: true });
  const playing = await rig.speaker('playing');
  const { pcm } = await speak('My grandmother used to grow purple tomatoes along a crooked wall.');
  const { id } = rig.announce([leaving, silent, playing], { stream: 'kitchen', volume: 0.8 });
  await rig.say(pcm);
  const { targets } = await rig.over(id);
  expect(targets.map(({ entityId, fault }) => [entityId, fault])).toEqual([
    ['media_player.leaving', 'stalled'],
    ['media_player.silent', 'neverFetched'],
    ['media_player.playing', undefined],
  ]);
  for (const speaker of [leaving, silent, playing]) {
    expect(speaker.state, speaker.entityId).toEqual({ state: 'idle', volume: 0.3, muted: false, content: undefined });
  }
});

it('a test plays a chirp, and what was learned is kept', async () => {
  const speaker = await rig.speaker('kitchen', { connectMs: 300 });
  const { id } = rig.announcer.test({ user: { name: null, isAdmin: true } }, { entityId: speaker.entityId });
  const { targets } = await rig.over(id);
  expect(targets[0]).toMatchObject({ state: 'done' });
  const heard = await rig.heardBy(speaker);
  expect(heard.length / 48).toBeGreaterThan(900);
  expect(Math.max(...heard)).toBeGreaterThan(0.2);
  const learned = rig.announcer.speakers().speakers[0]?.startDelayMs ?? 0;
  expect(learned).toBe(targets[0]?.startDelayMs);
  expect(learned).toBeGreaterThanOrEqual(290);
  await rig.eventually(async () => {
    const file = JSON.parse(await readFile(join(rig.folder, 'speakers.json'), 'utf8')) as object;
    expect(file).toEqual({ version: 1, startDelaysMs: { 'media_player.kitchen': [learned] } });
  });
});
