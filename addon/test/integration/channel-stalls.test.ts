/** A machine that is too busy holds a thread up in mid-word: whoever plays a channel hears every word, later. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WAV_HEADER_BYTES } from '../../src/media/transcoder/formats.ts';
import { httpRig, WORKER_URL, type HttpRig } from '../support/http-rig.ts';
import { encodeOpus, OpusVoice, tone } from '../support/opus-voice.ts';
import { concat, fromInt16, SAMPLE_RATE_HZ } from '../support/pcm.ts';
import { Player } from '../support/player.ts';

const STREAM_ID = 'kitchen-tablet';
const PLAYERS = 12;
const WORD_MS = 200;
/** Each word is a tone of its own, so that one that is missing cannot be taken for another. */
const WORDS_HZ = [400, 500, 600, 700, 800, 900, 1000, 1100, 1200, 1300, 1400, 1500];
const SILENCE_MS = 500;
const WAV_BYTES_PER_MS = 96;
/** Opus blurs where one word becomes the next. */
const KEPT = 0.75;

let folder: string;
let rig: HttpRig;
/** Holds the transcoder's thread up. */
let stall: BroadcastChannel;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stalls-'));
  const name = `stall ${folder}`;
  const worker = join(folder, 'worker.mjs');
  await writeFile(
    worker,
    `const channel = new BroadcastChannel(${JSON.stringify(name)});
    channel.onmessage = ({ data }) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, data);
    await import(${JSON.stringify(WORKER_URL.href)});`,
  );
  stall = new BroadcastChannel(name);
  rig = await httpRig({ workerUrl: pathToFileURL(worker) });
});

afterEach(async () => {
  stall.close();
  await rig.close();
  await rm(folder, { recursive: true });
});

function holdUp(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Speaks all words to players of the channel; `inMidWord` is called in the middle of the fourth. What they heard. */
async function say(inMidWord: () => void): Promise<Buffer[]> {
  const url = rig.mediaUrls.channelUrls(STREAM_ID).wavUrl;
  const players = await Promise.all(Array.from({ length: PLAYERS }, () => Player.play(url)));
  await Promise.all(players.map((player) => player.heard(WAV_HEADER_BYTES + SILENCE_MS * WAV_BYTES_PER_MS)));
  const stream = rig.relay.start({ id: STREAM_ID, name: 'Kitchen' });
  const packets = await encodeOpus(concat(WORDS_HZ.map((hz) => tone(hz, WORD_MS))));
  const voice = new OpusVoice({ stream, packets });
  // The speaker goes on meanwhile: what was said comes at once afterwards.
  setTimeout(inMidWord, 3.5 * WORD_MS);
  await voice.speak();
  rig.relay.end(stream, 'stopped');
  const spokenBytes = players.map(({ bytes }) => bytes + 2 * SILENCE_MS * WAV_BYTES_PER_MS);
  await Promise.all(players.map((player, index) => player.heard(spokenBytes[index]!)));
  for (const player of players) player.leave();
  return Promise.all(players.map(({ ended }) => ended));
}

/** How much of each word is there, 0 to 1. */
function heardOf(wav: Buffer): number[] {
  const pcm = fromInt16(wav.subarray(WAV_HEADER_BYTES));
  const heardMs = WORDS_HZ.map(() => 0);
  const window = SAMPLE_RATE_HZ / 100;
  for (let at = 0; at + window <= pcm.length; at += window) {
    const loudest = WORDS_HZ.map((hz) => amplitude(pcm.subarray(at, at + window), hz));
    const word = loudest.findIndex((amount) => amount > 0.1 && amount === Math.max(...loudest));
    if (word >= 0) heardMs[word]! += 10;
  }
  return heardMs.map((ms) => ms / WORD_MS);
}

/** Of one tone, by Goertzel's recurrence. */
function amplitude(pcm: Float32Array, hz: number): number {
  const turn = 2 * Math.cos((2 * Math.PI * hz) / SAMPLE_RATE_HZ);
  let [last, lastButOne] = [0, 0];
  for (const sample of pcm) [last, lastButOne] = [sample + turn * last - lastButOne, last];
  return (2 * Math.sqrt(Math.max(0, last ** 2 + lastButOne ** 2 - turn * last * lastButOne))) / pcm.length;
}

describe('a channel on a machine that is too busy', () => {
  it.each([
    ['the main thread stands still for 500 ms', () => holdUp(500)],
    ['the transcoder stands still for 1000 ms', () => stall.postMessage(1000)],
    [
      'both stand still for 400 ms',
      () => {
        stall.postMessage(400);
        holdUp(400);
      },
    ],
  ])('keeps every word: %s', async (_what, inMidWord) => {
    const wavs = await say(inMidWord);
    expect(wavs).toHaveLength(PLAYERS);
    for (const wav of wavs) for (const part of heardOf(wav)) expect(part).toBeGreaterThan(KEPT);
  });
});
