/** WeriftReceiverPeer: others' voices go out here, one slot for each audio section of the client's offer. */
import {
  RtcpRrPacket,
  RtcpSrPacket,
  RtpHeader,
  RtpPacket,
  type RtcpPacket,
  type RTCDtlsTransport,
  type RTCRtpTransceiver,
} from 'werift';
import type { AudioPacket } from '../media/audio-packet.ts';
import type { PeerEvents, PeerStats, ReceiverPeer, ReceiverSlot } from '../media/ports.ts';
import { BasePeer } from './base-peer.ts';
import { PacketNumbering } from './packet-numbering.ts';
import type { OpenConnection } from './peer-connection.ts';
import type { PeerLifetimeOptions } from './peer-lifetime.ts';

export class WeriftReceiverPeer extends BasePeer implements ReceiverPeer {
  readonly slots: readonly WeriftReceiverSlot[];

  constructor(open: OpenConnection, events: PeerEvents, options: PeerLifetimeOptions) {
    super(open, events, options);
    this.slots = open.transceivers.map((transceiver) => new WeriftReceiverSlot(transceiver, open.transport));
  }

  override stats(): PeerStats {
    const total: PeerStats = { packets: 0, bytes: 0, packetsLost: 0 };
    for (const slot of this.slots) {
      total.packets += slot.packets;
      total.bytes += slot.bytes;
      total.packetsLost += slot.packetsLost;
    }
    return total;
  }
}

class WeriftReceiverSlot implements ReceiverSlot {
  readonly mid: string;
  packets = 0;
  bytes = 0;
  /** As the client's RTCP reports say. */
  packetsLost = 0;
  readonly #sender: RTCRtpTransceiver['sender'];
  readonly #transport: RTCDtlsTransport;
  readonly #numbering = new PacketNumbering();

  constructor(transceiver: RTCRtpTransceiver, transport: RTCDtlsTransport) {
    this.mid = transceiver.mid ?? '';
    this.#sender = transceiver.sender;
    this.#transport = transport;
    this.#sender.onRtcp.subscribe((packet) => this.#readReport(packet));
  }

  #readReport(packet: RtcpPacket): void {
    if (!(packet instanceof RtcpRrPacket || packet instanceof RtcpSrPacket)) return;
    for (const report of packet.reports) {
      if (report.ssrc === this.#sender.ssrc) this.packetsLost = lostOf(report.packetsLost);
    }
  }

  attached(): void {
    this.#numbering.restart();
  }

  detached(): void {
    this.#numbering.restart();
  }

  skipped(): void {
    this.#numbering.skipped();
  }

  write(packet: AudioPacket): void {
    if (this.#transport.state !== 'connected') return;
    const numbers = this.#numbering.next(packet.sequenceNumber, packet.timestamp, performance.now());
    if (!numbers) return;
    // werift sets SSRC, payload type and its own extensions; the incoming ones must not leak, their ids may clash.
    const header = new RtpHeader({
      sequenceNumber: numbers.sequenceNumber,
      timestamp: numbers.timestamp,
      marker: packet.marker || numbers.restarted,
    });
    this.packets += 1;
    this.bytes += packet.payload.length;
    this.#sender.sendRtp(new RtpPacket(header, packet.payload)).catch(ignore);
  }
}

/** RFC 3550 6.4.1: 24 bits with a sign, which werift reads without; duplicates make it negative. */
function lostOf(cumulative: number): number {
  return Math.max(0, (cumulative << 8) >> 8);
}

/** A packet that could not be sent is one that was lost: the client's reports count it. */
function ignore(): void {
  return undefined;
}
