/** WeriftSenderPeer: a client's voice comes in here. It reads the audio level, strips RTP to an AudioPacket, no more. */
import { GenericNack, RtcpTransportLayerFeedback, type RTCDtlsTransport, type RtpPacket } from 'werift';
import type { PeerStats, SenderPeer, SenderPeerEvents } from '../media/ports.ts';
import { sequenceDelta } from '../media/rtp-math.ts';
import { BasePeer } from './base-peer.ts';
import { LossRepair } from './loss-repair.ts';
import type { OpenConnection } from './peer-connection.ts';
import type { PeerLifetimeOptions } from './peer-lifetime.ts';

const AUDIO_LEVEL_URI = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';
/** Of one who sends no media, RFC 3550 6.4.2; nobody refers to it. */
const OUR_SSRC = 1;

export class WeriftSenderPeer extends BasePeer implements SenderPeer {
  readonly #stats: PeerStats = { packets: 0, bytes: 0, packetsLost: 0 };
  readonly #payloadType: number | undefined;
  readonly #audioLevelId: number | undefined;
  readonly #events: SenderPeerEvents;
  readonly #transport: RTCDtlsTransport;
  readonly #repair: LossRepair;
  #ssrc = 0;
  #highestSequenceNumber: number | undefined;

  constructor(open: OpenConnection, events: SenderPeerEvents, options: PeerLifetimeOptions) {
    super(open, events, options);
    this.#events = events;
    const [transceiver] = open.transceivers;
    this.#payloadType = transceiver?.codecs[0]?.payloadType;
    this.#audioLevelId = transceiver?.headerExtensions.find((extension) => extension.uri === AUDIO_LEVEL_URI)?.id;
    this.#transport = open.transport;
    this.#repair = new LossRepair({ ask: (sequenceNumbers) => this.#askFor(sequenceNumbers) });
    // At the transport, not the track: an offer need not name its SSRC, and werift's tracks do.
    open.transport.onRtp.subscribe((packet) => this.#receive(packet));
  }

  override stats(): PeerStats {
    return { ...this.#stats };
  }

  #receive({ header, payload }: RtpPacket): void {
    if (header.payloadType !== this.#payloadType) return;
    this.#ssrc = header.ssrc;
    this.#count(header.sequenceNumber, payload.length);
    this.#repair.received(header.sequenceNumber, performance.now());
    this.#events.packet({
      sequenceNumber: header.sequenceNumber,
      timestamp: header.timestamp,
      marker: header.marker,
      payload,
      levelDbov: this.#levelOf(header),
    });
  }

  #askFor(lost: number[]): void {
    const feedback = new GenericNack({ senderSsrc: OUR_SSRC, mediaSourceSsrc: this.#ssrc, lost });
    this.#transport.sendRtcp([new RtcpTransportLayerFeedback({ feedback })]).catch(() => undefined);
  }

  /** RFC 6464 3: one byte, a voice-activity bit and -dBov. */
  #levelOf(header: RtpPacket['header']): number | undefined {
    for (const extension of header.extensions) {
      if (extension.id === this.#audioLevelId) {
        const byte = extension.payload[0];
        return byte === undefined ? undefined : -(byte & 0x7f);
      }
    }
    return undefined;
  }

  #count(sequenceNumber: number, bytes: number): void {
    const stats = this.#stats;
    stats.packets += 1;
    stats.bytes += bytes;
    const delta =
      this.#highestSequenceNumber === undefined ? 1 : sequenceDelta(this.#highestSequenceNumber, sequenceNumber);
    if (delta > 0) {
      stats.packetsLost += delta - 1;
      this.#highestSequenceNumber = sequenceNumber;
    } else if (delta < 0) {
      stats.packetsLost = Math.max(0, stats.packetsLost - 1);
    }
  }
}
