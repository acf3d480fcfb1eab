/** Encoders of one talk: samples in, whole frames of bytes out. */
import { Mp3Encoder } from '@breezystack/lamejs';
import { BITRATE_KBPS, FRAME_SAMPLES, SAMPLE_RATE_HZ, type AudioFormat } from './formats.ts';

export interface Encoder {
  /** Bytes that are complete now; empty is usual for MP3. The result is the caller's own. */
  encode(pcm: Int16Array): Uint8Array<ArrayBuffer>;
  /** What the encoder still holds, as whole frames. */
  finish(): Uint8Array<ArrayBuffer>;
}

export function createEncoder(format: AudioFormat): Encoder {
  return format === 'wav' ? new Wav() : new Mp3(BITRATE_KBPS[format]);
}

/**
 * LAME: 1152 samples a frame, and at CBR no bit reservoir (tested), so frames of several talks and silence
 * may be put one behind the other. The first frame needs 1376 samples.
 */
class Mp3 implements Encoder {
  readonly #lame: Mp3Encoder;

  constructor(kbps: number) {
    this.#lame = new Mp3Encoder(1, SAMPLE_RATE_HZ, kbps);
  }

  encode(pcm: Int16Array): Uint8Array<ArrayBuffer> {
    const pieces: Uint8Array[] = [];
    // One call encodes at most one frame's worth: a longer one makes LAME allocate anew.
    for (let start = 0; start < pcm.length; start += FRAME_SAMPLES.mp3) {
      pieces.push(this.#lame.encodeBuffer(pcm.subarray(start, start + FRAME_SAMPLES.mp3)));
    }
    return joined(pieces);
  }

  finish(): Uint8Array<ArrayBuffer> {
    return joined([this.#lame.flush()]);
  }
}

class Wav implements Encoder {
  encode(pcm: Int16Array): Uint8Array<ArrayBuffer> {
    // Little-endian as the format wants: every platform Node runs on is.
    return joined([new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength)]);
  }

  finish(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(0);
  }
}

/** A copy of its own: LAME and libopus hand out views of memory they use again. */
function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.length;
  }
  return bytes;
}
