/** What the doors need of others; main.ts hands the implementations in. */
import type { User } from '@voice-streaming/shared/protocol';

/** Knows the access token; compares in constant time. */
export interface TokenAuthority {
  userOfToken(token: string): User | undefined;
}

/** How a door let a WebSocket in. */
export interface Admission {
  /** Undefined: nobody yet, the client must `authenticate` first. */
  user: User | undefined;
}

/** Ids that belong to devices which introduced themselves, connected now or not. */
export interface DeviceIds {
  has(id: string): boolean;
}

/** Counts of the signaling server since the start of the process; sessions are those of now. */
export interface SignalingStats {
  sessions: number;
  /** Refusals by error code. */
  errors: Readonly<Record<string, number>>;
}

export interface PeerCounts {
  senders: number;
  receivers: number;
  /** False when no peer can be made, for instance because the UDP ports are gone. */
  available: boolean;
}

/** One stream and format that listeners play now; numbers since its encoder began. */
export interface EncoderStats {
  streamId: string;
  format: 'mp3' | 'wav';
  listeners: number;
  /** Opus packets that were missing and filled in. */
  concealed: number;
  /** CPU time of decoding and encoding. */
  encodeMs: number;
}

export interface AudioStats {
  encoders: readonly EncoderStats[];
  /** Bytes written to listeners since the start of the process. */
  totalBytes: number;
  /** Listeners ended because they could not keep up, since the start of the process. */
  droppedListeners: number;
}

/** Where /health, /metrics and /stream/status get their numbers; each may be called at any time. */
export interface StatusSources {
  signaling: { stats(): SignalingStats };
  peers: { stats(): PeerCounts };
  audio: { stats(): AudioStats };
  /** WHIP and WHEP sessions now. */
  wish: { stats(): { whip: number; whep: number } };
  /** True while the media server listens. */
  audioServerRunning(): boolean;
}
