import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ChimeBook } from '../../src/speakers/chime-book.ts';
import { readChimeFiles } from '../../src/speakers/chime-files.ts';
import { BUILT_IN_CHIMES, chirp, synthesize } from '../../src/speakers/chimes.ts';
import { resample } from '../../src/speakers/resample.ts';
import { quietLog, type QuietLog } from '../support/quiet-log.ts';

/** How much of `pcm` is a tone of this frequency, 0 to 1. */
function shareOf(hz: number, pcm: ArrayLike<number>, rateHz = 48_000): number {
  let [real, imaginary, energy] = [0, 0, 0];
  for (let at = 0; at < pcm.length; at += 1) {
    const value = pcm[at] ?? 0;
    real += value * Math.cos((2 * Math.PI * hz * at) / rateHz);
    imaginary += value * Math.sin((2 * Math.PI * hz * at) / rateHz);
    energy += value * value;
  }
  return (2 * (real * real + imaginary * imaginary)) / (pcm.length * energy);
}

function sine(hz: number, seconds: number, rateHz: number): Float32Array {
  return Float32Array.from({ length: rateHz * seconds }, (_, at) => 0.5 * Math.sin((2 * Math.PI * hz * at) / rateHz));
}

let folder: string;
let log: QuietLog;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chimes-'));
  log = quietLog();
});

afterEach(() => rmSync(folder, { recursive: true }));

/** One second of 440 Hz. */
function write(name: string, ...format: string[]): void {
  const input = ['-f', 'lavfi', '-i', 'sine=frequency=440:duration=1'];
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...input, ...format, join(folder, name)]);
}

async function pcmOf(name: string): Promise<Int16Array> {
  const chime = (await readChimeFiles({ log, folder })).get(name);
  if (!chime || 'broken' in chime) throw new Error(JSON.stringify(chime));
  return chime.pcm;
}

describe('files of the house', () => {
  it.each([
    ['44.1 kHz stereo of 16 bits', 'bell.wav', ['-ar', '44100', '-ac', '2', '-c:a', 'pcm_s16le']],
    ['22 kHz mono of 8 bits', 'bell.wav', ['-ar', '22050', '-c:a', 'pcm_u8']],
    ['96 kHz of 24 bits', 'bell.wav', ['-ar', '96000', '-c:a', 'pcm_s24le']],
    ['48 kHz of floats', 'bell.WAV', ['-ar', '48000', '-c:a', 'pcm_f32le']],
    ['MP3 of 44.1 kHz', 'bell.mp3', ['-ar', '44100', '-ac', '2', '-b:a', '128k']],
  ])('%s', async (_, name, format) => {
    write(name, ...format);
    const pcm = await pcmOf('bell');
    expect(pcm.length / 48_000).toBeGreaterThan(0.95);
    expect(pcm.length / 48_000).toBeLessThan(1.1);
    expect(shareOf(440, pcm.subarray(4_800, 43_200))).toBeGreaterThan(0.97);
    expect(log.lines).toEqual([]);
  });

  it.each([
    ['a text', 'x.wav', 'hello', /x\.wav is no chime: it does not begin as a WAV file does\.$/],
    ['a picture', 'x.mp3', '\x89PNG\r\n\x1a\n'.repeat(500), /x\.mp3 is no chime: it is no MP3 file/],
    ['nothing', 'x.wav', '', /x\.wav is no chime/],
    ['a WAV without sound', 'x.wav', 'RIFF\x04\0\0\0WAVE', /it holds no sound/],
  ])('%s is told, and announcements go on without', async (_, name, content, complaint) => {
    writeFileSync(join(folder, name), content, 'latin1');
    const chimes = await readChimeFiles({ log, folder });
    expect(log.lines).toEqual([expect.stringMatching(complaint)]);
    const book = new ChimeBook();
    book.setOwn(chimes);
    expect(book.has('x')).toBe(true);
    expect(book.names).not.toContain('x');
    expect(book.whyBroken('x')).toMatch(complaint);
    expect(book.preludeOf('x', 0)).toBeUndefined();
  });

  it('too many, too large and too long ones are bounded', async () => {
    for (const name of ['a', 'b', 'c']) write(`${name}.wav`, '-ar', '48000');
    const chimes = await readChimeFiles({ log, folder, maxFiles: 2, maxMs: 500 });
    expect([...chimes.keys()]).toEqual(['a', 'b']);
    const a = chimes.get('a');
    expect(a && 'pcm' in a && a.pcm.length).toBe(24_000);
    const small = await readChimeFiles({ log, folder, maxBytes: 1000 });
    expect(small.get('a')).toEqual({ broken: expect.stringContaining('more than 1000') as string });
  });

  it('a folder that is not there has none', async () => {
    expect(await readChimeFiles({ log, folder: join(folder, 'none') })).toEqual(new Map());
    expect(log.lines).toEqual([]);
  });
});

describe('resample', () => {
  it('lets no tone through that the new rate cannot hold', () => {
    const high = resample(sine(15_000, 0.2, 48_000), 48_000, 16_000).slice(400, 2_800);
    expect(Math.max(...high.map(Math.abs))).toBeLessThan(0.01);
    const low = resample(sine(1_000, 0.2, 44_100), 44_100, 48_000).slice(400, 9_000);
    expect(shareOf(1_000, low)).toBeGreaterThan(0.999);
    expect(Math.max(...low)).toBeCloseTo(0.5, 2);
  });
});

describe('what is built in', () => {
  it.each(BUILT_IN_CHIMES)('%s is short, loud enough, never clips, and begins and ends in silence', (name) => {
    const pcm = synthesize(name);
    const peak = Math.max(...pcm.map(Math.abs));
    expect(pcm.length / 48).toBeLessThanOrEqual(2_000);
    expect(peak).toBeGreaterThan(8_000);
    expect(peak).toBeLessThan(32_000);
    expect(Math.abs(pcm[0] ?? 1)).toBeLessThan(100);
    expect(Math.abs(pcm.at(-1) ?? 1)).toBeLessThan(100);
  });

  it('the same prelude is the same object, silence first', () => {
    const book = new ChimeBook();
    const prelude = book.preludeOf('ding', 250);
    expect(book.preludeOf('ding', 250)).toBe(prelude);
    expect(prelude?.pcm.subarray(0, 12_000).every((sample) => sample === 0)).toBe(true);
    expect(prelude?.pcm.length).toBe(12_000 + synthesize('ding').length);
    expect(book.preludeOf('none', 0)).toBeUndefined();
    expect(book.preludeOf('none', 100)?.pcm.length).toBe(4_800);
    expect(book.chirp(0)?.pcm).toEqual(chirp());
  });
});
