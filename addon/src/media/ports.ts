/** What the core needs of others: whoever implements these may know WebRTC or HTTP, the core does not. */
import type { AudioPacket } from './audio-packet.ts';
import type { LimitName } from './limit-breaches.ts';
import type { Stream } from './stream.ts';

/** Anything a Stream writes to. Calls are synchronous, on the packet path: no waiting, no copying, no throwing. */
export interface AudioSink {
  /** Also gets what came too late to be heard live: a sink that records or buffers. Default false. */
  readonly takesBacklog?: boolean;
  /** Packets of `stream` follow; numbering of an earlier stream does not go on. */
  attached(stream: Stream): void;
  /** `packet` is shared with all other sinks and may be kept, never changed. */
  write(packet: AudioPacket): void;
  /** A backlog before the next packet was left out, on purpose: it is no loss. */
  skipped?(): void;
  /** No more packets of `stream`: it ended or the sink was taken off. */
  detached(stream: Stream): void;
}

/** Why a stream ended; on the wire as TalkEndReason. */
export type StreamEndReason =
  'stopped' | 'takenOver' | 'endedByAdmin' | 'echoOver' | 'tooLong' | 'disconnected' | 'closing';

/** Hears of streams coming and going; a listener that throws disturbs no other. */
export interface StreamListener {
  streamStarted(stream: Stream): void;
  /** The stream is already out of `relay.live`. */
  streamEnded(stream: Stream, reason: StreamEndReason): void;
  /** As many as may heard it, and one of them has left. */
  streamHasRoom?(stream: Stream): void;
}

/** Why an offer was refused; the message is a sentence for a person. */
export class OfferError extends Error {
  readonly code: 'bad_offer' | 'no_opus' | 'server_full';
  /** Of `server_full`: which limit was reached. */
  readonly limit: LimitName | undefined;

  constructor(code: OfferError['code'], message: string, options?: ErrorOptions & { limit?: LimitName }) {
    super(message, options);
    this.name = 'OfferError';
    this.code = code;
    this.limit = options?.limit;
  }
}

/** What a peer tells its owner; each may come at any time after the factory resolved. */
export interface PeerEvents {
  /** The peer is gone (failed, closed by the remote, silent for too long); never called after `close()`. */
  closed(reason: string): void;
  /** Media flows: ICE and DTLS are up. */
  connected?(): void;
}

export interface SenderPeerEvents extends PeerEvents {
  packet(packet: AudioPacket): void;
}

/** Our side of one RTCPeerConnection. */
export interface Peer {
  /** SDP, complete: all candidates are in it. */
  readonly answer: string;
  /** Numbers for /metrics and reports. */
  stats(): PeerStats;
  /** Idempotent, never rejects. */
  close(): Promise<void>;
}

export interface PeerStats {
  packets: number;
  bytes: number;
  /** Packets missing by sequence number (sender peers) or reported lost by the remote (receiver peers). */
  packetsLost: number;
}

export type SenderPeer = Peer;

/** One audio section of a receiver. */
export interface ReceiverSlot extends AudioSink {
  readonly mid: string;
}

export interface ReceiverPeer extends Peer {
  /** One to four, in the order of the offer. */
  readonly slots: readonly ReceiverSlot[];
}

/** Makes peers from offers; implemented by webrtc/, used by signaling/ and http/ (WHIP, WHEP). */
export interface PeerFactory {
  /** The offer has one audio section with Opus that sends. Rejects with OfferError. */
  createSenderPeer(offer: string, events: SenderPeerEvents): Promise<SenderPeer>;
  /** The offer has one to four audio sections that receive. Rejects with OfferError. */
  createReceiverPeer(offer: string, events: PeerEvents): Promise<ReceiverPeer>;
}

/** One talk, kept from its first packet: running, or over since not long; see TalkStore. */
export interface RecordedTalk {
  readonly talkId: string;
  readonly streamId: string;
  readonly name: string;
  /** Heard by those alone who hold its key. */
  readonly private: boolean;
  /** The person who spoke, null when the door told none. */
  readonly user: string | null;
  readonly startedAtMs: number;
  readonly ended: boolean;
  /** From its start to its end or to now. */
  readonly durationMs: number;
  /** At once when it is over already. Returns its own unsubscribe function. */
  onEnded(callback: () => void): () => void;
  /** False: its first word is gone. */
  readonly isWhole?: boolean;
  /** Every packet still kept, then each one as it comes, then the end. Returns how to stop. */
  read(reader: RecordedTalkReader): () => void;
}

/** Calls are synchronous, on the packet path. */
export interface RecordedTalkReader {
  /** In the order of their coming, see packed-packets.ts; a view of the store's memory, to be copied by who keeps it. */
  packets(packed: Uint8Array): void;
  ended(): void;
}

/** What one player hears from its first byte: prelude, silence until the talk begins, the talk from its first word, the end. */
export interface Programme {
  readonly prelude: Prelude | undefined;
  /** Undefined: not known yet, it is waited for. */
  readonly talk: RecordedTalk | undefined;
  /** Called once, when the talk is known; at once when it is. Returns its own unsubscribe function. */
  onTalk(callback: (talk: RecordedTalk) => void): () => void;
  /** Cancelled, stopped: the sound ends at once. At once when it is already. Returns its own unsubscribe function. */
  onStopped(callback: () => void): () => void;
}

/** Sound before the talk: lead-in silence, a chime. Encoded once for each format and kept as long as this object. */
export interface Prelude {
  /** 48 kHz mono. Not to be changed. */
  readonly pcm: Int16Array;
}
