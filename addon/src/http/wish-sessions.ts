/** WishSessions: the open sessions of WHIP or of WHEP, bounded, found by their unguessable ids, closed together. */
import { randomBytes } from 'node:crypto';
import type { Closeable } from '../closeable.ts';
import type { Log } from '../log.ts';
import type { BreachCounter, LimitName } from '../media/limit-breaches.ts';
import { OfferError } from '../media/ports.ts';
import { WishError, type WishSession } from './wish-routes.ts';

export interface OpenWishSession extends WishSession {
  /** The stream, or what WHEP calls so: `latest`, `all`. */
  readonly id: string;
  readonly closed: boolean;
}

export interface WishSessionsOptions {
  log: Log;
  maxSessions: number;
  /** What that is called. */
  limit: LimitName;
  breaches: BreachCounter;
}

export class WishSessions<S extends OpenWishSession> implements Closeable {
  readonly #options: WishSessionsOptions;
  readonly #open = new Map<string, S>();
  /** Offers whose peers are being made. */
  readonly #opening = new Set<Promise<unknown>>();
  #closed = false;

  constructor(options: WishSessionsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#open.size;
  }

  values(): Iterable<S> {
    return this.#open.values();
  }

  find(id: string, sessionId: string): S | undefined {
    const session = this.#open.get(sessionId);
    return session?.id === id ? session : undefined;
  }

  /** Runs `make` with a fresh session id, within the limit. Rejects with WishError, whatever the peer refused. */
  async open(make: (sessionId: string) => Promise<S>): Promise<S> {
    const { maxSessions, limit, breaches } = this.#options;
    if (this.#closed) throw new WishError(503, 'The server is closing.');
    if (this.#open.size + this.#opening.size >= maxSessions) {
      const what = `${maxSessions} sessions are open already: end one, or try again later.`;
      breaches.count(limit, what);
      throw new WishError(503, what, { limit });
    }
    const making = make(randomBytes(16).toString('base64url'));
    this.#opening.add(making);
    try {
      const session = await making;
      if (session.closed) throw new WishError(503, 'The connection was lost at once: try again.');
      this.#open.set(session.sessionId, session);
      return session;
    } catch (error) {
      if (error instanceof OfferError) throw refusalOf(error);
      throw error;
    } finally {
      this.#opening.delete(making);
    }
  }

  delete(session: S): void {
    this.#open.delete(session.sessionId);
  }

  /** Sessions whose peers are being made are awaited, then ended like the others. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#opening);
    await Promise.allSettled([...this.#open.values()].map((session) => session.end()));
  }
}

function refusalOf(error: OfferError): WishError {
  return new WishError(error.code === 'server_full' ? 503 : 406, error.message, { cause: error, limit: error.limit });
}
