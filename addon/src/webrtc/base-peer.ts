/** BasePeer: what sender and receiver peers share: their connection, its life and its one end. */
import type { PeerEvents, PeerStats } from '../media/ports.ts';
import type { OpenConnection } from './peer-connection.ts';
import { PeerLifetime, type PeerLifetimeOptions } from './peer-lifetime.ts';

export abstract class BasePeer {
  readonly answer: string;
  /** Resolves when the connection is closed, by whomever. */
  readonly closed: Promise<void>;
  /** Media flows, or did. */
  isConnected = false;
  protected readonly open: OpenConnection;
  readonly #lifetime: PeerLifetime;
  #resolveClosed!: () => void;
  #closing: Promise<void> | undefined;

  constructor(open: OpenConnection, events: PeerEvents, options: PeerLifetimeOptions) {
    this.open = open;
    this.answer = open.answer;
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    const ended = (reason: string): void => {
      void this.close();
      events.closed(reason);
    };
    const connected = (): void => {
      this.isConnected = true;
      events.connected?.();
    };
    this.#lifetime = new PeerLifetime(open.transport, open.guard, { connected, ended }, options);
  }

  abstract stats(): PeerStats;

  get guardCounts(): OpenConnection['guard']['counts'] {
    return this.open.guard.counts;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#lifetime.close();
    await this.open.connection.close().catch(() => undefined);
    this.#resolveClosed();
  }
}
