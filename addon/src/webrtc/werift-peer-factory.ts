/** WeriftPeerFactory: the core's PeerFactory on werift, and the owner of every peer it made. */
import type { Closeable } from '../closeable.ts';
import type { Log } from '../log.ts';
import { LimitBreaches, type BreachCounter, type LimitName } from '../media/limit-breaches.ts';
import {
  OfferError,
  type PeerEvents,
  type PeerFactory,
  type ReceiverPeer,
  type SenderPeer,
  type SenderPeerEvents,
} from '../media/ports.ts';
import type { BasePeer } from './base-peer.ts';
import { noneRefused, type IceGuardCounts, type RefusedDatagram } from './ice-guard.ts';
import { inTime, TooLateError } from './in-time.ts';
import { agreeOnKeysByOpenSsl } from './key-agreement.ts';
import { openConnection, type NetworkOptions, type OpenConnection } from './peer-connection.ts';
import { WeriftReceiverPeer, type ReceiverPeerOptions } from './receiver-peer.ts';
import { WeriftSenderPeer } from './sender-peer.ts';
import { probeUdp } from './udp-probe.ts';

export interface WeriftPeerFactoryOptions extends Omit<NetworkOptions, 'addresses'>, ReceiverPeerOptions {
  log: Log;
  /** See NetworkOptions; a function is asked for each peer, as a machine may change its network. */
  addresses: readonly string[] | (() => readonly string[]);
  /** Peers at once. Default 1000. */
  maxPeers?: number;
  /** Peers at once that are answered and not connected yet, each with a UDP port of its own. Default 256. */
  maxPendingJoins?: number;
  /** So long an answer may be in the making, its turn included: one that hangs holds nobody else up for longer. Default 10 s. */
  maxOpenMs?: number;
  /** So long whoever asks after UDP waits, also for joins before it. Default 3 s, less than health checks wait. */
  maxProbeWaitMs?: number;
  breaches?: BreachCounter | undefined;
  /** Audio sections of one receiver; further ones are refused. Default 4. */
  maxSlots?: number;
}

/** For /metrics. */
export interface PeerCounts extends IceGuardCounts {
  senders: number;
  receivers: number;
  refusedOffers: number;
}

export class WeriftPeerFactory implements PeerFactory, Closeable {
  readonly #options: WeriftPeerFactoryOptions;
  readonly #log: Log;
  readonly #maxPeers: number;
  readonly #maxPendingJoins: number;
  readonly #breaches: BreachCounter;
  readonly #peers = new Set<BasePeer>();
  #opening = 0;
  #outOfPorts = false;
  #refusedOffers = 0;
  /** Guard counts of peers that are gone. */
  readonly #past = noneRefused();
  readonly #told = new Set<RefusedDatagram>();
  #portRangeTurn: Promise<unknown> = Promise.resolve();
  #probe: { atMs: number; over: boolean; trouble: Promise<string | undefined> } | undefined;
  #closed = false;

  constructor(options: WeriftPeerFactoryOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#maxPeers = options.maxPeers ?? 1000;
    this.#maxPendingJoins = options.maxPendingJoins ?? 256;
    this.#breaches = options.breaches ?? new LimitBreaches(options);
    agreeOnKeysByOpenSsl();
  }

  async createSenderPeer(offer: string, events: SenderPeerEvents): Promise<SenderPeer> {
    const open = await this.#open(offer, 'sends', 1);
    return this.#keep(new WeriftSenderPeer(open, events, this.#options));
  }

  async createReceiverPeer(offer: string, events: PeerEvents): Promise<ReceiverPeer> {
    const open = await this.#open(offer, 'receives', this.#options.maxSlots ?? 4);
    return this.#keep(new WeriftReceiverPeer(open, events, this.#options));
  }

  /** False while the last offer found no UDP port, or after `close()`. */
  get available(): boolean {
    return !this.#closed && !this.#outOfPorts;
  }

