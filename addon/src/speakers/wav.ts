/** WAV files: integers of 8 to 32 bits and floats, of any rate and any number of channels, made one channel. */

export interface Sound {
  rateHz: number;
  /** One channel, -1 to 1. */
  samples: Float32Array;
}

const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;
const MAX_CHANNELS = 8;
const RATES_HZ = { min: 4_000, max: 384_000 };

/** Throws an error whose message goes on after "is no chime: ". */
export function decodeWav(file: Uint8Array): Sound {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 12 || textAt(file, 0) !== 'RIFF' || textAt(file, 8) !== 'WAVE') {
    throw new Error('it does not begin as a WAV file does');
  }
  let format: Format | undefined;
  for (let at = 12; at + 8 <= file.length;) {
    const size = view.getUint32(at + 4, true);
    const start = at + 8;
    if (textAt(file, at) === 'fmt ' && start + 16 <= file.length) format = readFormat(view, start, size);
    if (textAt(file, at) === 'data') {
      if (!format) throw new Error('its sound comes before its format');
      // Who writes into a pipe does not know the size.
      return { rateHz: format.rateHz, samples: readSamples(view, start, Math.min(size, file.length - start), format) };
    }
    at = start + size + (size % 2);
  }
  throw new Error('it holds no sound');
}

interface Format {
  isFloat: boolean;
  channels: number;
  rateHz: number;
  bytes: number;
}

function readFormat(view: DataView, at: number, size: number): Format {
  const code = view.getUint16(at, true);
  const kind = code === EXTENSIBLE && size >= 26 ? view.getUint16(at + 24, true) : code;
  const format = {
    isFloat: kind === FLOAT,
    channels: view.getUint16(at + 2, true),
    rateHz: view.getUint32(at + 4, true),
    bytes: view.getUint16(at + 14, true) / 8,
  };
  const widths = kind === FLOAT ? [4] : [1, 2, 3, 4];
  if ((kind !== PCM && kind !== FLOAT) || !widths.includes(format.bytes)) {
    throw new Error('its samples are compressed; save it as 16-bit PCM');
  }
  if (format.channels < 1 || format.channels > MAX_CHANNELS) throw new Error(`it has ${format.channels} channels`);
  if (format.rateHz < RATES_HZ.min || format.rateHz > RATES_HZ.max) {
    throw new Error(`its sample rate is ${format.rateHz} Hz`);
  }
  return format;
}

function readSamples(view: DataView, start: number, size: number, format: Format): Float32Array {
  const { channels, bytes } = format;
  const frames = Math.floor(size / (channels * bytes));
  const samples = new Float32Array(frames);
  for (let frame = 0; frame < frames; frame += 1) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1) {
      sum += readSample(view, start + (frame * channels + channel) * bytes, format);
    }
    samples[frame] = sum / channels;
  }
  return samples;
}

function readSample(view: DataView, at: number, { isFloat, bytes }: Format): number {
  if (isFloat) return view.getFloat32(at, true);
  switch (bytes) {
    case 1:
      return (view.getUint8(at) - 128) / 128;
    case 2:
      return view.getInt16(at, true) / 32_768;
    case 3:
      return (view.getUint16(at, true) | (view.getInt8(at + 2) << 16)) / 8_388_608;
    default:
      return view.getInt32(at, true) / 2_147_483_648;
  }
}

function textAt(file: Uint8Array, at: number): string {
  return String.fromCharCode(...file.subarray(at, at + 4));
}
