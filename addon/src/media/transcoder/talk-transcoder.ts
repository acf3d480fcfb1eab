/**
 * TalkTranscoder: one talk in the worker: order, clock, one decoder for all formats, one encoder for each. Work comes
 * in slices of a packet or 20 ms of silence. It knows neither threads nor who listens.
 */
import { ReorderBuffer } from '../reorder-buffer.ts';
import { createEncoder, type Encoder } from './encoder.ts';
import { perFormat, SAMPLES_PER_MS, type AudioFormat } from './formats.ts';
import type { TalkPacket, TalkStats } from './messages.ts';
import type { OpusDecoder } from './opus-decoder.ts';
import { SLICE_SAMPLES, TalkClock, type TalkClockOptions } from './talk-clock.ts';

export interface TalkTranscoderOptions {
  /** The clock of `TalkPacket.arrivedAtMs`. */
  now: () => number;
  /** `bytes` are whole frames, the callee's own. */
  onChunk: (format: AudioFormat, bytes: Uint8Array<ArrayBuffer>) => void;
  reorderBuffer?: ReorderBuffer<TalkPacket>;
  clock?: TalkClockOptions;
}

/** A peak below this (-52 dBFS) is no voice. */
const QUIET_PEAK = 80;
/** A sender that falls silent fades out by loss concealment for so long, then it is digital silence. */
const FADE_SLICES = 3;
const SILENT_SLICE = new Int16Array(SLICE_SAMPLES);

export class TalkTranscoder {
  readonly #now: () => number;
  readonly #onChunk: TalkTranscoderOptions['onChunk'];
  readonly #reorder: ReorderBuffer<TalkPacket>;
  readonly #clock: TalkClock;
  readonly #encoders = new Map<AudioFormat, Encoder>();
  #decoder: OpusDecoder | undefined;
  #slicesSincePacket = FADE_SLICES;
  #decodeMs = 0;
  #lastArrivalMs = 0;
  readonly #encodeMs: Record<AudioFormat, number> = perFormat(() => 0);

  constructor(options: TalkTranscoderOptions) {
    this.#now = options.now;
    this.#onChunk = options.onChunk;
    this.#reorder = options.reorderBuffer ?? new ReorderBuffer();
    this.#clock = new TalkClock(options.now(), options.clock);
  }

  /** The decoder is made asynchronously; packets wait for it in order. */
  start(decoder: OpusDecoder): void {
    this.#decoder = decoder;
    this.#drain(this.#lastArrivalMs);
  }

  /** A format that stays keeps its encoder; one that goes loses what its encoder holds. */
  setFormats(formats: readonly AudioFormat[]): void {
    for (const format of [...this.#encoders.keys()]) {
      if (!formats.includes(format)) this.#encoders.delete(format);
    }
    for (const format of formats) {
      if (!this.#encoders.has(format)) this.#encoders.set(format, createEncoder(format));
    }
  }

  write(packet: TalkPacket): void {
    if (packet.payload.length === 0) return;
    this.#clock.arrived(packet.arrivedAtMs);
    this.#reorder.push(packet, packet.arrivedAtMs);
    // A missing one may wait behind it, where this thread was held up: what counts is when they came.
    this.#lastArrivalMs = packet.arrivedAtMs;
    this.#drain(packet.arrivedAtMs);
  }

  /** To be called about every 20 ms: lost packets are given up on, and silence falls when nothing came. */
  tick(): void {
    this.#drain(this.#now());
    if (!this.#decoder || this.#reorder.size > 0) return;
    for (let due = this.#clock.silenceDue(this.#now()); due > 0; due -= SLICE_SAMPLES) {
      const fading = this.#slicesSincePacket < FADE_SLICES;
      this.#slicesSincePacket += 1;
      this.#encode(fading ? this.#decoder.fade(SLICE_SAMPLES) : SILENT_SLICE);
    }
  }

  /** The last words: everything held comes out. */
  finish(): void {
    this.#reorder.flush();
    this.#drain(this.#lastArrivalMs);
    for (const [format, encoder] of this.#encoders) this.#emit(format, encoder.finish());
    this.#encoders.clear();
  }

  close(): void {
    this.#encoders.clear();
    this.#decoder?.close();
    this.#decoder = undefined;
  }

  stats(): TalkStats {
    return {
      decodedFrames: this.#decoder?.decodedFrames ?? 0,
      concealedFrames: this.#decoder?.concealedFrames ?? 0,
      corruptPackets: this.#decoder?.corruptPackets ?? 0,
      lostPackets: this.#reorder.lost,
      latePackets: this.#reorder.late + this.#reorder.duplicates,
      droppedMs: this.#clock.dropped / SAMPLES_PER_MS,
      silenceMs: this.#clock.silent / SAMPLES_PER_MS,
      decodeMs: this.#decodeMs,
      mp3EncodeMs: this.#encodeMs.mp3 + this.#encodeMs['mp3-320'],
      wavEncodeMs: this.#encodeMs.wav,
    };
  }

  #drain(atMs: number): void {
    const decoder = this.#decoder;
    if (!decoder) return;
    for (;;) {
      const next = this.#reorder.pop(atMs);
      if (!next) return;
      const { payload, timestamp, arrivedAtMs } = next.packet;
      const gap = this.#clock.gapBefore(arrivedAtMs, timestamp, next.lost, next.newSource);
      this.#encodeSilence(gap.silence);
      const startedAt = performance.now();
      const recovered = gap.concealed > 0 ? decoder.recover(payload, gap.concealed) : undefined;
      const pcm = decoder.decode(payload);
      this.#decodeMs += performance.now() - startedAt;
      if (recovered) this.#encode(recovered);
      const { play, silenceBefore } = this.#clock.decoded(arrivedAtMs, timestamp, pcm.length, isQuiet(pcm));
      this.#encodeSilence(silenceBefore);
      if (play) this.#encode(pcm);
      this.#slicesSincePacket = 0;
    }
  }

  #encodeSilence(samples: number): void {
    for (let left = samples; left > 0; left -= SLICE_SAMPLES) {
      this.#encode(left >= SLICE_SAMPLES ? SILENT_SLICE : SILENT_SLICE.subarray(0, left));
    }
  }

  #encode(pcm: Int16Array): void {
    for (const [format, encoder] of this.#encoders) {
      const startedAt = performance.now();
      const bytes = encoder.encode(pcm);
      this.#encodeMs[format] += performance.now() - startedAt;
      this.#emit(format, bytes);
    }
  }

  #emit(format: AudioFormat, bytes: Uint8Array<ArrayBuffer>): void {
    if (bytes.length > 0) this.#onChunk(format, bytes);
  }
}

function isQuiet(pcm: Int16Array): boolean {
  return pcm.every((sample) => sample < QUIET_PEAK && sample > -QUIET_PEAK);
}
