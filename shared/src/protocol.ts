/**
 * The signaling protocol between a card and the add-on: JSON text messages over one WebSocket, `/ws`. This file has no
 * imports on purpose; PROTOCOL.md tells it in prose. Field names are camelCase, times are Unix epoch milliseconds.
 */

/** Raised when a message changes in a way an older client would misread; named in the commit and in PROTOCOL.md. */
export const PROTOCOL_VERSION = 1;
/** The oldest version this code still speaks. */
export const MIN_PROTOCOL_VERSION = 1;

/** The user behind a session. */
export interface User {
  /** Null when the door tells no name (loopback, access token). */
  name: string | null;
  isAdmin: boolean;
}

/** A device that listens to its room all the time, as others see it. */
export interface MonitorInfo {
  /**
   * `needsTap`: its browser wants a tap first. `lost`: it should be live and is not: gone, silenced or frozen. `off`: a person
   * switched it off, and whoever relies on it should see that.
   */
  state: 'live' | 'needsTap' | 'lost' | 'off';
  /** When something could last be heard of it, by the server's clock; at most 5 s behind. Null: nothing yet. */
  lastSoundAt: number | null;
}

/** One device's voice, live or not. */
export interface StreamInfo {
  /** Stable and human: `kitchen-tablet`. */
  id: string;
  name: string;
  live: boolean;
  /** Start of the running talk; null when not live. */
  since: number | null;
  /** WebRTC clients that hear it now. */
  receivers: number;
  /** HTTP clients that play it now. */
  listeners: number;
  /** Only of a device that is to listen all the time; it may be gone. */
  monitor?: MonitorInfo | undefined;
}

/** Limits a client should know before it runs into them. */
export interface Limits {
  maxMessageBytes: number;
  maxMessagesPerSecond: number;
  /** Streams a receiver can hear at once. */
  slots: number;
  /** An `echo` talk ends by itself after this. */
  maxEchoMs: number;
}

/** The two directions of a transport, seen from the client. */
export type Direction = 'sender' | 'receiver';

/** Whom to hear: whoever speaks, everybody, these streams, or nobody. */
export type ListenTarget = 'latest' | 'all' | string[] | null;

/** The whole URLs of one stream (or of `latest`) on the media server, keys included. */
export interface MediaUrls {
  /** A stream id, or `latest`. */
  id: string;
  mp3Url: string;
  wavUrl: string;
  /** One device's voice as a radio: silence while it does not speak. `latest` is that anyway. */
  channelMp3Url?: string | undefined;
}

/** Something that was said not long ago and may be heard again. */
export interface Replay {
  talkId: string;
  streamId: string;
  name: string;
  /** The person who spoke; null when the door told none. */
  user: string | null;
  startedAt: number;
  durationMs: number;
  private: boolean;
  /** Where an `<audio>` element plays it as MP3: relative to the main server, as long as it is kept. */
  path: string;
}

/** One thing that the server looks after, for a person who looks for a fault. */
export interface Check {
  /** `core`, `mqtt` …: a client shows one it does not know by this name. */
  check: string;
  state: 'ok' | 'warning' | 'failed' | 'off' | 'waiting';
  /** A sentence in English for a person, when something is in the way. */
  why?: string | undefined;
}

/** The address that media URLs name, and who said so. */
export interface HostAddress {
  address: string;
  source: 'option' | 'bound' | 'supervisor' | 'core' | 'interfaces';
}

/** A media player of the house that can be spoken to. */
export interface Speaker {
  /** `media_player.kitchen`. */
  entityId: string;
  name: string;
  /** The room it stands in, where Home Assistant knows. */
  area: string | null;
  /** The integration behind it: `sonos`, `cast` … */
  platform: string | null;
  /** False: switched off at the wall, or gone. */
  available: boolean;
  /** From asking it to play until it takes sound, as it was the last times; null: never played yet. */
  startDelayMs: number | null;
}

/** Why a speaker did not play; a client treats one it does not know as `failed`. */
export type SpeakerFault =
  /** Home Assistant has no such entity. */
  | 'notFound'
  /** The entity is no media player, or one that plays no URL. */
  | 'notAPlayer'
  | 'unavailable'
  /** It stands on the very device that speaks: it would howl. */
  | 'ownDevice'
  /** Home Assistant, or the integration behind it, refused to play; `why` says in whose words. */
  | 'refused'
  /** It said yes and never asked for the sound. */
  | 'neverFetched'
  /** It stopped taking the sound half-way. */
  | 'stalled'
  /** Something newer is played on it. */
  | 'displaced'
  /** No talk came to be played. */
  | 'noTalk'
  | 'failed';

