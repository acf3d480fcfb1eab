/** What fake microphones play. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SAMPLE_RATE_HZ, toInt16 } from '../../test/support/pcm.ts';
import { COUNTING, speak } from '../../test/support/speech.ts';

const CLICK_MS = 30;
const HEADER_BYTES = 44;
const AUDIBLE = 0.05;

export interface SoundFile {
  path: string;
  remove(): Promise<void>;
}

/** A burst of 1 kHz every `periodMs`. */
export function clicks(durationMs: number, periodMs: number): Promise<SoundFile> {
  const pcm = new Float32Array((SAMPLE_RATE_HZ / 1000) * durationMs);
  const [period, click] = [periodMs, CLICK_MS].map((ms) => (SAMPLE_RATE_HZ / 1000) * ms) as [number, number];
  for (let start = 0; start + click <= pcm.length; start += period) {
    for (let i = 0; i < click; i += 1) pcm[start + i] = 0.5 * Math.sin((2 * Math.PI * 1000 * i) / SAMPLE_RATE_HZ);
  }
  return writeWav(pcm);
}

/** Somebody who speaks from the very first sample on. */
export async function speechAtOnce(): Promise<SoundFile> {
  const { pcm } = await speak(COUNTING);
  return writeWav(pcm.subarray(pcm.findIndex((sample) => Math.abs(sample) > AUDIBLE)));
}

async function writeWav(pcm: Float32Array): Promise<SoundFile> {
  const samples = toInt16(pcm);
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(HEADER_BYTES - 8 + samples.byteLength, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20); // PCM
  header.writeUInt16LE(1, 22); // mono
  header.writeUInt32LE(SAMPLE_RATE_HZ, 24);
  header.writeUInt32LE(SAMPLE_RATE_HZ * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(samples.byteLength, 40);
  const folder = await mkdtemp(join(tmpdir(), 'voice-streaming-bench-'));
  const path = join(folder, 'microphone.wav');
  await writeFile(path, Buffer.concat([header, Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)]));
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}
