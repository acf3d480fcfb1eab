/** A voice without a browser: PCM as real Opus packets, written into a Stream in real time. */
import { createEncoder } from 'libopus-wasm';
import type { AudioPacket } from '../../src/media/audio-packet.ts';
import type { Stream } from '../../src/media/stream.ts';
import { SAMPLE_RATE_HZ, toInt16 } from './pcm.ts';

/** A timestamp that no parser lets in: a number here, but what crosses to another thread throws at arithmetic. */
export const POISON = Object.assign(Object(1n) as object, { [Symbol.toPrimitive]: () => 5 }) as unknown as number;

export interface EncodeOptions {
  /** 2.5 to 60. Default 20. */
  frameMs?: number;
  channels?: 1 | 2;
  fec?: boolean;
}

/** 48 kHz mono in; with two channels both carry it. */
export async function encodeOpus(pcm: Float32Array, options: EncodeOptions = {}): Promise<Buffer[]> {
  const { frameMs = 20, channels = 1, fec = false } = options;
  const frameSize = (SAMPLE_RATE_HZ / 1000) * frameMs;
  const encoder = await createEncoder({
    channels,
    frameSize,
    bitrate: 32_000,
    fec,
    packetLossPercent: fec ? 20 : 0,
    signal: 3001,
    application: 2048,
  });
  const packets: Buffer[] = [];
  for (let start = 0; start + frameSize <= pcm.length; start += frameSize) {
    const mono = toInt16(pcm.subarray(start, start + frameSize));
    const frame = channels === 1 ? mono : Int16Array.from({ length: 2 * frameSize }, (_, i) => mono[i >> 1]!);
    packets.push(Buffer.from(encoder.encode(frame)));
  }
  encoder.free();
  return packets;
}

export function tone(hz: number, durationMs: number): Float32Array {
  const length = (SAMPLE_RATE_HZ / 1000) * durationMs;
  return Float32Array.from({ length }, (_, i) => 0.3 * Math.sin((2 * Math.PI * hz * i) / SAMPLE_RATE_HZ));
}

export interface VoiceOptions {
  stream: Stream;
  packets: readonly Buffer[];
  frameMs?: number;
  firstSequenceNumber?: number;
  firstTimestamp?: number;
  /** Packets that never arrive. */
  isLost?: (index: number) => boolean;
}

/** Speaks the packets at their pace; sequence numbers and timestamps go on from one call of `speak` to the next. */
export class OpusVoice {
  readonly #options: VoiceOptions;
  readonly #frameMs: number;
  #index = 0;
  #sequenceNumber: number;
  #timestamp: number;

  constructor(options: VoiceOptions) {
    this.#options = options;
    this.#frameMs = options.frameMs ?? 20;
    this.#sequenceNumber = options.firstSequenceNumber ?? 65_500;
    this.#timestamp = options.firstTimestamp ?? 4_294_900_000;
  }

  /** Resolves when `packets` more packets, by default the rest, have been sent. */
  speak(packets = this.#options.packets.length - this.#index): Promise<void> {
    const until = Math.min(this.#index + packets, this.#options.packets.length);
    const startedAtMs = performance.now();
    const firstIndex = this.#index;
    return new Promise((resolve) => {
      const timer = setInterval(() => {
        const due = firstIndex + (performance.now() - startedAtMs) / this.#frameMs;
        while (this.#index < Math.min(due, until)) this.#send();
        if (this.#index < until) return;
        clearInterval(timer);
        resolve();
      }, 5);
    });
  }

  /** As a DTX sender that skips this time: the timestamp moves on, the sequence number does not. */
  skip(durationMs: number): void {
    this.#timestamp = (this.#timestamp + durationMs * 48) >>> 0;
  }

  #send(): void {
    const { stream, packets, isLost } = this.#options;
    const packet: AudioPacket = {
      sequenceNumber: this.#sequenceNumber,
      timestamp: this.#timestamp,
      marker: false,
      payload: packets[this.#index]!,
      levelDbov: undefined,
    };
    if (!isLost?.(this.#index)) stream.write(packet);
    this.#index += 1;
    this.#sequenceNumber = (this.#sequenceNumber + 1) & 0xffff;
    this.#timestamp = (this.#timestamp + this.#frameMs * 48) >>> 0;
  }
}
