/** The clock on the wall is set by an hour in the middle of a talk, an announcement and listening: nobody hears of it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { compareSpeech, SAME_SPEECH } from '../support/judge.ts';
import { encodeOpus, OpusVoice } from '../support/opus-voice.ts';
import { decodeAudio } from '../support/pcm.ts';
import { Player } from '../support/player.ts';
import { SpeakersRig } from '../support/speakers-rig.ts';
import { COUNTING, speak } from '../support/speech.ts';

// Voices are spoken in real time, and a machine may be busy.
vi.setConfig({ testTimeout: 60_000 });

const HOUR_MS = 3_600_000;
const SAID_MS = 4_000;

let rig: SpeakersRig;

beforeEach(async () => {
  rig = await SpeakersRig.start();
});

afterEach(async () => {
  vi.useRealTimers();
  await rig.close();
  expect(rig.log.lines.filter((line) => /^(?:WARN|ERROR)/.test(line))).toEqual([]);
});

it.each([
  ['ahead', HOUR_MS],
  ['back', -HOUR_MS],
])('an hour %s', async (_where, byMs) => {
  const { pcm } = await speak(COUNTING);
  const said = pcm.subarray(0, SAID_MS * 48);
  const packets = await encodeOpus(said);
  const speaker = await rig.speaker('kitchen');
  const { id } = rig.announce([speaker], { stream: 'kitchen', volume: 0.8 });
  await rig.eventually(() => expect(speaker.state.state).toBe('playing'));

  // A talk of ten minutes at most, which an hour is more than.
  const stream = rig.house.relay.start({ id: 'kitchen', name: 'Kitchen', maxTalkMs: 600_000 });
  const player = await Player.play(`${rig.url}/stream/kitchen.mp3`);
  const voice = new OpusVoice({ stream, packets });
  const spoken = voice.speak();
  await rig.eventually(() => expect(stream.packetsIn).toBeGreaterThan(packets.length / 2));
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + byMs });
  await spoken;
  expect(stream.ended).toBe(false);
  rig.house.relay.end(stream, 'stopped');
  // What automations are told.
  const ended = await rig.eventually(() => {
    const event = rig.house.stub.core.home.events.find(({ event_type: type }) => type === 'voice_streaming_ended');
    if (!event) throw new Error('nobody was told of the end');
    return Number(event.data['duration']);
  });
  expect(ended).toBeGreaterThan(SAID_MS / 1000 - 1);
  expect(ended).toBeLessThan(60);

  const { targets } = await rig.over(id);
  expect(targets[0]).toMatchObject({ state: 'done' });
  expect(speaker.state).toMatchObject({ state: 'idle', volume: 0.3 });
  const file = join(rig.folder, 'listener.mp3');
  await writeFile(file, await player.ended);
  for (const heard of [await rig.heardBy(speaker), await decodeAudio(file)]) {
    const verdict = compareSpeech(heard, said);
    expect(verdict.score, JSON.stringify(verdict)).toBeGreaterThan(SAME_SPEECH);
    expect(heard.length / 48).toBeGreaterThan(SAID_MS - 300);
  }
});
