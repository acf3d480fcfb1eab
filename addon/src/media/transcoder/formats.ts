/** The two formats on HTTP, both 48 kHz mono: MP3 at 128 kbit/s CBR and WAV with 16-bit samples. */
import { CLOCK_RATE_HZ } from '../rtp-math.ts';

export const AUDIO_FORMATS = ['mp3', 'wav'] as const;
export type AudioFormat = (typeof AUDIO_FORMATS)[number];

export const SAMPLE_RATE_HZ = CLOCK_RATE_HZ;
export const SAMPLES_PER_MS = SAMPLE_RATE_HZ / 1000;
export const BITRATE_KBPS: Record<AudioFormat, number> = { mp3: 128, wav: 768 };

const MP3_FRAME_SAMPLES = 1152;
/** 144 * 128,000 / 48,000: a whole number, so no frame is ever padded. */
const MP3_FRAME_BYTES = 384;
const WAV_FRAME_SAMPLES = 960;
const WAV_SAMPLE_BYTES = 2;

/** The smallest piece a format may be cut into. */
export const FRAME_SAMPLES: Record<AudioFormat, number> = { mp3: MP3_FRAME_SAMPLES, wav: WAV_FRAME_SAMPLES };

/** MPEG-1 Layer III, no CRC, 128 kbit/s, 48 kHz, mono, original: as LAME writes it. */
const MP3_HEADER = [0xff, 0xfb, 0x94, 0xc4];

/**
 * One frame of silence. All of an MP3 frame behind its header zero means: no bits for either granule, nothing in the
 * bit reservoir. WAV: zeros.
 */
export const SILENCE: Record<AudioFormat, Buffer> = {
  mp3: Buffer.concat([Buffer.from(MP3_HEADER), Buffer.alloc(MP3_FRAME_BYTES - MP3_HEADER.length)]),
  wav: Buffer.alloc(WAV_FRAME_SAMPLES * WAV_SAMPLE_BYTES),
};

/** What every client gets at once: WAV's header; for MP3 a frame of silence, so that a player knows what comes. */
export const PRELUDE: Record<AudioFormat, Buffer> = { mp3: SILENCE.mp3, wav: wavHeader() };

/** Samples in whole frames of one format. */
export function samplesIn(format: AudioFormat, bytes: number): number {
  return format === 'mp3' ? (bytes / MP3_FRAME_BYTES) * MP3_FRAME_SAMPLES : bytes / WAV_SAMPLE_BYTES;
}

/** A RIFF header that names no length: 0xffffffff, what ffmpeg writes into a pipe and players take for "endless". */
function wavHeader(): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(0xffffffff, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20); // PCM
  header.writeUInt16LE(1, 22); // channels
  header.writeUInt32LE(SAMPLE_RATE_HZ, 24);
  header.writeUInt32LE(SAMPLE_RATE_HZ * WAV_SAMPLE_BYTES, 28);
  header.writeUInt16LE(WAV_SAMPLE_BYTES, 32);
  header.writeUInt16LE(16, 34); // bits a sample
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(0xffffffff, 40);
  return header;
}
