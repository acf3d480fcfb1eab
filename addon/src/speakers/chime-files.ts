/** The house's own chimes: WAV and MP3 files of one folder, read at the start. A file that is no sound is told, not fatal. */
import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Log } from '../log.ts';
import { SAMPLE_RATE_HZ } from '../media/transcoder/formats.ts';
import { NO_CHIME, type OwnChime } from './chime-book.ts';
import { messageOf } from './message.ts';
import { resample } from './resample.ts';
import { decodeWav, type Sound } from './wav.ts';

export interface ChimeFilesOptions {
  log: Log;
  folder: string;
  /** Further ones are left out. Default 20. */
  maxFiles?: number;
  /** Default 4 MiB. */
  maxBytes?: number;
  /** A longer one is cut. Default 10 s. */
  maxMs?: number;
}

type Decoder = (file: Uint8Array, maxMs: number) => Sound | Promise<Sound>;

const DECODERS: Record<string, Decoder> = { '.wav': decodeWav, '.mp3': decodeMp3 };
const PIECE_BYTES = 16 * 1024;
const NAME = /^[\p{L}\p{N}_ .-]{1,64}$/u;

/** By name, which is the file's without its ending. Never rejects; without the folder there are none. */
export async function readChimeFiles(options: ChimeFilesOptions): Promise<Map<string, OwnChime>> {
  const { log, folder, maxFiles = 20 } = options;
  const chimes = new Map<string, OwnChime>();
  const files = await readdir(folder).catch((error: unknown) => {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!isMissing) log.warn(`cannot read ${folder}: ${messageOf(error)}`);
    return [];
  });
  const sounds = files.filter((file) => extname(file).toLowerCase() in DECODERS).sort();
  if (sounds.length > maxFiles) log.warn(`${folder} has ${sounds.length} chimes; only the first ${maxFiles} are known`);
  for (const file of sounds.slice(0, maxFiles)) {
    const name = file.slice(0, -extname(file).length);
    if (!NAME.test(name) || name === NO_CHIME) {
      log.warn(
        `${join(folder, file)} cannot be a chime's name: letters, digits, spaces and . - _ can, "${NO_CHIME}" not`,
      );
      continue;
    }
    const chime = await readChime(join(folder, file), options);
    if ('broken' in chime) log.warn(chime.broken);
    chimes.set(name, chime);
  }
  return chimes;
}

async function readChime(path: string, options: ChimeFilesOptions): Promise<OwnChime> {
  const { maxBytes = 4 * 1024 * 1024, maxMs = 10_000 } = options;
  try {
    const decode = DECODERS[extname(path).toLowerCase()] ?? decodeWav;
    const { rateHz, samples } = await decode(await readSmallFile(path, maxBytes), maxMs);
    if (samples.length === 0) throw new Error('it holds no sound');
    const cut = samples.subarray(0, Math.ceil((maxMs / 1000) * rateHz));
    return { pcm: toPcm(resample(cut, rateHz, SAMPLE_RATE_HZ)) };
  } catch (error) {
    return { broken: `${path} is no chime: ${messageOf(error)}.` };
  }
}

/** What has such a name may be anything, and change while it is read: a pipe would keep us for ever, a device has no end. */
async function readSmallFile(path: string, maxBytes: number): Promise<Uint8Array> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const status = await file.stat();
    if (!status.isFile()) throw new Error('it is not a file');
    if (status.size > maxBytes) throw new Error(`it has ${status.size} bytes, more than ${maxBytes}`);
    const content = new Uint8Array(status.size);
    let length = 0;
    for (let read = 1; read > 0 && length < content.length; length += read) {
      read = (await file.read(content, length)).bytesRead;
    }
    return content.subarray(0, length);
  } finally {
    await file.close();
  }
}

/**
 * Its decoder, mpg123 as WebAssembly, is only loaded when there is such a file. Piece by piece and no further than needed: 4 MiB can be
 * more than an hour, which would take 550 MB and hold everything up for two seconds.
 */
async function decodeMp3(file: Uint8Array, maxMs: number): Promise<Sound> {
  const { MPEGDecoder } = await import('mpg123-decoder');
  const decoder = new MPEGDecoder();
  const pieces: Float32Array[] = [];
  let [length, rateHz] = [0, 0];
  try {
    await decoder.ready;
    for (let at = 0; at < file.length && length <= (maxMs / 1000) * rateHz; at += PIECE_BYTES) {
      const { channelData, samplesDecoded, sampleRate } = decoder.decode(file.subarray(at, at + PIECE_BYTES));
      const [left, right] = channelData;
      if (left && samplesDecoded > 0) {
        const mono = right ? left.map((sample, index) => (sample + (right[index] ?? 0)) / 2) : left;
        pieces.push(mono.slice(0, samplesDecoded));
        [length, rateHz] = [length + samplesDecoded, sampleRate];
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    decoder.free();
  }
  if (rateHz === 0) throw new Error('it is no MP3 file, or a broken one');
  const samples = new Float32Array(length);
  pieces.reduce((at, piece) => (samples.set(piece, at), at + piece.length), 0);
  return { rateHz, samples };
}

function toPcm(samples: Float32Array): Int16Array {
  return Int16Array.from(samples, (value) => Math.max(-32_768, Math.min(32_767, Math.round(value * 32_767))));
}
