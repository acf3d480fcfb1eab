/** An MP3 stream with the time at which each byte came, and when the sound in it could be heard at the earliest. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeAudio } from '../../test/support/pcm.ts';
import { request } from '../../test/support/player.ts';
import { nowMs } from './clock.ts';

/** 128 kbit/s at 48 kHz: every frame has the same length, and samples can be counted back to bytes. */
const FRAME_BYTES = 384;
const FRAME_SAMPLES = 1152;
const HEADER_BYTES = 4;
/** Silence between two onsets. */
const QUIET_SAMPLES = 48 * 150;
/** Of full scale; the tone has 0.3. */
const THRESHOLD = 0.06;

export class Mp3Recording {
  readonly requestedAtMs: number;
  readonly #chunks: { bytes: Buffer; atMs: number }[] = [];

  private constructor(requestedAtMs: number) {
    this.requestedAtMs = requestedAtMs;
  }

  /** Records until `enough` says so. */
  static async record(url: string, enough: (recording: Mp3Recording) => boolean): Promise<Mp3Recording> {
    const recording = new Mp3Recording(nowMs());
    const response = await request(url);
    if (response.statusCode !== 200) throw new Error(`${url} said ${String(response.statusCode)}`);
    for await (const bytes of response as AsyncIterable<Buffer>) {
      recording.#chunks.push({ bytes, atMs: nowMs() });
      if (enough(recording)) break;
    }
    response.destroy();
    return recording;
  }

  get durationMs(): number {
    return (this.#chunks.at(-1)?.atMs ?? this.requestedAtMs) - this.requestedAtMs;
  }

  /** Since the first frame that an encoder made; prebuilt silence is zeros behind its header. Undefined until then. */
  get codedForMs(): number | undefined {
    const { bytes } = this;
    for (let start = 0; start + FRAME_BYTES <= bytes.length; start += FRAME_BYTES) {
      if (!bytes.subarray(start + HEADER_BYTES, start + FRAME_BYTES).every((byte) => byte === 0)) {
        return this.requestedAtMs + this.durationMs - this.#cameAtMs(start * (FRAME_SAMPLES / FRAME_BYTES));
      }
    }
    return undefined;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks.map((chunk) => chunk.bytes));
  }

  get firstByteMs(): number {
    return (this.#chunks[0]?.atMs ?? Number.NaN) - this.requestedAtMs;
  }

  /** When the last byte came that a decoder needs for the first sample of each sound. */
  async onsetsAtMs(): Promise<number[]> {
    const folder = await mkdtemp(join(tmpdir(), 'voice-streaming-bench-'));
    try {
      const { bytes } = this;
      const whole = bytes.subarray(0, bytes.length - (bytes.length % FRAME_BYTES));
      const file = join(folder, 'recording.mp3');
      await writeFile(file, whole);
      const pcm = await decodeAudio(file);
      // Whatever the decoder leaves out, it leaves out at the start.
      const missing = (whole.length / FRAME_BYTES) * FRAME_SAMPLES - pcm.length;
      return onsets(pcm).map((sample) => this.#cameAtMs(sample + missing));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  #cameAtMs(sample: number): number {
    let needed = (Math.floor(sample / FRAME_SAMPLES) + 1) * FRAME_BYTES;
    for (const { bytes, atMs } of this.#chunks) {
      needed -= bytes.length;
      if (needed <= 0) return atMs;
    }
    throw new Error('the sound was decoded from bytes that never came');
  }
}

function onsets(pcm: Float32Array): number[] {
  const found: number[] = [];
  let lastLoud = -Infinity;
  pcm.forEach((value, sample) => {
    if (Math.abs(value) < THRESHOLD) return;
    if (sample - lastLoud > QUIET_SAMPLES) found.push(sample);
    lastLoud = sample;
  });
  return found;
}
