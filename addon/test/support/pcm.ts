/** Sound as samples: 48 kHz mono, -1 to 1. ffmpeg, an independent judge, does all decoding. */
import { spawn } from 'node:child_process';
import { buffer } from 'node:stream/consumers';

export const SAMPLE_RATE_HZ = 48_000;

export interface DecodeOptions {
  /** Of a source without end: how much sound to take. */
  durationMs?: number;
  /** Gives up, with an error, when ffmpeg has not finished by then. */
  timeoutMs?: number;
}

/** What ffmpeg hears in a file or at a URL. */
export async function decodeAudio(source: string, options: DecodeOptions = {}): Promise<Float32Array> {
  const { durationMs, timeoutMs = 30_000 } = options;
  const length = durationMs === undefined ? [] : ['-t', String(durationMs / 1000)];
  const format = ['-f', 's16le', '-ac', '1', '-ar', String(SAMPLE_RATE_HZ)];
  const ffmpeg = spawn('ffmpeg', ['-v', 'error', '-nostdin', '-i', source, ...length, ...format, '-'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  const exited = new Promise<string>((resolve, reject) => {
    ffmpeg.on('error', reject);
    ffmpeg.on('exit', (code, signal) => resolve(code === null ? String(signal) : String(code)));
  });
  const [sound, complaints, exit] = await Promise.all([buffer(ffmpeg.stdout), buffer(ffmpeg.stderr), exited]);
  if (exit !== '0') throw new Error(`ffmpeg ended with ${exit} on ${source}: ${complaints.toString()}`);
  return fromInt16(sound);
}

/** Little-endian 16-bit samples to floats. */
export function fromInt16(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.byteLength >> 1 }, (_, i) => view.getInt16(i * 2, true) / 32_768);
}

/** Floats to 16-bit samples. */
export function toInt16(pcm: Float32Array): Int16Array<ArrayBuffer> {
  return Int16Array.from(pcm, (sample) => Math.round(Math.max(-1, Math.min(1, sample)) * 32_767));
}

/** The part between two times; past the end there is nothing. */
export function slice(pcm: Float32Array, startMs: number, endMs: number): Float32Array {
  return pcm.slice((startMs * SAMPLE_RATE_HZ) / 1000, (endMs * SAMPLE_RATE_HZ) / 1000);
}

export function concat(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
