/**
 * OpusDecoder: one talk's Opus to 48 kHz mono, stereo mixed down by libopus itself. It never throws: what cannot be
 * decoded is concealed and counted. libopus-wasm, as it has loss concealment and FEC and needs no native build.
 */
import { createDecoder, type OpusDecoderHandle } from 'libopus-wasm';
import { FRAME_TICKS } from '../rtp-math.ts';
import { SAMPLE_RATE_HZ } from './formats.ts';

/** Opus's longest packet, RFC 6716 3.2.5: 120 ms. */
const MAX_PACKET_SAMPLES = 5760;

export class OpusDecoder {
  decodedFrames = 0;
  concealedFrames = 0;
  /** Packets that are no Opus; included in `concealedFrames`. */
  corruptPackets = 0;
  readonly #handle: OpusDecoderHandle;
  #lastPacketSamples = FRAME_TICKS;

  constructor(handle: OpusDecoderHandle) {
    this.#handle = handle;
  }

  static async create(): Promise<OpusDecoder> {
    return new OpusDecoder(await createDecoder({ sampleRate: SAMPLE_RATE_HZ, channels: 1 }));
  }

  decode(packet: Uint8Array): Int16Array {
    try {
      const pcm = this.#handle.decode(packet);
      this.decodedFrames += 1;
      this.#lastPacketSamples = pcm.length;
      return pcm;
    } catch {
      this.corruptPackets += 1;
      return this.conceal(this.#lastPacketSamples);
    }
  }

  /**
   * The sound before `next`, `samples` long (at most 120 ms, a multiple of 2.5 ms): the last frame of it from the FEC in
   * `next` if the sender put any in, all else guessed.
   */
  recover(next: Uint8Array, samples: number): Int16Array {
    try {
      const pcm = this.#handle.decode(next, { decodeFec: true, frameSize: samples });
      this.concealedFrames += Math.max(1, Math.round(samples / this.#lastPacketSamples));
      return pcm;
    } catch {
      return this.conceal(samples);
    }
  }

  /** `samples` guessed from what was heard before, fading out. */
  conceal(samples: number): Int16Array {
    const length = Math.min(samples, MAX_PACKET_SAMPLES);
    this.concealedFrames += Math.max(1, Math.round(length / this.#lastPacketSamples));
    return this.fade(length);
  }

  /** Like `conceal`, for a sender that fell silent: an ending without a click, not counted as loss. */
  fade(samples: number): Int16Array {
    try {
      return this.#handle.decodePacketLoss(samples);
    } catch {
      return new Int16Array(samples);
    }
  }

  close(): void {
    this.#handle.free();
  }
}
