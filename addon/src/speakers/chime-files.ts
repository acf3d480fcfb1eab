/** The house's own chimes: WAV and MP3 files of one folder, read at the start. A file that is no sound is told, not fatal. */
import { readdir, readFile, stat } from 'node:fs/promises';
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

const DECODERS: Record<string, (file: Uint8Array) => Sound | Promise<Sound>> = { '.wav': decodeWav, '.mp3': decodeMp3 };
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
    const { size } = await stat(path);
    if (size > maxBytes) throw new Error(`it has ${size} bytes, more than ${maxBytes}`);
    const decode = DECODERS[extname(path).toLowerCase()] ?? decodeWav;
    const { rateHz, samples } = await decode(await readFile(path));
    if (samples.length === 0) throw new Error('it holds no sound');
    const cut = samples.subarray(0, Math.ceil((maxMs / 1000) * rateHz));
    return { pcm: toPcm(resample(cut, rateHz, SAMPLE_RATE_HZ)) };
  } catch (error) {
    return { broken: `${path} is no chime: ${messageOf(error)}.` };
  }
}

/** Its decoder, mpg123 as WebAssembly, is only loaded when there is such a file. */
async function decodeMp3(file: Uint8Array): Promise<Sound> {
  const { MPEGDecoder } = await import('mpg123-decoder');
  const decoder = new MPEGDecoder();
  try {
    await decoder.ready;
    const { channelData, samplesDecoded, sampleRate } = decoder.decode(file);
    const [left, right] = channelData;
    if (!left || samplesDecoded === 0 || sampleRate === 0) throw new Error('it is no MP3 file, or a broken one');
    const samples = right ? left.map((sample, at) => (sample + (right[at] ?? 0)) / 2) : left;
    return { rateHz: sampleRate, samples: samples.slice(0, samplesDecoded) };
  } finally {
    decoder.free();
  }
}

function toPcm(samples: Float32Array): Int16Array {
  return Int16Array.from(samples, (value) => Math.max(-32_768, Math.min(32_767, Math.round(value * 32_767))));
}
