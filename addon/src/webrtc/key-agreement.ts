/**
 * werift 0.25.2 computes DTLS' key agreement in JavaScript: a P-256 handshake stands in the way of all packets for 16 ms
 * (the first for 150), an X25519 one for 1.3 ms (the first for 20). OpenSSL needs half a millisecond, so werift's two libraries are
 * given its results here. What is agreed upon is the same; tests compare it with the libraries' own.
 */
import { createECDH, createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';
import nacl from 'tweetnacl';

const P256 = 'prime256v1';
/** RFC 8410: what stands before the 32 bytes of a private key. */
const X25519_PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex');

let isDone = false;

/** For the whole process; a second call changes nothing. */
export function agreeOnKeysByOpenSsl(): void {
  if (isDone) return;
  isDone = true;
  nacl.box.keyPair = Object.assign(x25519KeyPair, nacl.box.keyPair);
  nacl.scalarMult = Object.assign(x25519Secret, nacl.scalarMult);
  Object.assign(p256.utils, { randomPrivateKey: p256PrivateKey });
  Object.assign(p256, { getPublicKey: p256PublicKey, getSharedSecret: p256Secret });
}

/** As JWK (RFC 8037), which Node reads and writes ten times as fast as DER. */
function x25519KeyPair(): nacl.BoxKeyPair {
  const { d = '', x = '' } = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' });
  return { publicKey: bytesOf(x), secretKey: bytesOf(d) };
}

/** Throws for a point of low order, which would make the secret zero (RFC 7748 6.1); tweetnacl took it. */
function x25519Secret(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const x = Buffer.from(publicKey).toString('base64url');
  return diffieHellman({
    privateKey: createPrivateKey({ key: Buffer.concat([X25519_PKCS8, secretKey]), format: 'der', type: 'pkcs8' }),
    publicKey: createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' }),
  });
}

/** An ArrayBuffer of its own: werift reads all of it. */
function bytesOf(base64url: string): Uint8Array {
  return Uint8Array.from(Buffer.from(base64url, 'base64url'));
}

function p256PrivateKey(): Uint8Array {
  const ecdh = createECDH(P256);
  ecdh.generateKeys();
  return ecdh.getPrivateKey();
}

function p256PublicKey(privateKey: Uint8Array, isCompressed = true): Uint8Array {
  const ecdh = createECDH(P256);
  ecdh.setPrivateKey(privateKey);
  return ecdh.getPublicKey(null, isCompressed ? 'compressed' : 'uncompressed');
}

/** As a point, whose first byte werift cuts off. */
function p256Secret(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const ecdh = createECDH(P256);
  ecdh.setPrivateKey(privateKey);
  return Buffer.concat([Buffer.of(0), ecdh.computeSecret(publicKey)]);
}
