/**
 * The formats on HTTP, all 48 kHz mono: MP3 at 128 kbit/s CBR, the same at 320 (buffers of players count bytes, so they
 * begin sooner), and WAV with 16-bit samples.
 */
import { CLOCK_RATE_HZ } from '../rtp-math.ts';

export const AUDIO_FORMATS = ['mp3', 'mp3-320', 'wav'] as const;
export type AudioFormat = (typeof AUDIO_FORMATS)[number];

/** How a path ends. */
export const FORMAT_EXTENSION: Record<AudioFormat, string> = { mp3: 'mp3', 'mp3-320': '320.mp3', wav: 'wav' };

/** A value for each format. */
export function perFormat<T>(make: (format: AudioFormat) => T): Record<AudioFormat, T> {
  return { mp3: make('mp3'), 'mp3-320': make('mp3-320'), wav: make('wav') };
}

export const SAMPLE_RATE_HZ = CLOCK_RATE_HZ;
export const SAMPLES_PER_MS = SAMPLE_RATE_HZ / 1000;
export const BITRATE_KBPS: Record<AudioFormat, number> = { mp3: 128, 'mp3-320': 320, wav: 768 };

const MP3_FRAME_SAMPLES = 1152;
const WAV_FRAME_SAMPLES = 960;
export const WAV_HEADER_BYTES = 44;

/** The smallest piece a format may be cut into. */
export const FRAME_SAMPLES: Record<AudioFormat, number> = {
  mp3: MP3_FRAME_SAMPLES,
  'mp3-320': MP3_FRAME_SAMPLES,
  wav: WAV_FRAME_SAMPLES,
};

/** 144 * bitrate / 48,000 is a whole number for MP3, so no frame is ever padded. */
export const FRAME_BYTES: Record<AudioFormat, number> = perFormat(
  (format) => (FRAME_SAMPLES[format] / SAMPLES_PER_MS) * (BITRATE_KBPS[format] / 8),
);

/** MPEG-1 Layer III, no CRC, bit rate, 48 kHz, mono, original: as LAME writes it. */
const MP3_HEADER = { mp3: [0xff, 0xfb, 0x94, 0xc4], 'mp3-320': [0xff, 0xfb, 0xe4, 0xc4] };

/**
 * One frame of silence. All of an MP3 frame behind its header zero means: no bits for either granule, nothing in the
 * bit reservoir. WAV: zeros.
 */
export const SILENCE: Record<AudioFormat, Buffer> = perFormat((format) => {
  const frame = Buffer.alloc(FRAME_BYTES[format]);
  if (format !== 'wav') frame.set(MP3_HEADER[format]);
  return frame;
});

/** The same memory for the same length, as it is asked for again and again. */
const SILENCES = new Map<string, Buffer>();
const MAX_KEPT_FRAMES = 10;

export function silence(format: AudioFormat, frames: number): Buffer {
  if (frames === 1) return SILENCE[format];
  const key = `${format} ${frames}`;
  const kept = SILENCES.get(key);
  if (kept) return kept;
  const made = Buffer.concat(Array<Buffer>(frames).fill(SILENCE[format]));
  if (frames <= MAX_KEPT_FRAMES) SILENCES.set(key, made);
  return made;
}

/** What every client gets at once: WAV's header; for MP3 a frame of silence, so that a player knows what comes. */
export const PRELUDE: Record<AudioFormat, Buffer> = { ...SILENCE, wav: wavHeader() };

/** Samples in whole frames of one format. */
export function samplesIn(format: AudioFormat, bytes: number): number {
  return (bytes / FRAME_BYTES[format]) * FRAME_SAMPLES[format];
}

/** A RIFF header that names no length: 0xffffffff, what ffmpeg writes into a pipe and players take for "endless". */
function wavHeader(): Buffer {
  const header = Buffer.alloc(WAV_HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(0xffffffff, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20); // PCM
  header.writeUInt16LE(1, 22); // channels
  header.writeUInt32LE(SAMPLE_RATE_HZ, 24);
  header.writeUInt32LE((BITRATE_KBPS.wav * 1000) / 8, 28);
  header.writeUInt16LE(2, 32); // bytes a sample
  header.writeUInt16LE(16, 34); // bits a sample
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(0xffffffff, 40);
  return header;
}
