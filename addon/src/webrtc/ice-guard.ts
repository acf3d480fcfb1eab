/**
 * IceGuard: stands before werift's socket and lets in only what belongs to this peer. werift 0.25.2 checks neither
 * USERNAME nor MESSAGE-INTEGRITY of binding requests, never changes its nominated pair, and takes a plaintext DTLS alert
 * from anywhere for the end. The guard
 * - answers only requests that carry our and the client's ufrag and our password (RFC 8445 7.3, RFC 8489 9.1);
 * - follows the client to a new address (Wi-Fi change, NAT rebinding) and forgets the least preferred of too many;
 * - passes media and DTLS only from the client's own address, DTLS only as whole records, and once it is up no alert that
 *   does not decrypt and no new handshake (nothing unencrypted after the client's first packet), RTP only with a header that fits into it;
 * - keeps DTLS that comes before the nomination (libdatachannel, thus OBS, begins with the first answered check), where
 *   werift does not listen yet: the client would try again only after a second.
 * It reads raw datagrams, as werift's `iceFilterStunResponse` hook sees no bytes to check.
 */
import { parseMessage, type CandidatePair, type IceConnection, type Message, type StunProtocol } from 'werift';
import { isDtls, isForged, readRecords } from './dtls-records.ts';
import { hasWholeHeader, isRtp } from './rtp-shape.ts';
import type { RefusedMedia } from './srtp-intake.ts';

type Address = readonly [host: string, port: number];

export interface IceGuardOptions {
  /** Remote addresses remembered per peer. Default 16. */
  maxCandidates?: number;
  /** Milliseconds that only grow: the clock of a machine may be set. Default `performance.now`. */
  now?: () => number;
  /** Called for each datagram refused. */
  refused?: ((kind: RefusedDatagram) => void) | undefined;
}

/**
 * Why a datagram was refused, by the guard or behind it. `plaintextAlerts`: and what else of DTLS the client's keys did not make,
 * or is no DTLS; `malformed`: RTP with a header that does not fit into it; `unprovenKeys`: a whole handshake, see key-proof.ts.
 */
export type RefusedDatagram =
  'unauthenticatedChecks' | 'strangers' | 'plaintextAlerts' | 'malformed' | 'oversized' | 'unprovenKeys' | RefusedMedia;

/** Datagrams refused, by reason. */
export type IceGuardCounts = Record<RefusedDatagram, number>;

export function noneRefused(): IceGuardCounts {
  return {
    unauthenticatedChecks: 0,
    strangers: 0,
    plaintextAlerts: 0,
    malformed: 0,
    oversized: 0,
    unprovenKeys: 0,
    forgedMedia: 0,
    replayedMedia: 0,
    malformedRtcp: 0,
  };
}

/** While the nominated address was heard within this time, a lower-priority one does not replace it. */
const SILENT_AFTER_MS = 1000;
/** RFC 8445 5.1.2.1 for peer-reflexive, used for clients that send no PRIORITY (an ffmpeg). */
const DEFAULT_PRIORITY = 110 * 2 ** 24;
/** Browsers keep to the MTU; this leaves room for Opus at its highest rate, and little to who makes us parse. */
const MAX_DATAGRAM_BYTES = 2048;
/** A client hello, in pieces perhaps, and its repetition. */
const MAX_EARLY_DATAGRAMS = 4;

export class IceGuard {
  readonly counts = noneRefused();
  /** Whether a DTLS record decrypts. Set once DTLS is connected: from then on alerts and client hellos may be forged. */
  decrypts: ((record: Buffer) => boolean) | undefined;
  /** Set once the client signed a packet, so it has our last flight: from then on anything unencrypted is a forgery. */
  handshakeOver = false;
  readonly #connection: IceConnection;
  readonly #maxCandidates: number;
  readonly #refused: IceGuardOptions['refused'];
  /** The client's DTLS from before its nomination, each ready to be delivered. */
  readonly #early: (() => void)[] = [];
  readonly #now: () => number;
  /** When an admitted datagram last came. */
  #lastHeardMs: number;
  #nominatedHeardMs = -Infinity;

  constructor(connection: IceConnection, options: IceGuardOptions = {}) {
    this.#connection = connection;
    this.#maxCandidates = options.maxCandidates ?? 16;
    this.#now = options.now ?? (() => performance.now());
    this.#refused = options.refused;
    this.#lastHeardMs = this.#now();
    for (const protocol of protocolsOf(connection)) this.#watch(protocol);
  }

  /** Since the last admitted datagram. */
  get silentMs(): number {
    return this.#now() - this.#lastHeardMs;
  }

  refuse(kind: RefusedDatagram): void {
    this.counts[kind] += 1;
    this.#refused?.(kind);
  }

