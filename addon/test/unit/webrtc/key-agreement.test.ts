import { createRequire } from 'node:module';
import { p256 } from '@noble/curves/nist.js';
import nacl from 'tweetnacl';
import { expect, test } from 'vitest';
import { agreeOnKeysByOpenSsl } from '../../../src/webrtc/key-agreement.ts';

/** The libraries' own, from before. */
const js = {
  x25519KeyPair: nacl.box.keyPair,
  x25519Secret: nacl.scalarMult,
  p256PublicKey: p256.getPublicKey.bind(p256),
  p256Secret: p256.getSharedSecret.bind(p256),
  p256PrivateKey: p256.utils.randomSecretKey.bind(p256.utils),
};
agreeOnKeysByOpenSsl();
/** What werift calls; the library has a newer name for it. */
const privateKeyOf = (p256.utils as unknown as Record<string, () => Uint8Array>)['randomPrivateKey']!;

test('X25519: the secret is the one that the library at the other end computes', () => {
  expect(nacl.scalarMult).not.toBe(js.x25519Secret);
  const [ours, theirs] = [nacl.box.keyPair(), js.x25519KeyPair()];
  const secret = nacl.scalarMult(ours.secretKey, theirs.publicKey);
  expect(Buffer.from(secret)).toEqual(Buffer.from(js.x25519Secret(theirs.secretKey, ours.publicKey)));
  // werift makes Buffers of the whole memory of each key.
  expect([ours.publicKey.buffer.byteLength, ours.secretKey.buffer.byteLength]).toEqual([32, 32]);
});

test('P-256: the same, also for private keys that begin with zeros', () => {
  for (let n = 0; n < 300; n += 1) {
    const privateKey = privateKeyOf();
    const publicKey = p256.getPublicKey(privateKey, false);
    expect(publicKey).toHaveLength(65);
    if (n > 0 && privateKey.length === 32) continue;
    const theirs = js.p256PrivateKey();
    const secret = Buffer.from(p256.getSharedSecret(privateKey, js.p256PublicKey(theirs, false))).subarray(1);
    expect(secret).toEqual(Buffer.from(js.p256Secret(theirs, publicKey)).subarray(1));
  }
});

test('a point that gives the secret away, or none at all, is refused', () => {
  const { secretKey } = nacl.box.keyPair();
  expect(() => nacl.scalarMult(secretKey, new Uint8Array(32))).toThrow();
  expect(() => nacl.scalarMult(secretKey, new Uint8Array(31))).toThrow();
  expect(() => p256.getSharedSecret(privateKeyOf(), Buffer.alloc(65, 4))).toThrow();
});

test('they are the very copies that werift uses', () => {
  const ours = createRequire(import.meta.url);
  const weriftsOwn = createRequire(ours.resolve('werift'));
  for (const name of ['tweetnacl', '@noble/curves/nist.js']) expect(weriftsOwn.resolve(name)).toBe(ours.resolve(name));
});
