/** What the main thread and the transcoder's worker say to each other; plain data, as it crosses threads. */
import type { AudioFormat } from './formats.ts';

/** The parts of an AudioPacket that a decoder needs. */
export interface TalkPacket {
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly payload: Uint8Array;
  /** At the main thread, monotonicMs: how busy the worker is must not count as the sender's pauses. */
  readonly arrivedAtMs: number;
}

/** `talk` is a number the main thread gives each talk it has transcoded. */
export type ToWorker =
  | { type: 'packets'; talk: number; packets: TalkPacket[] }
  /** Opens the talk at its first use; no format closes it at once, what is held is lost. Closing answers `ended`. */
  | { type: 'formats'; talk: number; formats: AudioFormat[] }
  /** Opens a recorded talk in one format: put out as fast as can be what has been, then what comes. */
  | { type: 'replay'; talk: number; format: AudioFormat }
  /** Of a recorded talk, see packed-packets.ts. */
  | { type: 'packed'; talk: number; bytes: Uint8Array<ArrayBuffer> }
  /** Opens a sound that is there already: encode it, answer `ended`, close. */
  | { type: 'encode'; talk: number; format: AudioFormat; pcm: Int16Array }
  /** No more packets: put out what is held, answer `ended`, close. */
  | { type: 'end'; talk: number };

export type FromWorker =
  | { type: 'chunk'; talk: number; format: AudioFormat; bytes: Uint8Array<ArrayBuffer> }
  | { type: 'ended'; talk: number; stats: TalkStats }
  /** Once a second. */
  | { type: 'stats'; talk: number; stats: TalkStats };

/** Counted since the talk was opened in the worker. */
export interface TalkStats {
  decodedFrames: number;
  /** Frames guessed or recovered in place of lost and corrupt ones. */
  concealedFrames: number;
  corruptPackets: number;
  lostPackets: number;
  /** Too late or twice. */
  latePackets: number;
  /** Sound dropped as it was too far ahead of real time. */
  droppedMs: number;
  /** Silence put in for a sender that sent nothing. */
  silenceMs: number;
  /** CPU time, as the two that follow. */
  decodeMs: number;
  mp3EncodeMs: number;
  wavEncodeMs: number;
}

export const NO_TALK_STATS: Readonly<TalkStats> = {
  decodedFrames: 0,
  concealedFrames: 0,
  corruptPackets: 0,
  lostPackets: 0,
  latePackets: 0,
  droppedMs: 0,
  silenceMs: 0,
  decodeMs: 0,
  mp3EncodeMs: 0,
  wavEncodeMs: 0,
};

export function addTalkStats(a: Readonly<TalkStats>, b: Readonly<TalkStats>): TalkStats {
  const sum = { ...a };
  for (const key of Object.keys(sum) as (keyof TalkStats)[]) sum[key] += b[key];
  return sum;
}
