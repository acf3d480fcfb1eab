/**
 * PeerHolder: the one peer a session has in one direction. A new peer replaces the old one when it is there, an offer
 * that is refused leaves the old one alone, and a peer that comes too late is closed, never leaked.
 */
import { RequestError } from '@voice-streaming/shared/errors';
import type { Closeable } from '../closeable.ts';
import { OfferError, type Peer } from '../media/ports.ts';

export interface PeerHolderOptions {
  /** Longest answering of one offer. */
  connectTimeoutMs: number;
  /** The current peer is gone, not by `release`, `close` or a replacement. */
  onLost: (reason: string) => void;
}

/** What one attempt tells its peer. */
export interface PeerLink {
  closed(reason: string): void;
  /** Whether this attempt's peer is the held one. */
  isCurrent(): boolean;
}

export class PeerHolder<P extends Peer> implements Closeable {
  readonly #options: PeerHolderOptions;
  #held: { peer: P; link: PeerLink } | undefined;
  #attempt: Promise<unknown> = Promise.resolve();
  #cancelAttempt: (() => void) | undefined;

  constructor(options: PeerHolderOptions) {
    this.#options = options;
  }

  get peer(): P | undefined {
    return this.#held?.peer;
  }

  /** Holds the peer that `make` makes; `installed` runs in the same tick. Rejects with RequestError; one at a time. */
  open<T>(make: (link: PeerLink) => Promise<P>, installed: (peer: P) => T): Promise<T> {
    let lostReason: string | undefined;
    const link: PeerLink = {
      isCurrent: () => this.#held?.link === link,
      closed: (reason) => {
        lostReason = reason;
        if (!link.isCurrent()) return;
        void this.release();
        this.#options.onLost(reason);
      },
    };
    return new Promise<T>((resolve, reject) => {
      let isOver = false;
      const giveUp = (error: Error): void => {
        isOver = true;
        clearTimeout(timer);
        reject(error);
      };
      const { connectTimeoutMs } = this.#options;
      const timer = setTimeout(
        () => giveUp(new Error(`no answer to an offer within ${connectTimeoutMs} ms`)),
        connectTimeoutMs,
      );
      this.#cancelAttempt = () => giveUp(new RequestError('closing', 'The session is over.'));
      this.#attempt = new Promise<P>((made) => made(make(link))).then(
        async (peer) => {
          clearTimeout(timer);
          if (isOver || lostReason !== undefined) {
            giveUp(new RequestError('bad_offer', `The connection was lost at once: ${lostReason ?? 'too late'}.`));
            await peer.close();
            return;
          }
          const replaced = this.release();
          this.#held = { peer, link };
          try {
            resolve(installed(peer));
          } catch (error) {
            giveUp(asError(error));
          }
          await replaced;
        },
        (error: unknown) => giveUp(asError(error)),
      );
    });
  }

  /** Closes the held peer, if any. */
  async release(): Promise<void> {
    const held = this.#held;
    this.#held = undefined;
    await held?.peer.close();
  }

  async close(): Promise<void> {
    this.#cancelAttempt?.();
    await this.release();
    await this.#attempt;
  }
}

function asError(error: unknown): Error {
  if (error instanceof OfferError) {
    return new RequestError(error.code, error.message, { cause: error, limit: error.limit });
  }
  return error instanceof Error ? error : new Error(String(error));
}