  /** What keeps UDP from working, in words; tried once in `PROBE_EVERY_MS` at most. Never rejects. */
  udpTrouble(): Promise<string | undefined> {
    const now = performance.now();
    if (this.#closed) return Promise.resolve(undefined);
    if (!this.#probe || (this.#probe.over && now - this.#probe.atMs >= PROBE_EVERY_MS)) this.#probe = this.#tryUdp(now);
    return this.#probe.trouble;
  }

  counts(): PeerCounts {
    const counts = { senders: 0, receivers: 0, refusedOffers: this.#refusedOffers, ...this.#past };
    for (const peer of this.#peers) {
      if (peer instanceof WeriftSenderPeer) counts.senders += 1;
      else counts.receivers += 1;
      addGuardCounts(counts, peer);
    }
    return counts;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#portRangeTurn;
    await Promise.all([...this.#peers].map((peer) => peer.close()));
  }

  #tryUdp(atMs: number): { atMs: number; over: boolean; trouble: Promise<string | undefined> } {
    const tried = this.#inTurn(() => probeUdp(this.#options));
    const trouble = inTime(tried, this.#options.maxProbeWaitMs ?? 3_000, () => undefined).catch(() => JOINS_HANG);
    const probe = { atMs, over: false, trouble };
    void tried.finally(() => (probe.over = true));
    return probe;
  }

  async #open(offer: string, direction: 'sends' | 'receives', maxSections: number): Promise<OpenConnection> {
    const full = this.#fullFor();
    if (full) {
      this.#refusedOffers += 1;
      throw full;
    }
    this.#opening += 1;
    try {
      const { addresses: given } = this.#options;
      const addresses = typeof given === 'function' ? given() : given;
      const network = { ...this.#options, addresses, refused: (kind: RefusedDatagram) => this.#tell(kind) };
      const open = await this.#inTime(() => openConnection(offer, direction, maxSections, network));
      this.#outOfPorts = false;
      return await this.#unlessClosed(open);
    } catch (error) {
      this.#refusedOffers += 1;
      if (error instanceof OfferError && error.limit === 'udp_ports') {
        this.#outOfPorts = true;
        this.#breaches.count('udp_ports', error.message);
      }
      if (error instanceof TooLateError) throw this.#tooLate(error);
      throw error;
    } finally {
      this.#opening -= 1;
    }
  }

  #fullFor(): OfferError | undefined {
    if (this.#closed) return new OfferError('server_full', 'The server is closing.');
    const pending = [...this.#peers].filter((peer) => !peer.isConnected).length + this.#opening;
    if (this.#peers.size + this.#opening >= this.#maxPeers) {
      return this.#breach('peers', `The server carries no more than ${this.#maxPeers} connections.`);
    }
    if (pending < this.#maxPendingJoins) return undefined;
    return this.#breach('pending_joins', `${pending} clients are connecting just now: try again in a few seconds.`);
  }

  #breach(limit: LimitName, what: string): OfferError {
    this.#breaches.count(limit, what);
    return new OfferError('server_full', what, { limit });
  }

  async #unlessClosed(open: OpenConnection): Promise<OpenConnection> {
    if (!this.#closed) return open;
    await open.connection.close();
    throw new OfferError('server_full', 'The server is closing.');
  }

  /** Who gave up waiting for a turn takes none. */
  async #inTime(make: () => Promise<OpenConnection>): Promise<OpenConnection> {
    const { maxOpenMs = 10_000 } = this.#options;
    let isGivenUp = false;
    const drop = ({ connection }: OpenConnection): void => void connection.close().catch(() => undefined);
    const work = this.#inTurn(() =>
      isGivenUp ? Promise.reject(new TooLateError(maxOpenMs)) : inTime(make(), maxOpenMs, drop),
    );
    try {
      return await inTime(work, maxOpenMs, drop);
    } finally {
      isGivenUp = true;
    }
  }

  #tooLate(cause: TooLateError): OfferError {
    this.#log.warn(`a connection did not come about: ${cause.message}`);
    return new OfferError('server_full', 'The connection did not come about in time: try again.', { cause });
  }

  /** With a port range one after the other: werift probes for a free port, binds it later and dies of losing the race. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#options.udpPorts) return work();
    const turn = this.#portRangeTurn.then(work);
    this.#portRangeTurn = turn.catch(() => undefined);
    return turn;
  }

  /** Once of each kind: whoever sends them sends many. */
  #tell(kind: RefusedDatagram): void {
    if (this.#told.has(kind)) return;
    this.#told.add(kind);
    const what = `${REFUSED[kind]} Dropped and counted in /metrics; this is said once.`;
    // Noise comes to every open port; this does not.
    if (kind === 'unprovenKeys') this.#log.warn(what);
    else this.#log.info(what);
  }

  #keep<T extends BasePeer>(peer: T): T {
    this.#peers.add(peer);
    void peer.closed.then(() => {
      this.#peers.delete(peer);
      addGuardCounts(this.#past, peer);
      this.#log.debug(`peer closed: ${JSON.stringify(peer.stats())}`);
    });
    return peer;
  }
}

const PROBE_EVERY_MS = 5_000;
const JOINS_HANG = 'the connections that are being made do not come about';

const REFUSED: Record<RefusedDatagram, string> = {
  unauthenticatedChecks: 'UDP: a connectivity check without the right password came.',
  strangers: 'UDP: a datagram came from an address that belongs to no client.',
  plaintextAlerts: 'UDP: an alert or handshake came in the name of a connected client that did not make it.',
  malformed: 'UDP: a packet of voice came whose header claims more than there is.',
  oversized: 'UDP: a datagram came that is longer than any of voice.',
  unprovenKeys: 'DTLS: a client did not prove that it holds the key of its certificate: is somebody between?',
  forgedMedia: "UDP: a packet came in a client's name that is not signed by it.",
  replayedMedia: 'UDP: a packet of voice came twice.',
  malformedRtcp: 'UDP: a client sent a report that cannot be read.',
};

function addGuardCounts(counts: IceGuardCounts, peer: BasePeer): void {
  for (const [kind, count] of Object.entries(peer.guardCounts) as [RefusedDatagram, number][]) counts[kind] += count;
}