  #watch(protocol: StunProtocol): void {
    const deliver = protocol.transport.onData;
    protocol.transport.onData = (data, address) => {
      if (data.length > MAX_DATAGRAM_BYTES) this.refuse('oversized');
      else if (isStun(data)) this.#stun(protocol, data, address, deliver);
      else if (this.#admitsMedia(data, address)) {
        if (this.#connection.nominated) deliver(data, address);
        else if (isDtls(data) && this.#early.length < MAX_EARLY_DATAGRAMS)
          this.#early.push(() => deliver(data, address));
      }
    };
  }

  #stun(
    protocol: StunProtocol,
    data: Buffer,
    address: Address,
    deliver: (data: Buffer, address: Address) => void,
  ): void {
    const request = this.#authenticate(data);
    if (!request) {
      this.refuse('unauthenticatedChecks');
      return;
    }
    this.#heard(address);
    this.#forgetLeast(address);
    deliver(data, address);
    if (request.attributesKeys.includes('USE-CANDIDATE')) this.#follow(protocol, address, request);
    if (this.#connection.nominated) this.#deliverEarly();
  }

  /** In the next turn, when werift has begun DTLS upon the nomination. */
  #deliverEarly(): void {
    for (const deliver of this.#early.splice(0)) setImmediate(deliver);
  }

  /** An ICE-lite agent sends no requests, so the only honest STUN message is the client's signed binding request. */
  #authenticate(data: Buffer): Message | undefined {
    const { localUsername, remoteUsername, localPassword } = this.#connection;
    const message = parseMessage(data, Buffer.from(localPassword));
    if (!message?.attributesKeys.includes('USERNAME')) return undefined;
    return message.getAttributeValue('USERNAME') === `${localUsername}:${remoteUsername}` ? message : undefined;
  }

  #admitsMedia(data: Buffer, address: Address): boolean {
    if (!this.#isKnown(address)) {
      this.refuse('strangers');
      return false;
    }
    if (isDtls(data) && !this.#admitsDtls(data)) {
      this.refuse('plaintextAlerts');
      return false;
    }
    if (isRtp(data) && !hasWholeHeader(data)) {
      this.refuse('malformed');
      return false;
    }
    this.#heard(address);
    return true;
  }

  #admitsDtls(data: Buffer): boolean {
    const records = readRecords(data);
    const { decrypts } = this;
    return (
      records !== undefined && !(decrypts && records.some((record) => isForged(record, decrypts, this.handshakeOver)))
    );
  }

  #heard(address: Address): void {
    this.#lastHeardMs = this.#now();
    const nominated = this.#connection.nominated;
    if (nominated && isSame(nominated.remoteAddr, address)) this.#nominatedHeardMs = this.#lastHeardMs;
  }

  #isKnown(address: Address): boolean {
    return this.#connection.checkList.some((pair) => isSame(pair.remoteAddr, address));
  }

  /** RFC 8445 8.1.1: of nominated pairs the one of highest priority; a silent one is no longer a candidate. */
  #follow(protocol: StunProtocol, address: Address, request: Message): void {
    const nominated = this.#connection.nominated;
    if (!nominated || isSame(nominated.remoteAddr, address)) return;
    const pair = this.#connection.checkList.find(
      (other) => other.protocol === protocol && isSame(other.remoteAddr, address),
    );
    if (!pair) return;
    const silent = this.#now() - this.#nominatedHeardMs >= SILENT_AFTER_MS;
    if (!silent && priorityOf(request) < nominated.remoteCandidate.priority) return;
    this.#connection.nominated = pair;
    this.#nominatedHeardMs = this.#now();
  }

  #forgetLeast(address: Address): void {
    const { checkList, nominated, remoteCandidates } = this.#connection;
    if (checkList.length < this.#maxCandidates || this.#isKnown(address)) return;
    const index = checkList.findLastIndex((pair: CandidatePair) => pair !== nominated);
    const [least] = checkList.splice(index, 1);
    const candidate = remoteCandidates.findIndex((other) => other === least?.remoteCandidate);
    if (candidate >= 0) remoteCandidates.splice(candidate, 1);
  }
}

/** werift keeps its sockets private; without them there is no guard, so a version that hides them is refused loudly. */
function protocolsOf(connection: IceConnection): StunProtocol[] {
  const { protocols } = connection as unknown as { protocols?: StunProtocol[] };
  if (!Array.isArray(protocols)) throw new Error('werift has changed: IceConnection.protocols is gone.');
  return protocols;
}

/** RFC 7983: STUN begins with 0..3. */
function isStun(data: Buffer): boolean {
  return data.length > 0 && (data[0] ?? 0) <= 3;
}

function isSame(one: Address, other: Address): boolean {
  return one[1] === other[1] && one[0] === other[0];
}

function priorityOf(request: Message): number {
  const priority: unknown = request.attributesKeys.includes('PRIORITY') ? request.getAttributeValue('PRIORITY') : 0;
  return typeof priority === 'number' && priority > 0 ? priority : DEFAULT_PRIORITY;
}
