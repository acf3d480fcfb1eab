/** What signaling needs of others; main.ts hands the implementations in. */
import type { Announcement, MediaUrls, Requests, StreamInfo, User } from '@voice-streaming/shared/protocol';
import type { RecordedTalk } from '../media/ports.ts';

/** What one user may do, by the owner's lists. */
export interface Rights {
  readonly mayTalk: boolean;
  /** Anything at all. */
  readonly mayListen: boolean;
  mayHear(streamId: string): boolean;
  /** On the list of a stream that only some may hear. */
  isNamedFor(streamId: string): boolean;
}

/** How the door let a WebSocket in. */
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
  /** `listener` hears exactly these streams from now on; none: it is over. */
  hears(listener: object, who: { user: string | null; place: string; by: string }, streamIds: readonly string[]): void;
}

/** Knows the access token; compares in constant time. */
export interface TokenAuthority {
  userOfToken(token: string): User | undefined;
}

/** Makes the media server's URLs, keys included. */
export interface MediaUrlBook {
  /** False: their port is closed, and no URL is to be handed out. */
  readonly isReachable: boolean;
  /** `id` is a stream id or `latest`. */
  urlsOf(id: string): MediaUrls;
  /** New keys for one id or, without, for all; returns those of `knownIds` that open no more. */
  rotate(id: string | undefined, knownIds: readonly string[]): Promise<MediaUrls[]>;
}

/** Knows how the server is. */
export interface Doctor {
  examine(): Requests['getDoctor']['result'];
  /** For handing on: without secrets. */
  diagnose(): Promise<Record<string, unknown>>;
}

/** Who asks for an announcement. */
export interface Asker {
  user: User;
  /** Undefined until introduced. */
  streamId: string | undefined;
  /** Hears how each speaker does, until `over`; never before the call has resolved. */
  readonly tell: (announcement: Announcement) => void;
}

/** Plays voices on the speakers of the house. All throw RequestError. */
export interface Announcer {
  speakers(): Requests['getSpeakers']['result'];
  announce(asker: Asker, args: Requests['announce']['args']): Announcement;
  /** What the same device asked for and is still under way; `asker` hears of it from now on. */
  follow(asker: Asker): Announcement[];
  stop(asker: Asker, announcementId: string): void;
  test(asker: Asker, args: Requests['testSpeaker']['args']): Announcement;
}

/** Makes paths on the main server at which an `<audio>` element, which sends no headers, plays one stream for some hours. */
export interface PlayUrlBook {
  /** `id` is a stream id or `latest`. Relative to the main server's root. */
  pathOf(id: string): string;
  /** Of something that was said, as long as it is kept. */
  replayPathOf(talk: { talkId: string; streamId: string }): string;
}

/** What was said and may be heard again; TalkStore is one. */
export interface ReplayBook {
  /** How long after its end; 0: nothing is kept for that. */
  readonly replayMs: number;
  /** Newest first, private talks included. */
  replays(): readonly RecordedTalk[];
}

/** HTTP clients that play a stream right now. */
export interface ListenerCounts {
  listenersOf(streamId: string): number;
  /** WebRTC clients outside signaling (WHEP) that hear it now; counted as receivers. */
  receiversOf?(streamId: string): number;
  /** Called whenever a count changed. Returns its own unsubscribe function. */
  onListenersChanged(callback: () => void): () => void;
}

/** Ids that others than devices speak under (WHIP): no new device gets one of them. */
export interface OtherIds {
  has(id: string): boolean;
}

/** Looks on: what everybody may see, never a private talk. */
export interface StreamObserver {
  /** As the event `streams`. */
  streams(streams: readonly StreamInfo[]): void;
  /** As the event `levels`, those of monitors included. */
  levels(levels: Readonly<Record<string, number>>): void;
}
