/** What ships encodes the same bytes as lamejs does at that quality, and asks for next to no memory while it does. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { tunedLame } from '../../../tools/lame.mjs';

interface Lame {
  Mp3Encoder: new (
    channels: number,
    sampleRateHz: number,
    kbps: number,
  ) => {
    encodeBuffer(pcm: Int16Array): Int8Array;
    flush(): Int8Array;
  };
}

const PACKET_SAMPLES = 480;
const FRAME_SAMPLES = 1152;
const source = readFileSync(
  createRequire(import.meta.url)
    .resolve('@breezystack/lamejs')
    .replace(/lamejs\.iife\.js$/, 'lamejs.js'),
  'utf8',
);
const folder = await mkdtemp(join(tmpdir(), 'lame-'));
const tuned = await load('tuned.mjs', tunedLame(source));
const plain = await load('plain.mjs', source.replace('.quality = 3,', '.quality = 7,'));

afterAll(() => rm(folder, { recursive: true, force: true }));

it('encodes to the byte what lamejs does, several talks in turns', () => {
  const talks = [sound(1), sound(2), sound(3)];
  expect(encoded(tuned, talks)).toEqual(encoded(plain, talks));
});

it('makes no more than ten typed arrays for a frame', () => {
  const { Mp3Encoder } = tuned;
  const encoder = new Mp3Encoder(1, 48_000, 128);
  const pcm = sound(4);
  encoder.encodeBuffer(pcm.subarray(0, 4 * FRAME_SAMPLES));
  const frames = 20;
  const made = countTypedArrays(() => {
    for (let frame = 4; frame < 4 + frames; frame += 1) {
      encoder.encodeBuffer(pcm.subarray(frame * FRAME_SAMPLES, (frame + 1) * FRAME_SAMPLES));
    }
  });
  expect(made / frames).toBeGreaterThan(0);
  expect(made / frames).toBeLessThanOrEqual(10);
});

it('refuses a lamejs that it does not know', () => {
  expect(() => tunedLame(source.replace('.quality = 3,', '.quality = 2,'))).toThrow('another one: ".quality = 3,"');
  expect(() => tunedLame(source.replaceAll('mdct_sub48', 'mdct_sub49'))).toThrow('another one: "this.mdct_sub48');
});

async function load(name: string, text: string): Promise<Lame> {
  const file = join(folder, name);
  await writeFile(file, text);
  return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Lame;
}

/** 2 s of what makes an encoder change its ways: tones, noise, clicks, and nothing. */
function sound(seed: number): Int16Array {
  let random = seed;
  const noise = (): number => (random = (random * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648 - 0.5;
  return Int16Array.from({ length: 96_000 }, (_, at) => {
    const part = Math.floor(at / 12_000) % 4;
    if (part === 0) return 9000 * Math.sin((at * seed) / 30);
    if (part === 1) return 12_000 * noise();
    if (part === 2) return at % 2400 < 40 ? 30_000 : 200 * noise();
    return 0;
  });
}

/** A packet of each in turns, at the bitrates that are offered. */
function encoded({ Mp3Encoder }: Lame, talks: Int16Array[]): number[][] {
  const encoders = talks.map((_, talk) => new Mp3Encoder(1, 48_000, talk % 2 === 0 ? 128 : 320));
  const bytes: number[][] = talks.map(() => []);
  for (let at = 0; at < talks[0]!.length; at += PACKET_SAMPLES) {
    talks.forEach((pcm, talk) =>
      bytes[talk]!.push(...encoders[talk]!.encodeBuffer(pcm.subarray(at, at + PACKET_SAMPLES))),
    );
  }
  encoders.forEach((encoder, talk) => bytes[talk]!.push(...encoder.flush()));
  return bytes;
}

function countTypedArrays(work: () => void): number {
  const types = { Float32Array, Float64Array, Int32Array, Int16Array, Int8Array, Uint8Array };
  let count = 0;
  for (const [name, type] of Object.entries(types)) {
    const counting = class extends (type as typeof Float32Array) {
      constructor(...args: ConstructorParameters<typeof Float32Array>) {
        super(...args);
        count += 1;
      }
    };
    Reflect.set(globalThis, name, counting);
  }
  try {
    work();
  } finally {
    Object.assign(globalThis, types);
  }
  return count;
}
