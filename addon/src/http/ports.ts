/** What the doors need of others; main.ts hands the implementations in. */
import type { Announcement, User } from '@voice-streaming/shared/protocol';
import type { Programme } from '../media/ports.ts';
import type { AudioFormat } from '../media/transcoder/formats.ts';
import type { TranscoderStats } from '../media/transcoder/stats.ts';

/** Knows the access token; compares in constant time. */
export interface TokenAuthority {
  userOfToken(token: string): User | undefined;
}

/** Knows who administers Home Assistant; never rejects, and does not let anybody wait for long. */
export interface Administrators {
  has(userId: string): Promise<boolean>;
}

/** What one user may do, by the owner's lists; UserRights makes them. */
export interface Rights {
  readonly mayTalk: boolean;
  /** Anything at all. */
  readonly mayListen: boolean;
  mayHear(streamId: string): boolean;
  /** On the list of a stream that only some may hear. */
  isNamedFor(streamId: string): boolean;
}

/** How a door let a WebSocket in. */
export interface Admission {
  /** Undefined: nobody yet, the client must `authenticate` first. */
  user: User | undefined;
  /** Undefined: all. */
  rights?: Rights | undefined;
  /** Where the client is, if that is known. */
  address?: string | undefined;
}

/** Writes down who hears what. */
export interface Audit {
  /** `listener` hears exactly these streams (or `latest`) from now on; none: it is over. */
  hears(listener: object, who: { user: string | null; place: string; by: string }, streamIds: readonly string[]): void;
}

/** Ids that belong to devices which introduced themselves, connected now or not. */
export interface DeviceIds {
  has(id: string): boolean;
}

/** What players are to hear of announcements, by the unguessable ids in their URLs. */
export interface Plays {
  /** Undefined: 404. `over`: 410. */
  find(playId: string): Play | 'over' | undefined;
}

/** One player's share of an announcement. */
export interface Play extends Programme {
  /** For the player: who speaks. Asked again and again. */
  readonly title?: string | undefined;
  /** A player asks for it, HEAD not counted; may come several times. Returns where to report. */
  fetched(by: PlayFetch): PlayReport;
}

export interface PlayFetch {
  address: string;
  userAgent: string;
  format: AudioFormat;
}

export interface PlayReport {
  /** What has left our socket since the beginning of this fetch; told a few times a second when it has changed. */
  drained(bytes: number, soundMs: number): void;
  /** Last of all. `finished`: all of it has left our socket. */
  closed(reason: 'finished' | 'left' | 'tooSlow'): void;
}

/** Ids that were ever spoken under. */
export interface StreamIds {
  has(id: string): boolean;
}

/** Counts of the signaling server since the start of the process; clients and peers are those of now. */
export interface SignalingStats {
  clients: number;
  senderPeers: number;
  receiverPeers: number;
  messagesIn: number;
  /** Refusals by error code. */
  errors: Readonly<Partial<Record<string, number>>>;
  /** Connections that we ended, by reason. */
  byes?: Readonly<Partial<Record<string, number>>>;
  /** Packets of sender peers that came while no talk was running. */
  packetsDropped: number;
}

/** What HTTP listeners were given since the start of the process; ListenerCounters is one. */
export interface ListenerTotals {
  readonly totalBytes: number;
  /** Ended because they could not keep up. */
  readonly droppedListeners: number;
  /** Refused as there were too many. */
  readonly refusedListeners: number;
}

/** What the peers of all protocols saw; counts but the first two since the start of the process. */
export interface PeerCounts {
  senders: number;
  receivers: number;
  refusedOffers: number;
  /** ICE checks that did not know the credentials. */
  unauthenticatedChecks: number;
  /** Datagrams from addresses that had passed no check. */
  strangers: number;
  /** Unencrypted DTLS alerts, which only an attacker sends to a connected peer. */
  plaintextAlerts: number;
  /** RTP whose header claims more than there is. */
  malformed: number;
  /** Longer than any packet of voice. */
  oversized: number;
  /** Handshakes without a proof of the certificate's key. */
  unprovenKeys: number;
  /** SRTP or SRTCP without the client's signature. */
  forgedMedia: number;
  /** Signed, but it came before. */
  replayedMedia: number;
  /** RTCP of a client whose lengths lie. */
  malformedRtcp: number;
}

/** WHIP and WHEP sessions now. */
export interface WishStats {
  whip: number;
  whep: number;
}

/** Announcements on speakers. */
export interface AnnouncerStats {
  /** Since the start of the process. */
  announcements: number;
  underWay: number;
  /** Speakers by how it ended for them since the start of the process: `done`, `stopped` or a fault. */
  endings: Readonly<Record<string, number>>;
  /** As too many were under way. */
  refused: number;
}

/** Where /health, /metrics and /stream/status get their numbers; each may be called at any time. */
export interface StatusSources {
  signaling: { stats(): SignalingStats };
  transcoder: { stats(): TranscoderStats };
  listeners: ListenerTotals;
  /** Left out: no metrics of them. */
  announcer?: { stats(): AnnouncerStats } | undefined;
  /** Talks kept so that they can be heard from their first word. Left out: no metrics of them. */
  talks?: { stats(): { talks: number; bytes: number } };
  wish: { stats(): WishStats };
  /** Left out: no metrics of limits. */
  breaches?: { counts(): Readonly<Record<string, number>> };
  /** Left out: no metrics of refused packets and offers. */
  peers?: { counts(): PeerCounts };
  /** False when no peer can be made, for instance because no address is left to offer. */
  webrtcAvailable(): boolean;
  /** Tries whether UDP works; what is wrong, in words. Never rejects. Left out: it is not tried. */
  udpTrouble?(): Promise<string | undefined>;
  /** Milliseconds of the last ten seconds in which nothing got its turn. */
  blockedMs?(): number;
  /** True while the media server listens. */
  audioServerRunning(): boolean;
  /** Whether its owner lets players reach it. Default: yes. */
  audioServerReachable?(): boolean;
}

/** Brings voices to the speakers of the house. All throw RequestError. */
export interface Announcer {
  /** `data` as it came. */
  announceFrom(asker: AnnouncementAsker, data: unknown): Announcement;
  /** Also for some time after its end. */
  get(asker: AnnouncementAsker, announcementId: string): Announcement;
  stop(asker: AnnouncementAsker, announcementId: string): void;
}

export interface AnnouncementAsker {
  user: User;
}
