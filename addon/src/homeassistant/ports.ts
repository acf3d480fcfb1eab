/** What the Home Assistant part needs of others; main.ts hands the implementations in. */
import type { MediaUrls, StreamInfo } from '@voice-streaming/shared/protocol';
import type { Closeable } from '../closeable.ts';

/** The server behind ingress. */
export interface IngressListener extends Closeable {
  /** Rejects with a sentence for a person. */
  listen(): Promise<void>;
  stopAccepting(): void;
}

/** Makes the server that the Supervisor dials at this address and port. */
export type CreateIngress = (
  place: { host: string; port: number },
  administrators: { has(userId: string): Promise<boolean> },
) => IngressListener;

/** Makes the media server's URLs, keys included. */
export interface MediaUrlBook {
  /** False: their port is closed, and no URL is to be handed out. */
  readonly isReachable: boolean;
  /** `id` is a stream id or `latest`. */
  urlsOf(id: string): MediaUrls;
  /** Of one talk from its first word. */
  talkUrls(talk: { talkId: string; streamId: string; private: boolean }): MediaUrls & { mp3At320Url: string };
}

/** What everybody may see, never a private talk: of the streams, and how loud they are (at most five times a second). */
export interface StreamObserver {
  streams(streams: readonly StreamInfo[]): void;
  levels(levels: Readonly<Record<string, number>>): void;
}

export interface StreamWatch {
  /** Tells what is now and what changes. Returns its own unsubscribe function. */
  watch(observer: StreamObserver): () => void;
}

/** HTTP clients that play, `latest` included. */
export interface PlayerCounts {
  readonly listenerCount: number;
  /** Returns its own unsubscribe function. */
  onListenersChanged(callback: () => void): () => void;
}

/** Ids that belong to a device or have been spoken under. */
export interface KnownStreams {
  has(id: string): boolean;
  nameOf(id: string): string | undefined;
}

/** Plays voices on the speakers of the house for automations. */
export interface EventAnnouncer {
  /** What the event `voice_streaming_announce` carries, as it came. Throws an error with a sentence for a person, and maybe a `code`. */
  announceFromEvent(data: unknown): unknown;
}

/** Which of several installations on one broker we are. */
export interface Installation {
  /** Short, the same for ever, and no secret. */
  readonly installationId: string;
  /** Whether our entities keep the ids of when no installation had one; undefined: not known yet. */
  readonly hasFormerIds: boolean | undefined;
  /** In force at once; rejects when it could not be stored. */
  settleIds(former: boolean): Promise<void>;
}
