/**
 * From an offer to a werift connection with its answer: the one path of senders and receivers, ICE-lite, answering only.
 * What must hold for every peer stands here: no STUN server, our addresses alone, the guard, the DTLS role.
 */
import {
  RTCPeerConnection,
  RTCRtpCodecParameters,
  useAudioLevelIndication,
  useSdesMid,
  type RTCDtlsTransport,
  type RTCRtpTransceiver,
} from 'werift';
import { OfferError } from '../media/ports.ts';
import { finishAnswer } from './answer.ts';
import { decrypts } from './dtls-records.ts';
import { demandKeyProof } from './key-proof.ts';
import { IceGuard, type IceGuardOptions } from './ice-guard.ts';
import { prepareOffer, type OfferDirection } from './offer.ts';
import { guardIntake } from './srtp-intake.ts';
import { repairRollover } from './srtp-rollover.ts';
import { AEAD_AES_128_GCM, AES_CM_128_HMAC_SHA1_80 } from './srtp-sealer.ts';

export interface NetworkOptions {
  /** Host candidates in the order of preference, all served by one UDP socket. */
  addresses: readonly string[];
  /** Binds the sockets to this address instead of all interfaces. */
  bindAddress?: string | undefined;
  /** First and last UDP port; any free one by default. */
  udpPorts?: readonly [number, number] | undefined;
  /** Called for each datagram that a peer does not take. */
  refused?: IceGuardOptions['refused'];
}

export interface OpenConnection {
  connection: RTCPeerConnection;
  transport: RTCDtlsTransport;
  guard: IceGuard;
  /** The accepted sections, in the order of the offer. */
  transceivers: RTCRtpTransceiver[];
  answer: string;
}

/** What we speak: Opus as RFC 7587 names it, with in-band FEC; the payload type follows the client's offer. */
export const opus = new RTCRtpCodecParameters({
  mimeType: 'audio/opus',
  clockRate: 48_000,
  channels: 2,
  parameters: 'minptime=10;useinbandfec=1',
});

/** Rejects with OfferError; nothing is left open then. */
export async function openConnection(
  offer: string,
  direction: OfferDirection,
  maxSections: number,
  network: NetworkOptions,
): Promise<OpenConnection> {
  const prepared = prepareOffer(offer, direction, maxSections);
  const connection = new RTCPeerConnection({
    codecs: { audio: [opus] },
    headerExtensions: { audio: [useAudioLevelIndication(), useSdesMid()] },
    iceServers: [],
    iceLite: true,
    // Its own look through the interfaces is off; one IPv4 socket (IPv6 where there is no IPv4) serves all addresses.
    iceUseIpv4: false,
    iceUseIpv6: false,
    iceAdditionalHostAddresses: network.addresses.slice(0, 1),
    ...(network.bindAddress === undefined ? {} : { iceInterfaceAddresses: bindTo(network.bindAddress) }),
    icePortRange: network.udpPorts ? [network.udpPorts[0], network.udpPorts[1]] : undefined,
    bundlePolicy: 'max-bundle',
  });
  try {
    await connection.setRemoteDescription({ type: 'offer', sdp: prepared.sdp });
    const transceivers = connection.getTransceivers();
    for (const transceiver of transceivers) {
      transceiver.setDirection(direction === 'sends' ? 'recvonly' : 'sendonly');
    }
    const [transport] = connection.dtlsTransports;
    if (!transport) throw new OfferError('bad_offer', 'The offer leads to no transport.');
    // As DTLS client werift sleeps 100 ms before its first flight, so the client of the offer is the DTLS client too.
    transport.role = prepared.dtlsRole;
    preferCheapSrtp(transport);
    await connection.setLocalDescription(await connection.createAnswer());
    const answer = finishAnswer(
      connection.localDescription?.sdp ?? '',
      prepared.sections,
      network.addresses,
      direction,
    );
    const guard = new IceGuard(transport.iceTransport.connection, { refused: network.refused });
    demandKeyProof(transport, () => guard.refuse('unprovenKeys'));
    transport.onStateChange.subscribe((state) => {
      if (state !== 'connected') return;
      guard.decrypts = (record) => decrypts(transport, record);
      repairRollover(transport);
      guardIntake(transport, {
        authenticated: () => (guard.handshakeOver = true),
        refused: (kind) => guard.refuse(kind),
      });
    });
    return { connection, transport, guard, transceivers, answer };
  } catch (error) {
    await connection.close().catch(() => undefined);
    if (error instanceof OfferError) throw error;
    throw new OfferError('bad_offer', 'The offer was not understood.', { cause: error });
  }
}

/** werift prefers AES-GCM, for which Node needs a new cipher object per packet; see srtp-sealer.ts. */
function preferCheapSrtp(transport: RTCDtlsTransport): void {
  const { srtpProfiles } = transport as unknown as { srtpProfiles?: number[] };
  if (!Array.isArray(srtpProfiles)) throw new Error('werift has changed: RTCDtlsTransport.srtpProfiles is gone.');
  Object.assign(transport, { srtpProfiles: [AES_CM_128_HMAC_SHA1_80, AEAD_AES_128_GCM] });
}

function bindTo(address: string): { udp4?: string; udp6?: string } {
  return address.includes(':') ? { udp6: address } : { udp4: address };
}