/** One speaker's part in an announcement. */
export interface AnnouncementTarget {
  entityId: string;
  name: string;
  /** `starting`: asked to play. `playing`: takes the sound. `finishing`: the talk is over, the rest drains. `stopped`: by a person. */
  state: 'starting' | 'playing' | 'finishing' | 'done' | 'stopped' | 'failed';
  fault?: SpeakerFault | undefined;
  /** A sentence in English beside the fault. */
  why?: string | undefined;
  /** How long this speaker took to start, once known. */
  startDelayMs?: number | undefined;
}

/** A voice on its way to speakers. */
export interface Announcement {
  id: string;
  targets: AnnouncementTarget[];
  /** Nothing plays any more, and every speaker is as it was before. */
  over: boolean;
}

/** What a client may ask. One table types both ends: `Requests[type]['args']` in, `Requests[type]['result']` out. */
export interface Requests {
  /** Only while `hello` said `auth: 'required'`; three tries, five seconds. */
  authenticate: { args: { token: string }; result: { user: User } };
  /** Says which device this is; must come before `startTalk`. The same `deviceKey` always gets the same `streamId`. */
  introduce: { args: { deviceKey: string; name: string }; result: { streamId: string } };
  /** Opens the transport that carries this client's voice. A second one replaces the first. */
  connectSender: { args: { offer: string }; result: { answer: string } };
  /** Opens the transport that carries others' voices to this client. A second one replaces the first. */
  connectReceiver: { args: { offer: string }; result: { answer: string } };
  /** Closes a transport; closing one that is not open is fine. */
  disconnect: { args: { direction: Direction }; result: Record<string, never> };
  /**
   * Begins a talk on the open sender transport. `private`: not in `latest`, `all` or others' lists.
   * `echo`: heard by this client alone, on its first slot, for at most `limits.maxEchoMs`.
   */
  startTalk: {
    args: { private?: boolean | undefined; echo?: boolean | undefined };
    result: { stream: StreamInfo; talkId: string };
  };
  stopTalk: { args: Record<string, never>; result: Record<string, never> };
  /** Takes effect now or, without a receiver transport, as soon as there is one. */
  listen: { args: { to: ListenTarget }; result: Record<string, never> };
  /** Ends another's talk; administrators only. */
  endTalk: { args: { streamId: string }; result: Record<string, never> };
  /**
   * Says that this device listens to its room all the time (`on`), would but for a tap (`needsTap`), or was switched off by
   * a person (`off`). Without `off` it is a monitor for good, and is missed when it is gone. Say it before `startTalk`.
   */
  setMonitor: { args: { state: 'on' | 'needsTap' | 'off' }; result: Record<string, never> };
  /** Misses a monitor that is lost or off no longer; administrators only. */
  forgetMonitor: { args: { streamId: string }; result: Record<string, never> };
  /** Where an `<audio>` element plays a stream (or `latest`) as MP3: relative to the main server, good for some hours. */
  getPlayUrl: { args: { streamId: string }; result: { path: string } };
  /**
   * What was said and may be heard again by this client, newest first; `replayMs` is how long after its end, 0: the server
   * keeps nothing for that. Private talks only for their own device and for administrators.
   */
  getReplays: { args: Record<string, never>; result: { replayMs: number; replays: Replay[] } };
  /** The media server's URLs of `latest` and of every listed stream; administrators only, as they hold keys. */
  getMediaUrls: { args: Record<string, never>; result: { urls: MediaUrls[] } };
  /**
   * New keys for one stream (or `latest`), or for all: `dead` opened until now, and whoever plays by them is cut off.
   * Play tickets die with them. Administrators only.
   */
  rotateMediaKeys: { args: { streamId?: string | undefined }; result: { dead: MediaUrls[] } };
  /** How the server itself is, in its house; administrators only. */
  getDoctor: { args: Record<string, never>; result: { checks: Check[]; hostAddress: HostAddress } };
  /** All that helps to find a fault, to be handed on: no secret is in it; administrators only. */
  getDiagnostics: { args: Record<string, never>; result: { diagnostics: Record<string, unknown> } };
  /** The media players of the house, and the chimes there are (`none` apart). */
  getSpeakers: { args: Record<string, never>; result: { speakers: Speaker[]; chimes: string[] } };
  /**
   * Plays a voice on speakers, from its first word: the running talk or, for some seconds, the next one of `streamId`
   * (without it this device's own), or the talk `talkId`, which may be over. Another's voice: administrators only.
   * Goes on when this client is gone. Its `announcement` events begin after the result.
   */
  announce: {
    args: {
      targets: string[];
      streamId?: string | undefined;
      talkId?: string | undefined;
      /** 0 to 1; without it each speaker's own. */
      volume?: number | undefined;
      /** One of `getSpeakers`, or `none`; without it the server's default. */
      chime?: string | undefined;
      /** Put volume and what was playing back afterwards. Default true. */
      restore?: boolean | undefined;
    };
    result: { announcement: Announcement };
  };
  /** What this device asked for and is still under way; from then on this client hears of it, too. Without tests of speakers. */
  getAnnouncements: { args: Record<string, never>; result: { announcements: Announcement[] } };
  /** Ends it on every speaker, now; one's own, or by administrators. */
  stopAnnouncement: { args: { announcementId: string }; result: Record<string, never> };
  /** Plays a chirp on one speaker; tells by `announcement` events like any other. */
  testSpeaker: { args: { entityId: string; volume?: number | undefined }; result: { announcement: Announcement } };
}

