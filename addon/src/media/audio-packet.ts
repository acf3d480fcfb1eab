/** One RTP packet of Opus as the core sees it: nothing of the network, of SRTP or of a peer. */
export interface AudioPacket {
  /** 16 bits, RFC 3550 5.1. */
  readonly sequenceNumber: number;
  /** 32 bits at 48 kHz; 20 ms = 960. */
  readonly timestamp: number;
  /** First packet after silence, RFC 7587 4.1. */
  readonly marker: boolean;
  /** One Opus packet, never copied or changed on its way to receivers; empty is possible and means nothing. */
  readonly payload: Buffer;
  /** Loudness in dBov, 0 to -127 (RFC 6464); undefined when the sender sends none. */
  readonly levelDbov: number | undefined;
}
