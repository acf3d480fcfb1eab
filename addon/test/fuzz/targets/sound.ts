/** Sound of strangers: Opus packets in any order on their way to MP3 and WAV, and chimes as WAV and MP3 files. */
import { mkdtemp, readdir, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { OpusDecoder } from '../../../src/media/transcoder/opus-decoder.ts';
import { TalkTranscoder } from '../../../src/media/transcoder/talk-transcoder.ts';
import { readChimeFiles } from '../../../src/speakers/chime-files.ts';
import { decodeWav } from '../../../src/speakers/wav.ts';
import { encodeOpus, tone } from '../../support/opus-voice.ts';
import { quietLog } from '../../support/quiet-log.ts';
import { bentBytes } from '../arbitraries.ts';
import { defineTarget, must } from '../target.ts';

/** RFC 6716 3.1: stereo, 60 ms, several frames in one packet up to 120 ms. */
const LONGER = [[0xfc], [0x1c], [0x18], [0x7c], [0xff, 0x06], [0x1f, 0x02], [0x5f, 0x06], [0xfb, 0x30]];

interface Packet {
  sequenceNumber: number;
  timestamp: number;
  payload: Buffer;
  laterMs: number;
}

/** Two formats, 48 kHz, 16 bits: what a second of sound can be at most, and some seconds more for what is concealed. */
const MAX_BYTES_OF_STORY = 12 * 1024 * 1024;

export const opus = defineTarget<Packet[]>({
  name: 'opus',
  share: 80,
  async open() {
    // Longer or stereo ones the encoder cannot make without breaking its own memory; the rest is made of these, by their first byte.
    const frames = await encodeOpus(tone(440, 200), { fec: true });
    const real = frames.flatMap((frame) => [
      frame,
      ...LONGER.map((toc) => Buffer.concat([Buffer.from(toc), frame.subarray(1)])),
    ]);
    const payload = bentBytes(
      fc.oneof(fc.constantFrom(...real), fc.constantFrom(...real), fc.uint8Array({ maxLength: 200 })),
      2,
    );
    const near = fc.record({
      sequenceNumber: fc.nat({ max: 40 }),
      timestamp: fc.nat({ max: 40 }).map((n) => n * 960),
      payload,
      laterMs: fc.nat({ max: 60 }),
    });
    const far = fc.record({
      sequenceNumber: fc.nat({ max: 0xffff }),
      timestamp: fc.nat({ max: 0xffff_ffff }),
      payload,
      laterMs: fc.nat({ max: 5_000 }),
    });
    return {
      inputs: fc.array(fc.oneof({ weight: 6, arbitrary: near }, { weight: 1, arbitrary: far }), {
        minLength: 1,
        maxLength: 20,
      }),
      count: (story) => story.length,
      async run(story) {
        let nowMs = 0;
        let bytes = 0;
        const talk = new TalkTranscoder({ now: () => nowMs, onChunk: (_format, chunk) => (bytes += chunk.length) });
        const decoder = await OpusDecoder.create();
        talk.start(decoder);
        talk.setFormats(['wav']);
        for (const { laterMs, ...packet } of story) {
          nowMs += laterMs;
          talk.write({ ...packet, arrivedAtMs: nowMs });
          talk.tick();
        }
        talk.finish();
        const stats = talk.stats();
        talk.close();
        must(bytes <= MAX_BYTES_OF_STORY, `${bytes} bytes of sound`);
        for (const [name, value] of Object.entries(stats))
          must(value >= 0 && Number.isFinite(value), `${name} is ${value}`);
      },
      sizes: () => ({}),
      witness: () => Promise.resolve(),
      close: () => Promise.resolve(),
    };
  },
});

function wavFile(code: number, channels: number, rateHz: number, bits: number, samples: number): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0).toString();
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(code, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(rateHz, 24);
  header.writeUInt16LE(bits, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples, 40);
  return Buffer.concat([header, Buffer.alloc(samples, 0x55)]);
}

const wavs = bentBytes(
  fc.constantFrom(
    wavFile(1, 1, 48_000, 16, 400),
    wavFile(1, 2, 44_100, 24, 600),
    wavFile(3, 1, 8_000, 32, 400),
    wavFile(1, 8, 384_000, 8, 300),
  ),
);

export const wav = defineTarget<Buffer>({
  name: 'wav',
  share: 25,
  open: () =>
    Promise.resolve({
      inputs: wavs,
      count: () => 1,
      run(file) {
        try {
          const { rateHz, samples } = decodeWav(file);
          must(rateHz > 0 && samples.length <= file.length, `${samples.length} samples of ${file.length} bytes`);
        } catch (error) {
          must(error instanceof Error && error.constructor === Error, String(error));
        }
      },
      sizes: () => ({}),
      witness: () => Promise.resolve(),
      close: () => Promise.resolve(),
    }),
});

/** Whole files by the way of the house's own chimes: few, as each MP3 has a decoder of its own. */
export const chimes = defineTarget<Buffer>({
  name: 'chimes',
  // Read at the start only, and each MP3 compiles a decoder of its own.
  maxRunMs: 2_000,
  share: 1,
  async open() {
    const folder = await mkdtemp(join(tmpdir(), 'chimes-'));
    const frame = Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0xc4]), Buffer.alloc(413)]);
    const mp3 = bentBytes(
      fc.constantFrom(
        Buffer.concat(Array<Buffer>(6).fill(frame)),
        Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\0\x0a'), Buffer.alloc(10), frame, frame]),
      ),
    );
    return {
      inputs: fc.oneof(mp3, wavs),
      count: () => 1,
      async run(file) {
        await writeFile(join(folder, file[0] === 0x52 ? 'a.wav' : 'a.mp3'), file);
        const found = await readChimeFiles({ log: quietLog(), folder });
        for (const chime of found.values())
          must('pcm' in chime || chime.broken.length < 1_000, 'a chime without words');
        for (const name of await readdir(folder)) await unlink(join(folder, name));
      },
      sizes: () => ({}),
      witness: () => Promise.resolve(),
      close: () => rm(folder, { recursive: true }),
    };
  },
});
