/**
 * RtpOutlet: one slot's way out, beside werift's `sender.sendRtp`, which costs 30 us and four promises per packet. Per packet
 * it writes a prepared header, seals it and sends it; nothing is parsed, cloned or awaited. It remembers the last packets
 * by reference and sends one again when the client asks (RFC 4585 6.2.1), under its old number and so as the same datagram.
 */
import { RtcpSenderInfo, RtcpSrPacket, type GenericNack, type RTCDtlsTransport, type RTCRtpTransceiver } from 'werift';
import { TICKS_PER_MS } from '../media/rtp-math.ts';
import { sendDatagram } from './datagram.ts';
import { writeHeader, headerTemplate } from './rtp-header.ts';
import { estimateIndex } from './srtp-rollover.ts';
import { sealerOf, type SrtpSealer } from './srtp-sealer.ts';

/** 2.56 s of 10 ms packets. */
const HISTORY_PACKETS = 256;
/** Of one packet: an honest client that asks for more has lost it. A liar's requests cost no more than this. */
const MAX_RESENDS = 5;
/** Less is concealed without being heard. */
const REPEAT_FROM_SHARE = 0.02;
/** Some reports of a browser, which come each 5 s at the latest. */
const REPEAT_MS = 30_000;
const SECONDS_1900_TO_1970 = 2_208_988_800;
interface Sent {
  index: number;
  timestamp: number;
  marker: boolean;
  payload: Buffer;
  resends: number;
}

export class RtpOutlet {
  packets = 0;
  bytes = 0;
  /** Sent once more, because the client asked. */
  retransmitted = 0;
  /** Sent once more, unasked. */
  repeated = 0;
  #asks = false;
  #repeatsUntilMs = -Infinity;
  readonly #transport: RTCDtlsTransport;
  readonly #transceiver: RTCRtpTransceiver;
  readonly #history: (Sent | undefined)[] = [];
  #sealer: SrtpSealer | undefined;
  #header: Buffer = Buffer.alloc(0);
  /** Highest that went out; undefined before the first. */
  #highestIndex: number | undefined;
  #lastTimestamp = 0;
  #lastSentAtMs = 0;

  constructor(transport: RTCDtlsTransport, transceiver: RTCRtpTransceiver) {
    this.#transport = transport;
    this.#transceiver = transceiver;
    transceiver.sender.onGenericNack.subscribe((nack) => this.#answer(nack));
  }

  get ssrc(): number {
    return this.#transceiver.sender.ssrc;
  }

  get isOpen(): boolean {
    return this.#transport.state === 'connected';
  }

  /** False when it could not go out: not connected, or a number that is used up. */
  send(sequenceNumber: number, timestamp: number, marker: boolean, payload: Buffer): boolean {
    if (!this.isOpen) return false;
    this.#sealer ??= this.#open();
    const index = estimateIndex(this.#highestIndex, sequenceNumber);
    if (index === undefined || !this.#isUnused(index)) return false;
    if (!this.#transmit(index, timestamp, marker, payload)) return false;
    if (this.#repeatsUntilMs > -Infinity) this.#repeat(index - 1);
    this.#remember(index, timestamp, marker, payload);
    if (this.#highestIndex === undefined || index > this.#highestIndex) {
      this.#highestIndex = index;
      this.#lastTimestamp = timestamp;
      this.#lastSentAtMs = performance.now();
    }
    this.packets += 1;
    this.bytes += payload.length;
    return true;
  }

  /**
   * The client says what share it lost. One that never asks for lost packets (Firefox) gets each a second time, together with the
   * next one, for as long as this goes on and a while after: repeated packets hide from its reports what is lost.
   */
  lossReported(share: number): void {
    if (share >= REPEAT_FROM_SHARE && !this.#asks) this.#repeatsUntilMs = performance.now() + REPEAT_MS;
  }

  /** RFC 3550 6.4.1, with the RTP time of this very moment; undefined before the first packet. */
  report(): RtcpSrPacket | undefined {
    if (this.#highestIndex === undefined) return undefined;
    const nowMs = performance.now();
    const sinceMs = nowMs - this.#lastSentAtMs;
    return new RtcpSrPacket({
      ssrc: this.ssrc,
      senderInfo: new RtcpSenderInfo({
        ntpTimestamp: ntpOf(performance.timeOrigin + nowMs),
        rtpTimestamp: (this.#lastTimestamp + Math.round(sinceMs * TICKS_PER_MS)) >>> 0,
        packetCount: this.packets >>> 0,
        octetCount: this.bytes >>> 0,
      }),
    });
  }

  #open(): SrtpSealer {
    this.#header = headerTemplate(this.#transceiver);
    return sealerOf(this.#transport, this.ssrc);
  }

  /** Whether nothing went out under this number yet: SRTP's keystream may be used once. */
  #isUnused(index: number): boolean {
    if (this.#highestIndex === undefined || index > this.#highestIndex) return true;
    return index > this.#highestIndex - HISTORY_PACKETS && this.#history[index % HISTORY_PACKETS]?.index !== index;
  }

  /** In the place of the oldest: what lives for seconds and is made anew 100 times a second makes collections long. */
  #remember(index: number, timestamp: number, marker: boolean, payload: Buffer): void {
    const place = index % HISTORY_PACKETS;
    const sent = (this.#history[place] ??= { index, timestamp, marker, payload, resends: 0 });
    sent.index = index;
    sent.timestamp = timestamp;
    sent.marker = marker;
    sent.payload = payload;
    sent.resends = 0;
  }

  #transmit(index: number, timestamp: number, marker: boolean, payload: Buffer): boolean {
    if (!this.#sealer) return false;
    writeHeader(this.#header, index & 0xffff, timestamp, marker);
    return sendDatagram(this.#transport, this.#sealer.seal(this.#header, payload, index));
  }

  #repeat(index: number): void {
    if (this.#asks || performance.now() > this.#repeatsUntilMs) {
      this.#repeatsUntilMs = -Infinity;
      return;
    }
    const sent = this.#history[index % HISTORY_PACKETS];
    if (sent?.index !== index) return;
    if (this.#transmit(index, sent.timestamp, sent.marker, sent.payload)) this.repeated += 1;
  }

  #answer({ mediaSourceSsrc, lost }: GenericNack): void {
    if (mediaSourceSsrc !== this.ssrc || !this.isOpen) return;
    this.#asks = true;
    for (const sequenceNumber of lost) {
      const index = estimateIndex(this.#highestIndex, sequenceNumber);
      const sent = index === undefined ? undefined : this.#history[index % HISTORY_PACKETS];
      if (sent === undefined || sent.index !== index || sent.resends === MAX_RESENDS) continue;
      sent.resends += 1;
      if (this.#transmit(index, sent.timestamp, sent.marker, sent.payload)) this.retransmitted += 1;
    }
  }
}

/** RFC 3550 4: seconds since 1900 in 32.32 bits. werift 0.25.2 writes the decimals of the second as if they were bits. */
function ntpOf(epochMs: number): bigint {
  const seconds = Math.floor(epochMs / 1000);
  const fraction = Math.floor(((epochMs % 1000) / 1000) * 2 ** 32);
  return (BigInt(seconds + SECONDS_1900_TO_1970) << 32n) | BigInt(fraction);
}
