import fc from 'fast-check';
import { createEncoder, type EncoderOptions } from 'libopus-wasm';
import { expect, test } from 'vitest';
import { isPairable, pairOf } from '../../../src/media/opus-pair.ts';
import { OpusDecoder } from '../../../src/media/transcoder/opus-decoder.ts';
import { framesOf } from '../../support/opus-frames.ts';
import { SAMPLE_RATE_HZ } from '../../support/pcm.ts';
import { seeded } from '../../support/seeded.ts';

const FRAME_SAMPLES = SAMPLE_RATE_HZ / 100;

/** A voice of a sort: two tones that come and go, breath, and silence between. Far from clipping. */
function voice(frames: number, channels: 1 | 2): Int16Array[] {
  const random = seeded(5);
  return Array.from({ length: frames }, (_, frame) =>
    Int16Array.from({ length: FRAME_SAMPLES * channels }, (__, i) => {
      const s = frame * FRAME_SAMPLES + Math.floor(i / channels);
      const loudness = Math.max(0, Math.sin(s / 9000)) * 8000;
      return loudness * (Math.sin(s / 40) + Math.sin(s / (11 + (frame % 7))) / 2 + random() / 3);
    }),
  );
}

async function encode(options: EncoderOptions, count = 200): Promise<Buffer[]> {
  const encoder = await createEncoder({ frameSize: FRAME_SAMPLES, channels: 1, ...options });
  const packets = voice(count, options.channels ?? 1).map((pcm) => Buffer.from(encoder.encode(pcm)));
  encoder.free();
  return packets;
}

/** Each packet with the next one where they go together. */
function paired(packets: readonly Buffer[]): { packets: Buffer[]; pairs: number } {
  const out: Buffer[] = [];
  let pairs = 0;
  for (let at = 0; at < packets.length; at += 1) {
    const [first, second] = [packets[at]!, packets[at + 1]];
    const pair = second && isPairable(first) && isPairable(second) ? pairOf(first, second) : undefined;
    out.push(pair ?? first);
    if (!pair) continue;
    pairs += 1;
    at += 1;
  }
  return { packets: out, pairs };
}

async function decodeAll(packets: readonly Buffer[]): Promise<number[]> {
  const decoder = await OpusDecoder.create();
  const samples = packets.flatMap((packet) => [...decoder.decode(packet)]);
  expect(decoder.corruptPackets).toBe(0);
  decoder.close();
  return samples;
}

const VOICES: [string, EncoderOptions][] = [
  ['narrow band', { application: 2048, bitrate: 10_000, signal: 3001 }],
  ['wide band with FEC', { application: 2048, bitrate: 20_000, fec: true, packetLossPercent: 20, signal: 3001 }],
  ['as browsers send it', { application: 2048, bitrate: 32_000, fec: true }],
  ['stereo', { application: 2049, bitrate: 64_000, channels: 2 }],
  ['frames longer than 251 bytes', { application: 2049, bitrate: 320_000 }],
  ['constant bit rate', { application: 2048, bitrate: 32_000, vbr: false }],
  ['with DTX', { application: 2048, bitrate: 16_000, dtx: true }],
];

test.each(VOICES)('%s: half the packets, the very same samples', async (_name, options) => {
  const packets = await encode(options);
  const half = paired(packets);
  expect(half.pairs).toBeGreaterThan(packets.length / 4);
  expect(half.packets.flatMap(framesOf)).toEqual(packets.flatMap(framesOf));
  expect(await decodeAll(half.packets)).toEqual(await decodeAll(packets));
});

test('equal lengths need no length, see RFC 6716 3.2.3, others one byte or two', () => {
  const frame = (bytes: number): Buffer => Buffer.concat([Buffer.from([0x70]), Buffer.alloc(bytes, bytes)]);
  const lengths = (first: number, second: number): number | undefined => pairOf(frame(first), frame(second))?.length;
  expect(lengths(40, 40)).toBe(81);
  expect(lengths(40, 41)).toBe(83);
  expect([lengths(251, 40), lengths(252, 40)]).toEqual([293, 295]);
});

test('what does not go together is no pair', () => {
  const frame = (toc: number, bytes = 30): Buffer => Buffer.concat([Buffer.from([toc]), Buffer.alloc(bytes, 1)]);
  const hybrid = 14 << 3;
  const stereo = 0b100;
  expect(pairOf(frame(hybrid), frame(12 << 3))).toBeUndefined();
  expect(pairOf(frame(hybrid), frame(hybrid | stereo))).toBeUndefined();
  expect(pairOf(frame(hybrid, 700), frame(hybrid, 700))).toBeUndefined();
  expect(pairOf(frame(hybrid), frame(hybrid))).toHaveLength(61);
});

test('only plain frames of 10 ms with sound in them have a partner', () => {
  const tenMs = [0, 4, 8, 12, 14, 18, 22, 26, 30];
  const configs = Array.from({ length: 32 }, (_, config) => config);
  expect(configs.filter((config) => isPairable(Buffer.alloc(20, config << 3)))).toEqual(tenMs);
  for (const code of [1, 2, 3]) expect(isPairable(Buffer.alloc(20, (14 << 3) | code))).toBe(false);
  for (const bytes of [0, 1, 2]) expect(isPairable(Buffer.alloc(bytes, 14 << 3))).toBe(false);
});

test('whatever is in the frames comes out of the pair', () => {
  const body = fc.uint8Array({ minLength: 2, maxLength: 590 });
  const toc = fc.constantFrom(0, 4, 8, 12, 14, 18, 22, 26, 30).map((config) => config << 3);
  fc.assert(
    fc.property(toc, fc.boolean(), body, body, (config, isStereo, first, second) => {
      const head = [config | (isStereo ? 4 : 0)];
      const packets = [first, second].map((bytes) => Buffer.from([...head, ...bytes]));
      expect(packets.every(isPairable)).toBe(true);
      const pair = pairOf(packets[0]!, packets[1]!);
      expect(pair && framesOf(pair)).toEqual(packets.flatMap(framesOf));
    }),
    { seed: 3, numRuns: 300 },
  );
});
