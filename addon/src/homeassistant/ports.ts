/** What the Home Assistant part needs of others; main.ts hands the implementations in. */
import type { MediaUrls } from '@voice-streaming/shared/protocol';
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
  /** `id` is a stream id or `latest`. */
  urlsOf(id: string): MediaUrls;
}
