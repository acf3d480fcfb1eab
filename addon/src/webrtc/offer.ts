/**
 * Reads a client's offer and makes of it what werift gets: only the audio sections we accept, without candidates (the
 * client's checks arrive as peer-reflexive; a `.local` name would start an mDNS look-up) and with Firefox's
 * `bundle-only` port 0 made 9, which werift would take for rejected. Other sections are refused in the answer.
 */
import { parse, write } from 'sdp-transform';
import { OfferError } from '../media/ports.ts';

/** RFC 4566 sections of one offer, as sdp-transform reads them. */
type Media = ReturnType<typeof parse>['media'][number];

/** Which way the accepted sections carry audio, seen from the client. */
export type OfferDirection = 'sends' | 'receives';

export interface PreparedOffer {
  /** For werift. */
  sdp: string;
  /** Every section of the client's offer, in its order. */
  sections: readonly OfferSection[];
  /** Our DTLS role: `server` unless the client insists on being the server itself. */
  dtlsRole: 'server' | 'client';
}

export interface OfferSection {
  /** Undefined when the offer names none; then it is the only accepted one. */
  mid: string | undefined;
  kind: string;
  protocol: string;
  formats: string;
  accepted: boolean;
  /** The client will ask again for packets that were lost (RFC 4585 4.2). */
  nacks: boolean;
}

/** Opus, RFC 7587 4.1: always 48000/2, whatever is inside. */
const OPUS_RATE_HZ = 48_000;

const NOWHERE = '0.0.0.0';

/** Throws OfferError. `maxSections` accepted sections at most, further ones are refused. */
export function prepareOffer(offer: string, direction: OfferDirection, maxSections: number): PreparedOffer {
  const session = parseSdp(offer);
  const audio = session.media.filter((media) => media.type === 'audio' && isOffered(media));
  if (audio.length === 0) throw new OfferError('bad_offer', 'The offer has no audio section.');
  const flowing = audio.filter((media) => flows(media.direction ?? session.direction ?? 'sendrecv', direction));
  if (flowing.length === 0) {
    const wanted = direction === 'sends' ? 'sendonly (or sendrecv)' : 'recvonly (or sendrecv)';
    throw new OfferError('bad_offer', `No audio section of the offer is ${wanted}.`);
  }
  const withOpus = flowing.filter(hasOpus);
  if (withOpus.length === 0)
    throw new OfferError('no_opus', 'The offer has no Opus at 48 kHz; nothing else is spoken.');
  const accepted = withOpus.slice(0, maxSections);
  const setup = accepted[0]?.setup ?? session.setup ?? 'actpass';
  checkTransport(session, accepted);
  const sections = session.media.map((media) => ({
    mid: textOf(media.mid),
    kind: media.type,
    protocol: media.protocol,
    formats: textOf(media.payloads) ?? '0',
    accepted: accepted.includes(media),
    nacks: (media.rtcpFb ?? []).some((feedback) => feedback.type === 'nack' && feedback.subtype === undefined),
  }));
  const mids = accepted.map((media, index) => (media.mid = textOf(media.mid) ?? String(index)));
  if (new Set(mids).size !== mids.length) throw new OfferError('bad_offer', 'Two sections of the offer share a mid.');
  for (const media of accepted) {
    media.port = 9;
    media.setup = setup;
  }
  for (const part of [session, ...accepted]) withoutAddresses(part);
  session.origin = { username: '-', sessionId: 0, sessionVersion: 0, netType: 'IN', ipVer: 4, address: NOWHERE };
  session.media = accepted;
  session.groups = [{ type: 'BUNDLE', mids: mids.join(' ') }];
  return { sdp: write(session), sections, dtlsRole: setup === 'passive' ? 'client' : 'server' };
}

function parseSdp(offer: string): ReturnType<typeof parse> {
  if (!offer.startsWith('v=0'))
    throw new OfferError('bad_offer', 'The offer is no SDP (it does not begin with "v=0").');
  try {
    return parse(offer);
  } catch (error) {
    throw new OfferError('bad_offer', 'The offer is no SDP.', { cause: error });
  }
}

/** Nor is passed on what even sdp-transform cannot read: garbage, or attributes of no concern. */
function withoutAddresses(part: Partial<Media>): void {
  delete part.candidates;
  delete part.endOfCandidates;
  delete part.remoteCandidates;
  delete part.rtcp;
  delete part.invalid;
  if (part.connection) part.connection = { version: 4, ip: NOWHERE };
}

/** sdp-transform makes numbers of texts that look like one, whatever its types say. */
function textOf(value: string | number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

/** Port 0 is a section the client took back, unless it rides on another one (RFC 9143 6). */
function isOffered(media: Media): boolean {
  return media.port !== 0 || media.bundleOnly !== undefined;
}

function flows(direction: string, wanted: OfferDirection): boolean {
  return direction === 'sendrecv' || direction === (wanted === 'sends' ? 'sendonly' : 'recvonly');
}

function hasOpus(media: Media): boolean {
  return media.rtp.some((codec) => codec.codec.toLowerCase() === 'opus' && codec.rate === OPUS_RATE_HZ);
}

function checkTransport(session: ReturnType<typeof parse>, accepted: readonly Media[]): void {
  for (const media of accepted) {
    if (!/^(UDP|TCP)\/TLS\/RTP\/SAVPF?$/.test(media.protocol)) {
      throw new OfferError('bad_offer', `The audio section is ${media.protocol.slice(0, 40)}, not UDP/TLS/RTP/SAVPF.`);
    }
    if ((media.iceUfrag ?? session.iceUfrag) === undefined || (media.icePwd ?? session.icePwd) === undefined) {
      throw new OfferError('bad_offer', 'The offer has no ICE credentials (a=ice-ufrag, a=ice-pwd).');
    }
    if ((media.fingerprint ?? session.fingerprint) === undefined) {
      throw new OfferError('bad_offer', 'The offer has no DTLS fingerprint (a=fingerprint).');
    }
  }
}
