/** What the transcoder tells /metrics and /stream/status. */
import type { AudioFormat } from './formats.ts';
import type { TalkStats } from './messages.ts';

/** One stream and format that somebody plays. */
export interface EncoderStats {
  streamId: string;
  format: AudioFormat;
  listeners: number;
  /** Frames guessed or recovered in place of lost and corrupt ones. */
  concealed: number;
  /** CPU time of decoding, which formats share, and encoding. */
  encodeMs: number;
}

export interface TranscoderStats {
  /** Of the talks transcoded now, by stream id. */
  streams: Record<string, TalkStats>;
  encoders: EncoderStats[];
  /** Of all talks ever transcoded. */
  totals: TalkStats;
  listeners: number;
  /** Of those, who hear a talk from its first word. */
  programmeListeners: number;
  /** Kept for them. */
  encodedBytes: number;
  workerRunning: boolean;
  workerRestarts: number;
  /** Packets that found no worker. */
  droppedPackets: number;
  /** Chunks that would have put a channel too far ahead of real time. */
  droppedChunks: number;
}
