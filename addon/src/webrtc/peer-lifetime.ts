/**
 * PeerLifetime: notices the end of a peer. An ICE-lite agent sends no checks, so werift never sees a dead remote, and its
 * `connectionState` stays "connected" after DTLS closed: this watches DTLS itself and the age of the last datagram.
 */
import type { RTCDtlsTransport } from 'werift';
import type { IceGuard } from './ice-guard.ts';

export interface PeerLifetimeOptions {
  /** From the answer to DTLS connected. Default 15 s. */
  connectTimeoutMs?: number;
  /** No RTP, RTCP or STUN for this long; browsers check every 2.5 s at the latest. Default 15 s. */
  silenceTimeoutMs?: number;
}

export interface PeerLifetimeEvents {
  connected(): void;
  ended(reason: string): void;
}

export class PeerLifetime {
  readonly #guard: IceGuard;
  readonly #events: PeerLifetimeEvents;
  readonly #silenceTimeoutMs: number;
  readonly #unsubscribe: () => void;
  #timer: NodeJS.Timeout;
  #closed = false;

  constructor(
    transport: RTCDtlsTransport,
    guard: IceGuard,
    events: PeerLifetimeEvents,
    options: PeerLifetimeOptions = {},
  ) {
    this.#guard = guard;
    this.#events = events;
    this.#silenceTimeoutMs = options.silenceTimeoutMs ?? 15_000;
    const connectTimeoutMs = options.connectTimeoutMs ?? 15_000;
    this.#timer = setTimeout(() => this.#end(`not connected within ${connectTimeoutMs} ms`), connectTimeoutMs);
    this.#unsubscribe = transport.onStateChange.subscribe((state) => this.#stateChanged(state)).unSubscribe;
  }

  /** Watches no more; `ended` is not called afterwards. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#unsubscribe();
  }

  #stateChanged(state: RTCDtlsTransport['state']): void {
    if (state === 'connected') {
      this.#watchSilence();
      this.#events.connected();
    } else if (state === 'failed') {
      this.#end('DTLS failed');
    } else if (state === 'closed') {
      this.#end('closed by the client');
    }
  }

  /** One timer that sleeps until the silence could be over, instead of one restarted by each packet. */
  #watchSilence(): void {
    clearTimeout(this.#timer);
    const { silentMs } = this.#guard;
    if (silentMs >= this.#silenceTimeoutMs) {
      this.#end(`nothing heard for ${this.#silenceTimeoutMs} ms`);
      return;
    }
    this.#timer = setTimeout(() => this.#watchSilence(), this.#silenceTimeoutMs - silentMs);
  }

  #end(reason: string): void {
    if (this.#closed) return;
    this.close();
    this.#events.ended(reason);
  }
}
