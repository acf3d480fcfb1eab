/**
 * Whether the other end has proved that it holds the key of its certificate, whose fingerprint the offer named. werift 0.25.2
 * reads that proof and does not look at it: not at a client's CertificateVerify (RFC 5246 7.4.8), nor at a server's signature of its
 * key exchange (RFC 8422 5.4). Certificates are no secret, so whoever can change packets on the way could agree on keys with us under
 * the client's certificate. werift also takes the newest of several key exchanges, but keeps the first for the transcript: what was
 * agreed upon must be what was signed.
 */
import { timingSafeEqual, verify, X509Certificate } from 'node:crypto';
import type { RTCDtlsTransport } from 'werift';

interface Handshake {
  readonly msg_type: number;
  /** Its body. */
  readonly fragment: Buffer;
  /** With its header, as it counts for the transcript. */
  serialize(): Buffer;
}

/** What werift hides of a DTLS connection. */
interface Handshaken {
  readonly sessionType: number;
  readonly dtls: {
    /** By flight. In each the first message of a kind, whatever came after it. */
    readonly handshakeCache: Readonly<Record<number, { readonly data: readonly Handshake[] }>>;
    readonly sortedHandshakeCache: readonly Handshake[];
  };
  readonly cipher: {
    readonly remoteCertificate?: Buffer;
    readonly remoteKeyPair?: { readonly publicKey?: Buffer };
    readonly localRandom?: { serialize(): Buffer };
    readonly remoteRandom?: { serialize(): Buffer };
  };
}

const CERTIFICATE = 11;
const SERVER_KEY_EXCHANGE = 12;
const CERTIFICATE_VERIFY = 15;
const CLIENT_KEY_EXCHANGE = 16;
/** werift's name for our own end. */
const SERVER = 2;
/** Where werift keeps what comes from the other end with its certificate: of a client in the fifth flight, of a server in the fourth. */
const FLIGHT_OF_CLIENT = 5;
const FLIGHT_OF_SERVER = 4;
/** Of hash and signature algorithm, one byte each, in DTLS 1.2: what werift asks for has SHA-256. */
const HASHES = new Map([
  [4, 'sha256'],
  [5, 'sha384'],
  [6, 'sha512'],
]);
const KEY_TYPES = new Map([
  [1, 'rsa'],
  [3, 'ec'],
]);

/**
 * Werift checks the fingerprint as the last thing before media may flow; from now on the proof is checked with it, and a peer
 * without one fails as one with another fingerprint does. `unproven` is called then.
 */
export function demandKeyProof(transport: RTCDtlsTransport, unproven: () => void): void {
  const checking = transport as unknown as { verifyRemoteCertificateFingerprint?: () => void };
  const checkFingerprint = checking.verifyRemoteCertificateFingerprint;
  if (typeof checkFingerprint !== 'function')
    throw new Error('werift has changed: it checks the fingerprint elsewhere.');
  checking.verifyRemoteCertificateFingerprint = () => {
    checkFingerprint.call(transport);
    if (isKeyProved(transport)) return;
    unproven();
    throw new Error('The other end has not proved that it holds the key of its certificate.');
  };
}

/** Of a transport whose handshake is done. */
export function isKeyProved(transport: RTCDtlsTransport): boolean {
  const { dtls } = transport as unknown as { dtls?: Handshaken };
  if (dtls === undefined) return false;
  try {
    const weAreServer = dtls.sessionType === SERVER;
    const theirs = messagesOf(dtls, weAreServer ? FLIGHT_OF_CLIENT : FLIGHT_OF_SERVER);
    if (!isSame(certificateOf(theirs), dtls.cipher.remoteCertificate)) return false;
    return weAreServer ? isClientProved(dtls, theirs) : isServerProved(dtls, theirs);
  } catch {
    // A message that is not there, or is cut short, or a key of another kind.
    return false;
  }
}

/** Bodies by kind. */
type Messages = ReadonlyMap<number, Buffer>;

function messagesOf({ dtls }: Handshaken, flight: number): Messages {
  return new Map(dtls.handshakeCache[flight]?.data.map(({ msg_type, fragment }) => [msg_type, fragment]));
}

/** The signature is of all messages before it. */
function isClientProved({ dtls, cipher }: Handshaken, theirs: Messages): boolean {
  const proof = bodyOf(theirs, CERTIFICATE_VERIFY);
  const exchange = bodyOf(theirs, CLIENT_KEY_EXCHANGE);
  if (!isSame(readVector(exchange, 0, 1), cipher.remoteKeyPair?.publicKey)) return false;
  const all = dtls.sortedHandshakeCache;
  const before = all.slice(
    0,
    all.findIndex(({ msg_type }) => msg_type === CERTIFICATE_VERIFY),
  );
  const signed = Buffer.concat(before.map((message) => message.serialize()));
  return isSigned(cipher.remoteCertificate, proof.subarray(0, 2), signed, readVector(proof, 2, 2));
}

/** The signature is of both randoms, the curve and the key; the curve takes three bytes. */
function isServerProved({ cipher }: Handshaken, theirs: Messages): boolean {
  const exchange = bodyOf(theirs, SERVER_KEY_EXCHANGE);
  const key = readVector(exchange, 3, 1);
  if (!isSame(key, cipher.remoteKeyPair?.publicKey)) return false;
  const end = 4 + key.length;
  const { localRandom, remoteRandom } = cipher;
  if (!localRandom || !remoteRandom) return false;
  const signed = Buffer.concat([localRandom.serialize(), remoteRandom.serialize(), exchange.subarray(0, end)]);
  const algorithm = exchange.subarray(end, end + 2);
  return isSigned(cipher.remoteCertificate, algorithm, signed, readVector(exchange, end + 2, 2));
}

function isSigned(certificate: Buffer | undefined, algorithm: Buffer, signed: Buffer, signature: Buffer): boolean {
  const [hash = 0, kind = 0] = algorithm;
  const digest = HASHES.get(hash);
  if (!certificate || digest === undefined) return false;
  const { publicKey } = new X509Certificate(certificate);
  return publicKey.asymmetricKeyType === KEY_TYPES.get(kind) && verify(digest, signed, publicKey, signature);
}

/** The first of the list is the one's own. */
function certificateOf(theirs: Messages): Buffer {
  return readVector(readVector(bodyOf(theirs, CERTIFICATE), 0, 3), 0, 3);
}

function bodyOf(theirs: Messages, kind: number): Buffer {
  const body = theirs.get(kind);
  if (!body) throw new RangeError(`There is no handshake message ${kind}.`);
  return body;
}

/** Bytes that stand behind their length, which takes `lengthBytes`. */
function readVector(data: Buffer, at: number, lengthBytes: number): Buffer {
  const from = at + lengthBytes;
  const end = from + data.readUIntBE(at, lengthBytes);
  if (end > data.length) throw new RangeError('cut short');
  return data.subarray(from, end);
}

function isSame(one: Buffer, other: Buffer | undefined): boolean {
  return other !== undefined && one.length === other.length && timingSafeEqual(one, other);
}
