import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { RtpHeader, SrtpSession } from 'werift';
import {
  AEAD_AES_128_GCM,
  AES_CM_128_HMAC_SHA1_80,
  AesCmSealer,
  AesGcmSealer,
  type SrtpSealer,
} from '../../../src/webrtc/srtp-sealer.ts';

const SSRC = 0xdeadbeef;
const bytes = (count: number, seed: number): Buffer =>
  Buffer.from(Array.from({ length: count }, (_, index) => (index * 7 + seed * 13) & 0xff));
const headerOf = (index: number): Buffer =>
  new RtpHeader({
    sequenceNumber: index & 0xffff,
    timestamp: (index * 960) >>> 0,
    ssrc: SSRC,
    payloadType: 111,
    extension: true,
    extensionProfile: 0xbede,
    extensions: [{ id: 1, payload: Buffer.from('0') }],
  }).serialize(20);

/** The other end, as werift implements it: what it decrypts in this order. */
function pair(profile: number): { sealer: SrtpSealer; decrypt: (datagram: Buffer) => Buffer } {
  const keyBytes = 16;
  const saltBytes = profile === AEAD_AES_128_GCM ? 12 : 14;
  const [localMasterKey, localMasterSalt] = [bytes(keyBytes, 1), bytes(saltBytes, 2)];
  const theirs = { remoteMasterKey: bytes(keyBytes, 3), remoteMasterSalt: bytes(saltBytes, 4) };
  const ours = new SrtpSession({ profile, keys: { localMasterKey, localMasterSalt, ...theirs } });
  const other = new SrtpSession({
    profile,
    keys: {
      localMasterKey: theirs.remoteMasterKey,
      localMasterSalt: theirs.remoteMasterSalt,
      remoteMasterKey: localMasterKey,
      remoteMasterSalt: localMasterSalt,
    },
  });
  const context = ours.localContext;
  const keys = {
    encryptionKey: context.srtpSessionKey,
    authenticationKey: context.srtpSessionAuthTag,
    salt: context.srtpSessionSalt,
    ssrc: SSRC,
  };
  const sealer = profile === AEAD_AES_128_GCM ? new AesGcmSealer(keys) : new AesCmSealer(keys);
  return { sealer, decrypt: (datagram) => other.decrypt(datagram) };
}

describe.each([
  ['AES_CM_128_HMAC_SHA1_80', AES_CM_128_HMAC_SHA1_80],
  ['AEAD_AES_128_GCM', AEAD_AES_128_GCM],
])('%s', (_name, profile) => {
  test('werift decrypts packets of all lengths, over the wrap of the sequence number, with gaps', () => {
    const { sealer, decrypt } = pair(profile);
    let index = 65_000;
    for (let n = 0; n < 1200; n += 1) {
      const payload = bytes(n % 300, n);
      const header = headerOf(index);
      expect(decrypt(sealer.seal(header, payload, index))).toEqual(Buffer.concat([header, payload]));
      index += n % 40 === 0 ? 17 : 1;
    }
    expect(index).toBeGreaterThan(65_536);
  });

  test('late packets and one of the largest that UDP carries', () => {
    const { sealer, decrypt } = pair(profile);
    for (const [index, length] of [
      [100, 80],
      [103, 1400],
      [101, 120],
      [102, 64_000],
      [104, 0],
      [105, 60],
    ] as const) {
      const header = headerOf(index);
      const payload = bytes(length, index);
      expect(decrypt(sealer.seal(header, payload, index))).toEqual(Buffer.concat([header, payload]));
    }
  });

  test('the same packet again is the same datagram', () => {
    const { sealer } = pair(profile);
    const first = sealer.seal(headerOf(7), bytes(100, 7), 7);
    for (let index = 8; index < 60; index += 1) sealer.seal(headerOf(index), bytes(100, index), index);
    expect(sealer.seal(headerOf(7), bytes(100, 7), 7)).toEqual(first);
  });
});

test('RFC 3711 B.2: the keystream of the first packet', () => {
  const authenticationKey = bytes(20, 5);
  const sealer = new AesCmSealer({
    encryptionKey: Buffer.from('2B7E151628AED2A6ABF7158809CF4F3C', 'hex'),
    salt: Buffer.from('F0F1F2F3F4F5F6F7F8F9FAFBFCFD', 'hex'),
    authenticationKey,
    ssrc: 0,
  });
  const header = headerOf(0);
  const datagram = sealer.seal(header, Buffer.alloc(48), 0);
  const body = datagram.subarray(0, -10);
  expect(body.subarray(header.length).toString('hex').toUpperCase()).toBe(
    'E03EAD0935C95E80E166B16DD92B4EB4D23513162B02D0F72A43A2FE4A5F97AB41E95B3BB0A2E8DD477901E4FCA894C0',
  );
  const tag = createHmac('sha1', authenticationKey).update(body).update(Buffer.alloc(4)).digest().subarray(0, 10);
  expect(datagram.subarray(-10)).toEqual(tag);
});

test('a bit that was changed on the way is noticed', () => {
  const { sealer, decrypt } = pair(AES_CM_128_HMAC_SHA1_80);
  const datagram = sealer.seal(headerOf(1), bytes(100, 1), 1);
  datagram[50]! ^= 1;
  expect(() => decrypt(datagram)).toThrow();
});
