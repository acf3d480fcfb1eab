/** EncodedSound: PCM that is there already becomes one format, a frame at a time, in slices. */
import { createEncoder, type Encoder } from './encoder.ts';
import { FRAME_SAMPLES, type AudioFormat } from './formats.ts';
import { NO_TALK_STATS, type TalkStats } from './messages.ts';

export interface EncodedSoundOptions {
  format: AudioFormat;
  pcm: Int16Array;
  onChunk: (bytes: Uint8Array<ArrayBuffer>) => void;
  onEnded: () => void;
}

export class EncodedSound {
  readonly #options: EncodedSoundOptions;
  readonly #encoder: Encoder;
  #at = 0;

  constructor(options: EncodedSoundOptions) {
    this.#options = options;
    this.#encoder = createEncoder(options.format);
  }

  /** For about `sliceMs`. Whether there is more to do. */
  work(sliceMs: number): boolean {
    const { pcm, format, onChunk, onEnded } = this.#options;
    const untilMs = performance.now() + sliceMs;
    while (this.#at < pcm.length) {
      if (performance.now() >= untilMs) return true;
      const bytes = this.#encoder.encode(pcm.subarray(this.#at, this.#at + FRAME_SAMPLES[format]));
      this.#at += FRAME_SAMPLES[format];
      if (bytes.length > 0) onChunk(bytes);
    }
    const rest = this.#encoder.finish();
    if (rest.length > 0) onChunk(rest);
    onEnded();
    return false;
  }

  stats(): TalkStats {
    return NO_TALK_STATS;
  }

  close(): void {
    // The encoder goes with this object.
  }
}
