/** WeriftReceiverPeer: others' voices go out here, one slot for each audio section of the client's offer. */
import { randomUUID } from 'node:crypto';
import { RtcpRrPacket, RtcpSrPacket, type RTCDtlsTransport, type RTCRtpTransceiver, type RtcpPacket } from 'werift';
import type { AudioPacket } from '../media/audio-packet.ts';
import type { PeerEvents, PeerStats, ReceiverPeer, ReceiverSlot } from '../media/ports.ts';
import { BasePeer } from './base-peer.ts';
import { PacketNumbering } from './packet-numbering.ts';
import type { OpenConnection } from './peer-connection.ts';
import type { PeerLifetimeOptions } from './peer-lifetime.ts';
import { RtpOutlet } from './rtp-outlet.ts';
import { SenderReports, type SenderReportsOptions } from './sender-reports.ts';

export interface ReceiverPeerOptions extends PeerLifetimeOptions, SenderReportsOptions {
  /** Milliseconds that only grow. Default `performance.now`. */
  now?: () => number;
}

export class WeriftReceiverPeer extends BasePeer implements ReceiverPeer {
  readonly slots: readonly WeriftReceiverSlot[];
  readonly #reports: SenderReports;

  constructor(open: OpenConnection, events: PeerEvents, options: ReceiverPeerOptions) {
    super(open, events, options);
    const sent = (): void => this.#reports.start();
    const now = options.now ?? (() => performance.now());
    this.slots = open.transceivers.map((each) => new WeriftReceiverSlot(each, open.transport, sent, now));
    const outlets = this.slots.map((slot) => slot.outlet);
    this.#reports = new SenderReports(open.transport, outlets, randomUUID(), options);
    void this.closed.then(() => this.#reports.close());
    open.transport.onStateChange.subscribe((state) => {
      if (state === 'connected') for (const slot of this.slots) slot.connected();
    });
  }

  override stats(): PeerStats {
    const total: PeerStats = { packets: 0, bytes: 0, packetsLost: 0 };
    for (const slot of this.slots) {
      total.packets += slot.outlet.packets;
      total.bytes += slot.outlet.bytes;
      total.packetsLost += slot.packetsLost;
    }
    return total;
  }
}

/** One packet's time: an older one belongs to a speaker who pauses. */
const FRESH_MS = 20;

class WeriftReceiverSlot implements ReceiverSlot {
  readonly mid: string;
  readonly outlet: RtpOutlet;
  /** As the client's RTCP reports say. */
  packetsLost = 0;
  readonly #sent: () => void;
  readonly #now: () => number;
  readonly #numbering = new PacketNumbering();
  /** The last packet before the client was connected. */
  #early: { packet: AudioPacket; atMs: number } | undefined;

  constructor(transceiver: RTCRtpTransceiver, transport: RTCDtlsTransport, sent: () => void, now: () => number) {
    this.mid = transceiver.mid ?? '';
    this.outlet = new RtpOutlet(transport, transceiver);
    this.#sent = sent;
    this.#now = now;
    transceiver.sender.onRtcp.subscribe((packet) => this.#readReport(packet));
  }

  #readReport(packet: RtcpPacket): void {
    if (!(packet instanceof RtcpRrPacket || packet instanceof RtcpSrPacket)) return;
    for (const report of packet.reports) {
      if (report.ssrc !== this.outlet.ssrc) continue;
      this.packetsLost = lostOf(report.packetsLost);
      this.outlet.lossReported(report.fractionLost / 256);
    }
  }

  attached(): void {
    this.#numbering.restart();
  }

  detached(): void {
    this.#early = undefined;
    this.#numbering.restart();
  }

  skipped(): void {
    this.#numbering.skipped();
  }

  /** What is being said at this moment is heard at once, not with the next packet. */
  connected(): void {
    const early = this.#early;
    this.#early = undefined;
    if (early && this.#now() - early.atMs <= FRESH_MS) this.write(early.packet);
  }

  write(packet: AudioPacket): void {
    const nowMs = this.#now();
    if (!this.outlet.isOpen) {
      this.#early = { packet, atMs: nowMs };
      return;
    }
    const numbers = this.#numbering.next(packet.sequenceNumber, packet.timestamp, nowMs);
    if (!numbers) return;
    const { sequenceNumber, timestamp, restarted } = numbers;
    if (this.outlet.send(sequenceNumber, timestamp, packet.marker || restarted, packet.payload)) this.#sent();
  }
}

/** RFC 3550 6.4.1: 24 bits with a sign, which werift reads without; duplicates make it negative. */
function lostOf(cumulative: number): number {
  return Math.max(0, (cumulative << 8) >> 8);
}
