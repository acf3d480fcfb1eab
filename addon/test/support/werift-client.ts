/**
 * A WebRTC client on werift's full ICE agent, for tests of the relay without a browser. It offers, as cards do, and sends
 * or hears RTP whose payloads the test chooses.
 */
import {
  RTCPeerConnection,
  RTCRtpCodecParameters,
  RtpHeader,
  RtpPacket,
  useAudioLevelIndication,
  useSdesMid,
  type MediaStreamTrack,
  type RTCCertificate,
} from 'werift';
import { once } from './once.ts';

export interface HeardPacket {
  mid: string;
  sequenceNumber: number;
  timestamp: number;
  ssrc: number;
  payloadType: number;
  marker: boolean;
  payload: Buffer;
}

export interface WeriftClientOptions {
  payloadType?: number;
  /** Audio sections of a receiver. Default 1. */
  sections?: number;
  /** Shown in DTLS, with the key that signs there. Default: one of all clients of this process. */
  certificate?: RTCCertificate | undefined;
  /** Takes what is heard in place of `heard`, which keeps all. */
  onHeard?: (packet: HeardPacket) => void;
}

const AUDIO_LEVEL_URI = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';

export function openClient(direction: 'sendonly' | 'recvonly', options: WeriftClientOptions = {}): WeriftClient {
  return new WeriftClient(direction, options);
}

export class WeriftClient {
  readonly connection: RTCPeerConnection;
  readonly heard: HeardPacket[] = [];
  /** How loud its packets say they are, 0 to -127 (RFC 6464); undefined: they do not. */
  levelDbov: number | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #keep: (packet: HeardPacket) => void;
  readonly #direction: 'sendonly' | 'recvonly';

  constructor(direction: 'sendonly' | 'recvonly', options: WeriftClientOptions) {
    this.#direction = direction;
    this.#keep = options.onHeard ?? ((packet) => void this.heard.push(packet));
    this.connection = new RTCPeerConnection({
      codecs: {
        audio: [
          new RTCRtpCodecParameters({
            mimeType: 'audio/opus',
            clockRate: 48_000,
            channels: 2,
            payloadType: options.payloadType ?? 111,
          }),
        ],
      },
      headerExtensions: { audio: [useSdesMid(), useAudioLevelIndication()] },
      iceServers: [],
      iceUseIpv4: false,
      iceUseIpv6: false,
      iceAdditionalHostAddresses: ['127.0.0.1'],
      iceStunGatherTimeout: 0.05,
      bundlePolicy: 'max-bundle',
      ...(options.certificate && { certificates: [options.certificate] }),
    });
    for (let section = 0; section < (options.sections ?? 1); section += 1) {
      this.connection.addTransceiver('audio', { direction });
    }
    this.connection.onTrack.subscribe((track) => this.#hear(track));
  }

  /** The offer, complete with candidates. */
  async offer(): Promise<string> {
    await this.connection.setLocalDescription(await this.connection.createOffer());
    return this.connection.localDescription?.sdp ?? '';
  }

  /** Takes the answer and resolves once media can flow. */
  async accept(answer: string): Promise<void> {
    const [transport] = this.connection.dtlsTransports;
    if (!transport) throw new Error('the client has no transport');
    const connected =
      transport.state === 'connected'
        ? Promise.resolve()
        : once<unknown>((resolve, reject) => {
            transport.onStateChange.subscribe((state) => {
              if (state === 'connected') resolve(state);
              else if (state === 'failed' || state === 'closed') reject(new Error(`DTLS is ${state}`));
            });
          }, 'DTLS connected');
    await this.connection.setRemoteDescription({ type: 'answer', sdp: answer });
    await connected;
  }

  /** Sends one RTP packet of 20 ms. */
  async send(
    sequenceNumber: number,
    payload: Buffer = Buffer.from(`packet ${sequenceNumber}`),
    timestamp = (sequenceNumber * 960) >>> 0,
  ): Promise<void> {
    const [transceiver] = this.connection.getTransceivers();
    const level = transceiver?.headerExtensions.find(({ uri }) => uri === AUDIO_LEVEL_URI);
    const extensions =
      level === undefined || this.levelDbov === undefined
        ? []
        : [{ id: level.id, payload: Buffer.from([0x80 | -this.levelDbov]) }];
    const header = new RtpHeader({ sequenceNumber, timestamp, extensions });
    await transceiver?.sender.sendRtp(new RtpPacket(header, payload));
  }

  /** Resolves with the packets heard once there are `count` of them (of those that `matches`). */
  waitForHeard(count: number, matches: (packet: HeardPacket) => boolean = () => true): Promise<HeardPacket[]> {
    const found = (): HeardPacket[] => this.heard.filter(matches);
    if (found().length >= count) return Promise.resolve(found());
    return once<HeardPacket[]>((resolve) => {
      const listener = (): void => {
        if (found().length >= count) {
          this.#listeners.delete(listener);
          resolve(found());
        }
      };
      this.#listeners.add(listener);
    }, `${count} packets heard (${this.#direction})`);
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  #hear(track: MediaStreamTrack): void {
    track.onReceiveRtp.subscribe(({ header, payload }) => {
      const transceiver = this.connection
        .getTransceivers()
        .find((candidate) => candidate.receiver.tracks.includes(track));
      this.#keep({
        mid: transceiver?.mid ?? '',
        sequenceNumber: header.sequenceNumber,
        timestamp: header.timestamp,
        ssrc: header.ssrc,
        payloadType: header.payloadType,
        marker: header.marker,
        payload,
      });
      for (const listener of [...this.#listeners]) listener();
    });
  }
}
