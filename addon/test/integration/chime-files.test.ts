import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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

  it.each([
    ['a pipe that nobody writes to', (path: string) => execFileSync('mkfifo', [path]), 'it is not a file'],
    ['a folder', (path: string) => mkdirSync(path), 'it is not a file'],
    ['a device without an end', (path: string) => symlinkSync('/dev/zero', path), 'it is not a file'],
    ['a link to nothing', (path: string) => symlinkSync('/nowhere', path), 'no such file'],
  ])('%s is told, and keeps nobody', async (_, make, complaint) => {
    make(join(folder, 'x.wav'));
    write('y.wav');
    const chimes = await readChimeFiles({ log, folder });
    expect(chimes.get('x')).toEqual({ broken: expect.stringContaining(complaint) as string });
    expect(chimes.get('y')).toHaveProperty('pcm');
    expect(log.lines).toHaveLength(1);
  });

  it('one that is replaced, cut or removed while it is read is a chime, or told', async () => {
    const path = join(folder, 'x.wav');
    write('whole.wav', '-ar', '48000');
    const whole = readFileSync(join(folder, 'whole.wav'));
    rmSync(join(folder, 'whole.wav'));
    const faults: (() => void)[] = [
      () => rmSync(path),
      () => writeFileSync(path, whole.subarray(0, 1000)),
      () => writeFileSync(path, Buffer.alloc(whole.length * 2)),
      () => {
        rmSync(path);
        mkdirSync(path);
      },
    ];
    for (const fault of faults) {
      for (let turns = 0; turns < 12; turns += 1) {
        rmSync(path, { recursive: true, force: true });
        writeFileSync(path, whole);
        const reading = readChimeFiles({ log, folder });
        for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        fault();
        const chime = (await reading).get('x');
        if (chime && 'broken' in chime) expect(chime.broken).toContain('x.wav is no chime');
        else if (chime) expect(chime.pcm.length).toBeLessThanOrEqual(48_000);
      }
    }
  });

  it('of an hour of MP3 only the beginning is decoded, and nobody waits for it', async () => {
    write('x.mp3', '-ar', '8000', '-b:a', '8k');
    const second = readFileSync(join(folder, 'x.mp3'));
    writeFileSync(
      join(folder, 'x.mp3'),
      Buffer.concat(Array.from({ length: 4_000_000 / second.length }, () => second)),
    );
    const before = process.memoryUsage().rss;
    const chime = (await readChimeFiles({ log, folder })).get('x');
    expect(chime && 'pcm' in chime && chime.pcm.length).toBe(480_000);
    // Decoded whole it would be 230 MB.
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
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
