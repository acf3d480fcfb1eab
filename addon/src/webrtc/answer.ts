/** Finishes werift's answer: our addresses as its only candidates, and the refused sections back in their places. */
import { parse, write } from 'sdp-transform';
import { OfferError } from '../media/ports.ts';
import type { OfferDirection, OfferSection } from './offer.ts';

/**
 * What we ask of who speaks (RFC 8866 6.4), half of what is usual: a browser sends a packet only when its last sample has been
 * spoken, and keeps fewer of them waiting before they are heard. Mouth to ear is 15 ms less (bench mouth-variants).
 */
const PTIME_MS = 10;

/**
 * One UDP socket, bound to all interfaces, serves every address: each is a candidate with the socket's port, the first
 * address preferred. Throws OfferError when werift got no socket (it says nothing when a port range is used up).
 */
export function finishAnswer(
  answer: string,
  sections: readonly OfferSection[],
  addresses: readonly string[],
  direction: OfferDirection,
): string {
  const session = parse(answer);
  const port = session.media[0]?.candidates?.find((candidate) => candidate.transport.toLowerCase() === 'udp')?.port;
  if (port === undefined) {
    throw new OfferError('server_full', 'The server has no free UDP port left.', { limit: 'udp_ports' });
  }
  const candidates = addresses.map((address, index) => ({
    foundation: String(index + 1),
    component: 1,
    transport: 'udp',
    // RFC 8445 5.1.2.1: type preference 126 (host), local preference falling with the order of the addresses.
    priority: 126 * 2 ** 24 + (65_535 - index) * 2 ** 8 + 255,
    ip: address,
    port,
    type: 'host',
  }));
  // werift writes a=ice-lite into the sections, where RFC 8839 5.3 does not have it and libwebrtc does not read it. It stays
  // there: told at session level, Chromium nominates one check later and connects after 100 ms instead of 50 (bench join).
  const accepted = [...session.media];
  for (const [index, media] of accepted.entries()) {
    if (index === 0) {
      media.candidates = candidates;
      media.endOfCandidates = 'end-of-candidates';
    } else {
      delete media.candidates;
      delete media.endOfCandidates;
    }
  }
  // GStreamer throws an answer away that lacks one of these in any section, refused or not.
  const { setup, fingerprint, iceUfrag, icePwd } = accepted[0] ?? {};
  const transport = Object.fromEntries(
    Object.entries({ setup, fingerprint, iceUfrag, icePwd }).filter(([, value]) => value !== undefined),
  );
  session.media = sections.map((section) => {
    const media = section.accepted ? accepted.shift() : undefined;
    if (media) {
      if (direction === 'sends') media.ptime = PTIME_MS;
      // RFC 4585 4.2: what the offer lacks an answer may not have.
      if (section.nacks) media.rtcpFb = media.rtp.map(({ payload }) => ({ payload, type: 'nack' }));
      return media;
    }
    return {
      type: section.kind,
      port: 0,
      protocol: section.protocol,
      payloads: refusedFormats(section),
      connection: { version: 4, ip: '0.0.0.0' },
      direction: 'inactive',
      rtp: [],
      fmtp: [],
      ...transport,
      ...(section.mid === undefined ? {} : { mid: section.mid }),
    };
  });
  return write(session);
}

/**
 * `0`, as browsers write it. Echoed numbers would need their rtpmap lines: pion, thus go2rtc, throws an answer away
 * whose numbers name no codec.
 */
function refusedFormats({ protocol, formats }: OfferSection): string {
  return protocol.includes('RTP') ? '0' : formats;
}