export type RequestType = keyof Requests;

/** A request on the wire; `id` is chosen by the client and comes back in exactly one `result` or `error`. */
export type ClientMessage = {
  [T in RequestType]: { id: number; type: T; args: Requests[T]['args'] };
}[RequestType];

export interface ResultMessage {
  type: 'result';
  id: number;
  /** `Requests[type]['result']` of the request with this id. */
  result: unknown;
}

export interface ErrorMessage {
  type: 'error';
  /** Null when the message was too broken to have one. */
  id: number | null;
  /** One of ERROR_CODES; a client treats a code it does not know as `internal`. */
  code: string;
  /** A sentence for a person: what was wrong, what would be right. */
  message: string;
  /** The limit that was reached, if it was one. */
  limit?: string | undefined;
}

/** Why a talk ended without the client's `stopTalk`. */
export type TalkEndReason =
  'stopped' | 'takenOver' | 'endedByAdmin' | 'echoOver' | 'tooLong' | 'disconnected' | 'closing';

/** Why the server closes a connection. Close codes do not survive Home Assistant's ingress, so it is said before. */
export type ByeReason = 'closing' | 'unauthorized' | 'tooManyErrors' | 'tooSlow' | 'serverFull';

/** What the server says of its own accord. */
export type ServerEvent =
  | {
      type: 'hello';
      protocolVersion: number;
      minProtocolVersion: number;
      serverVersion: string;
      auth: 'none' | 'required';
      /** Present once the door, or `authenticate`, knows who it is. */
      user?: User | undefined;
      /** The server's clock; `lastSoundAt` of a monitor is told by it. */
      time?: number | undefined;
      limits: Limits;
    }
  /** On connect and on every change: all live streams and the streams of connected devices, live ones first by start. */
  | { type: 'streams'; streams: StreamInfo[] }
  /** The first packet of your talk has been relayed: now speak. */
  | { type: 'onAir'; talkId: string }
  /** Your talk is over, and not by your `stopTalk`. */
  | { type: 'talkEnded'; talkId: string; reason: TalkEndReason }
  /** Loudness in dBov (0 loudest, -127 silent; RFC 6464) of every live stream listed; at most five a second. */
  | { type: 'levels'; levels: Record<string, number> }
  /** The stream each audio section of your receiver carries, by mid. */
  | { type: 'slots'; slots: Record<string, string | null> }
  /** A stream that you listen to is heard by as many as may (`code: 'stream_full'`); it comes when one of them leaves. */
  | { type: 'notHeard'; streamId: string; code: string; message: string; limit?: string | undefined }
  /** Your transport is gone; open a new one. */
  | { type: 'disconnected'; direction: Direction; reason: string }
  /** An announcement that this client asked for has changed; the last one says `over`. */
  | { type: 'announcement'; announcement: Announcement }
  /** Nothing else was said for four seconds. */
  | { type: 'alive' }
  | { type: 'bye'; reason: ByeReason; limit?: string | undefined };

export type ServerMessage = ServerEvent | ResultMessage | ErrorMessage;
