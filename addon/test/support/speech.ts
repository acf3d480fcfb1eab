/** Real speech for tests, spoken by espeak-ng: what a person says into the microphone, and how it must sound later. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SAMPLE_RATE_HZ, decodeAudio } from './pcm.ts';

const run = promisify(execFile);

/** 14 to 20 s, with no sound of one where the other has the same. */
export const COUNTING =
  'One two three four five six seven eight nine ten. Dinner is ready in the kitchen, please come down now. ' +
  'Eleven twelve thirteen fourteen. Who left the garden gate open again? The parcel for the neighbours stands beside ' +
  'the bicycles, and somebody should water the basil before it rains.';
export const STORY =
  'My grandmother used to grow purple tomatoes along a crooked wall. Every August, whole families of hedgehogs ' +
  'moved in underneath, snoring. Nobody minded them, although the postman was rather afraid.';
export const RIDDLE =
  'Nothing is heavier than an empty suitcase on the way to a job you do not want. Rivers run, mouths stay shut, beds ' +
  'are never slept in. Fifty wooden horses gallop over the red hill, stamping, champing, then standing still.';

export interface Speech {
  /** WAV, 48 kHz mono 16 bit: what Chromium's fake microphone wants. */
  file: string;
  pcm: Float32Array;
  durationMs: number;
}

/** Speaks `text`; the file is kept in the system's folder for temporary files and used again. */
export async function speak(text: string): Promise<Speech> {
  const folder = join(tmpdir(), 'voice-streaming-speech');
  const file = join(folder, `${createHash('sha256').update(text).digest('hex').slice(0, 16)}.wav`);
  if (!existsSync(file)) {
    await mkdir(folder, { recursive: true });
    // Made aside and moved, as test files run in parallel.
    const unfinished = `${file}.${process.pid}`;
    await run('espeak-ng', ['-v', 'en', '-s', '150', '-w', `${unfinished}.raw.wav`, text]);
    const format = ['-ar', String(SAMPLE_RATE_HZ), '-ac', '1', '-c:a', 'pcm_s16le', '-f', 'wav'];
    await run('ffmpeg', [
      '-v',
      'error',
      '-y',
      '-i',
      `${unfinished}.raw.wav`,
      '-af',
      'apad=pad_dur=1',
      ...format,
      unfinished,
    ]);
    await Promise.all([rename(unfinished, file), rm(`${unfinished}.raw.wav`)]);
  }
  const pcm = await decodeAudio(file);
  return { file, pcm, durationMs: (pcm.length / SAMPLE_RATE_HZ) * 1000 };
}
