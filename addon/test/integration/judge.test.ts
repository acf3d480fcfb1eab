/** The judge of all end-to-end tests, judged: real speech by espeak-ng, spoilt by ffmpeg. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareSpeech, OTHER_SPEECH, SAME_SPEECH } from '../support/judge.ts';
import { concat, decodeAudio, SAMPLE_RATE_HZ, slice } from '../support/pcm.ts';
import { COUNTING, speak, STORY, type Speech } from '../support/speech.ts';
import { findWord, WHOLE_WORD } from '../support/word-judge.ts';

const run = promisify(execFile);

let folder: string;
let counting: Speech;
let story: Speech;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voice-streaming-judge-'));
  [counting, story] = await Promise.all([speak(COUNTING), speak(STORY)]);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function through(...ffmpegArguments: string[]): Promise<Float32Array> {
  const file = join(folder, `${ffmpegArguments.join('').replaceAll(/\W/g, '')}.ogg`);
  await run('ffmpeg', ['-v', 'error', '-i', counting.file, ...ffmpegArguments, file]);
  return decodeAudio(file);
}

const silence = (ms: number): Float32Array => new Float32Array((SAMPLE_RATE_HZ * ms) / 1000);

describe('compareSpeech', () => {
  it('knows the same speech again, and where it lies', () => {
    const { score, offsetMs } = compareSpeech(counting.pcm, counting.pcm);
    expect(score).toBeGreaterThan(0.99);
    expect(offsetMs).toBeCloseTo(0);
  });

  it('knows a part of it, with silence around', () => {
    const part = concat([silence(1230), slice(counting.pcm, 4000, 8000), silence(2000)]);
    const { score, offsetMs } = compareSpeech(part, counting.pcm);
    expect(score).toBeGreaterThan(0.9);
    expect(Math.abs(offsetMs - 4000)).toBeLessThan(500);
  });

  it.each([
    ['Opus at 16 kbit/s', ['-c:a', 'libopus', '-b:a', '16k']],
    ['a telephone, at a tenth of the loudness', ['-af', 'highpass=300,lowpass=3400,volume=0.1', '-c:a', 'libopus']],
  ])('knows it after %s', async (_, args) => {
    expect(compareSpeech(await through(...args), counting.pcm).score).toBeGreaterThan(SAME_SPEECH);
  });

  it('takes other speech for other speech, whole or in part', () => {
    expect(compareSpeech(story.pcm, counting.pcm).score).toBeLessThan(OTHER_SPEECH);
    expect(compareSpeech(counting.pcm, story.pcm).score).toBeLessThan(OTHER_SPEECH);
    expect(compareSpeech(slice(story.pcm, 2000, 6000), counting.pcm).score).toBeLessThan(OTHER_SPEECH);
  });

  it('takes neither backwards speech, noise, a tone nor silence for speech', () => {
    const noise = Float32Array.from({ length: SAMPLE_RATE_HZ * 5 }, () => Math.random() - 0.5);
    const tone = Float32Array.from({ length: SAMPLE_RATE_HZ * 5 }, (_, i) =>
      Math.sin((i * 440 * 2 * Math.PI) / 48_000),
    );
    expect(compareSpeech(counting.pcm.toReversed(), counting.pcm).score).toBeLessThan(OTHER_SPEECH);
    expect(compareSpeech(noise, counting.pcm).score).toBeLessThan(0.2);
    expect(compareSpeech(tone, counting.pcm).score).toBeLessThan(0.2);
    expect(compareSpeech(silence(5000), counting.pcm).score).toBe(0);
    expect(compareSpeech(new Float32Array(0), counting.pcm).score).toBe(0);
  });

  it('notices that two thirds of it are missing', () => {
    const gappy = counting.pcm.map((sample, i) => (Math.floor(i / 9600) % 3 === 0 ? sample : 0));
    expect(compareSpeech(gappy, counting.pcm).score).toBeLessThan(SAME_SPEECH);
  });
});

describe('findWord', () => {
  const word = async (text: string): Promise<Float32Array> => slice((await speak(text)).pcm, 0, 500);

  it('finds a word after Opus, with silence around, and knows where', async () => {
    const spoken = slice(counting.pcm, 0, 600);
    const heard = await through('-t', '0.6', '-c:a', 'libopus', '-b:a', '32k');
    const { score, startMs } = findWord(concat([silence(730), heard, silence(400)]), spoken);
    expect(score).toBeGreaterThan(WHOLE_WORD);
    expect(Math.abs(startMs - 730)).toBeLessThan(20);
  });

  it('misses a syllable, and is not taken in by another word or by silence', async () => {
    const dinner = await word('Dinner!');
    const cut = (from: number, to: number): Float32Array =>
      concat([silence(300), slice(dinner, from, to), silence(300)]);
    expect(findWord(cut(0, 500), dinner).score).toBeGreaterThan(0.99);
    expect(findWord(cut(60, 500), dinner).score).toBeLessThan(WHOLE_WORD);
    expect(findWord(cut(0, 250), dinner).score).toBeLessThan(WHOLE_WORD);
    expect(findWord(concat([silence(300), await word('Lunch!'), silence(300)]), dinner).score).toBeLessThan(WHOLE_WORD);
    expect(findWord(silence(2000), dinner).score).toBeLessThan(WHOLE_WORD);
  });
});
