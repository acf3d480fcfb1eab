/**
 * SrtpIntake: what of one transport's SRTP and SRTCP gets in. werift 0.25.2 has no replay list (RFC 3711 3.3.2: what an
 * eavesdropper recorded and sends again would be heard again, and after 22 minutes a packet of before moves the rollover
 * counter back for good), keeps a state for every SSRC that a client makes up, and parses any RTCP.
 */
import type { RTCDtlsTransport } from 'werift';
import { ReplayWindow } from './replay-window.ts';
import { readRtcp } from './rtcp-intake.ts';
import { AES_CM_128_HMAC_SHA1_80 } from './srtp-sealer.ts';

/** Of authenticated traffic, or what poses as it. */
export type RefusedMedia = 'forgedMedia' | 'replayedMedia' | 'malformedRtcp';

export interface IntakeEvents {
  /** A packet was signed by the client. */
  authenticated: () => void;
  refused: (kind: RefusedMedia) => void;
}

/** Sources of one client at a time; of more the oldest are forgotten. */
const MAX_SOURCES = 8;
const RTCP_TAG_BYTES = 10;
const RTCP_INDEX_BYTES = 4;
const TWO_TO_16 = 0x1_0000;
/** What werift drops without a word. */
const NOTHING = Buffer.alloc(0);

/** Puts itself in front of werift, once DTLS is up. */
export function guardIntake(transport: RTCDtlsTransport, events: IntakeEvents): void {
  guardRtp(transport, events);
  guardRtcp(transport, events);
}

function guardRtp({ srtp }: RTCDtlsTransport, { authenticated, refused }: IntakeEvents): void {
  const context = srtp.remoteContext;
  const windows = new SourceWindows((ssrc) => void Reflect.deleteProperty(context.srtpSSRCStates, ssrc));
  srtp.decrypt = (datagram) => {
    let decrypted;
    let header;
    try {
      [decrypted, header] = context.decryptRtp(datagram);
    } catch {
      refused('forgedMedia');
      return NOTHING;
    }
    authenticated();
    const state = context.srtpSSRCStates[header.ssrc];
    if (!state) return NOTHING;
    const window = windows.of(header.ssrc);
    const isNew = window.admit(state.rolloverCounter * TWO_TO_16 + header.sequenceNumber);
    // RFC 3711 3.3.1: the next index is estimated from the highest one, not from a late or repeated packet's.
    state.rolloverCounter = Math.floor(window.highest / TWO_TO_16);
    state.lastSequenceNumber = window.highest % TWO_TO_16;
    if (isNew) return decrypted;
    refused('replayedMedia');
    return NOTHING;
  };
}

function guardRtcp(transport: RTCDtlsTransport, { authenticated, refused }: IntakeEvents): void {
  const { srtcp } = transport;
  const context = srtcp.remoteContext;
  const tagBytes = context.profile === AES_CM_128_HMAC_SHA1_80 ? RTCP_TAG_BYTES : 0;
  const windows = new SourceWindows();
  srtcp.decrypt = (datagram) => {
    let decrypted;
    try {
      [decrypted] = context.decryptRTCP(datagram);
    } catch {
      refused('forgedMedia');
      return NOTHING;
    }
    authenticated();
    const index = datagram.readUInt32BE(datagram.length - tagBytes - RTCP_INDEX_BYTES) & 0x7fff_ffff;
    if (!windows.of(datagram.readUInt32BE(4)).admit(index)) {
      refused('replayedMedia');
      return NOTHING;
    }
    const packets = readRtcp(decrypted);
    if (!packets) refused('malformedRtcp');
    for (const packet of packets ?? []) transport.onRtcp.execute(packet);
    return NOTHING;
  };
}

class SourceWindows {
  readonly #windows = new Map<number, ReplayWindow>();
  readonly #forgotten: (ssrc: number) => void;

  constructor(forgotten: (ssrc: number) => void = () => undefined) {
    this.#forgotten = forgotten;
  }

  of(ssrc: number): ReplayWindow {
    let window = this.#windows.get(ssrc);
    if (window) return window;
    const [oldest] = this.#windows.keys();
    if (oldest !== undefined && this.#windows.size >= MAX_SOURCES) {
      this.#windows.delete(oldest);
      this.#forgotten(oldest);
    }
    window = new ReplayWindow();
    this.#windows.set(ssrc, window);
    return window;
  }
}
