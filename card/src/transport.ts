/**
 * One warm peer connection of one direction: the client offers, the server answers (no candidates of ours are needed,
 * so the offer leaves at once), and it comes back by itself while it is wanted. What flows in it is others' business.
 */
import type { Direction, Requests, RequestType } from '@voice-streaming/shared/protocol';
import { Backoff } from './backoff.ts';
import { Emitter } from './emitter.ts';
import { SupersededError, TroubleError, troubleOf, type Trouble } from './trouble.ts';

/** What a transport needs of the signaling client. */
export interface Requester {
  request<T extends RequestType>(type: T, args: Requests[T]['args']): Promise<Requests[T]['result']>;
}

export interface TransportOptions {
  direction: Direction;
  signaling: Requester;
  /** Adds the transceivers, before the offer. */
  prepare: (peer: RTCPeerConnection) => void;
  createPeer?: () => RTCPeerConnection;
  backoff?: Backoff;
  /** From answer to connected; beyond it UDP is probably blocked. */
  connectTimeoutMs?: number;
  /** ICE may heal by itself for this long. */
  disconnectedLimitMs?: number;
  /** How long a press waits for a transport that is not there yet. */
  openTimeoutMs?: number;
}

const createBrowserPeer = (): RTCPeerConnection => {
  if (typeof RTCPeerConnection !== 'function') throw new TroubleError({ code: 'noWebRtc' });
  return new RTCPeerConnection({ iceServers: [], bundlePolicy: 'max-bundle' });
};

export class Transport {
  /** Opened, lost or troubled; read `peer` and `trouble`. */
  readonly changed = new Emitter();
  /** An open peer is gone without our doing. */
  readonly lost = new Emitter();
  readonly #options: TransportOptions;
  readonly #backoff: Backoff;
  #wanted = false;
  #online = false;
  #call = 0;
  #candidate: RTCPeerConnection | null = null;
  #peer: RTCPeerConnection | null = null;
  #trouble: Trouble | null = null;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #watchTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#backoff = options.backoff ?? new Backoff();
  }

  /** The negotiated peer; null while there is none. */
  get peer(): RTCPeerConnection | null {
    return this.#peer;
  }

  /** Whether it is there or coming back. */
  get isWanted(): boolean {
    return this.#wanted;
  }

  /** Why it does not come up; cleared when it does. */
  get trouble(): Trouble | null {
    return this.#trouble;
  }

  setWanted(wanted: boolean): void {
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    if (!wanted && this.#online && this.#candidate) {
      const { signaling, direction } = this.#options;
      signaling.request('disconnect', { direction }).catch(() => undefined); // Gone with the session at the latest.
    }
    this.#update();
  }

  /** Whether signaling is ready. The server's peers die with its session, so ours go too. */
  setOnline(online: boolean): void {
    if (online === this.#online) return;
    this.#online = online;
    this.#backoff.reset();
    this.#update();
  }

  /** Its end at the server is gone, or nothing comes through it. */
  reopen(): void {
    if (this.#candidate) this.#fail(null);
  }

  /** `prepare` would make another offer now: opens a new one at once, in place of this one. */
  renew(): void {
    if (!this.#candidate) return;
    this.#shut();
    this.#update();
    this.changed.emit();
  }

  /** The page woke up or the network came back: no waiting for the next try, nor for ICE to heal by itself. */
  poke(): void {
    if (this.#peer?.connectionState === 'disconnected') this.#fail(null);
    if (this.#retryTimer === undefined) return;
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    this.#backoff.reset();
    this.#update();
  }

  /** The peer, as soon as there is one. */
  whenOpen(): Promise<RTCPeerConnection> {
    if (this.#peer) return Promise.resolve(this.#peer);
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        if (!this.#peer && this.#wanted) return;
        done();
        if (this.#peer) resolve(this.#peer);
        else reject(new SupersededError());
      };
      const timer = setTimeout(() => {
        done();
        reject(new TroubleError(this.#trouble ?? { code: 'connectionLost' }));
      }, this.#options.openTimeoutMs ?? 5_000);
      const unsubscribe = this.changed.subscribe(settle);
      const done = (): void => {
        clearTimeout(timer);
        unsubscribe();
      };
    });
  }

  close(): void {
    this.setWanted(false);
  }

  #update(): void {
    if (this.#wanted && this.#online) {
      if (!this.#candidate && this.#retryTimer === undefined) void this.#open();
      return;
    }
    const had = this.#candidate !== null || this.#trouble !== null;
    this.#shut();
    this.#trouble = null;
    if (had) this.changed.emit();
  }

  async #open(): Promise<void> {
    const call = ++this.#call;
    try {
      const peer = (this.#options.createPeer ?? createBrowserPeer)();
      this.#candidate = peer;
      this.#options.prepare(peer);
      const offer = await peer.createOffer();
      if (call !== this.#call) return;
      await peer.setLocalDescription(offer);
      if (call !== this.#call) return;
      const sdp = offerNack(peer.localDescription?.sdp ?? offer.sdp ?? '');
      const type = this.#options.direction === 'sender' ? 'connectSender' : 'connectReceiver';
      const { answer } = await this.#options.signaling.request(type, { offer: sdp });
      if (call !== this.#call) return;
      await peer.setRemoteDescription({ type: 'answer', sdp: answer });
      if (call !== this.#call) return;
      this.#peer = peer;
      this.#watch(peer, call);
      this.changed.emit();
    } catch (error) {
      if (call === this.#call) this.#fail(troubleOf(error));
    }
  }

  #watch(peer: RTCPeerConnection, call: number): void {
    const look = (): void => {
      if (call !== this.#call) return;
      clearTimeout(this.#watchTimer);
      switch (peer.connectionState) {
        case 'connected':
          this.#backoff.reset();
          if (this.#trouble) {
            this.#trouble = null;
            this.changed.emit();
          }
          return;
        case 'failed':
        case 'closed':
          this.#fail({ code: 'mediaBlocked' });
          return;
        case 'disconnected':
          this.#watchTimer = setTimeout(() => this.#fail(null), this.#options.disconnectedLimitMs ?? 4_000);
          return;
        default:
          this.#watchTimer = setTimeout(
            () => this.#fail({ code: 'mediaBlocked' }),
            this.#options.connectTimeoutMs ?? 8_000,
          );
      }
    };
    peer.onconnectionstatechange = look;
    look();
  }

  #fail(trouble: Trouble | null): void {
    const wasOpen = this.#peer !== null;
    this.#shut();
    // A socket that went away is told by the session; here it would only be an echo of that.
    if (trouble && trouble.code !== 'connectionLost') this.#trouble = trouble;
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined;
      this.#update();
    }, this.#backoff.nextMs());
    if (wasOpen) this.lost.emit();
    this.changed.emit();
  }

  #shut(): void {
    this.#call += 1;
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#watchTimer);
    this.#retryTimer = undefined;
    const peer = this.#candidate;
    this.#candidate = null;
    this.#peer = null;
    if (!peer) return;
    peer.onconnectionstatechange = null;
    peer.close();
  }
}

/** Browsers do ask again for audio that was lost, once the answer says that they may; but they never offer it. */
function offerNack(sdp: string): string {
  return sdp.replace(/a=rtpmap:(\d+) opus.*\r\n/gi, '$&a=rtcp-fb:$1 nack\r\n');
}
