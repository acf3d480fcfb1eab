/**
 * SrtpSealer: makes SRTP datagrams of one transport's RTP packets, cheaply: no cipher object per packet. Node's ciphers cost
 * more to create than to run on 100 bytes (GCM 5 us of 6), so AES-CM's keystream comes from one lasting AES-ECB object, many
 * packets at a time (it depends on the packet's number alone), and HMAC-SHA1 from two one-shot hashes. Verified by tests
 * against RFC 3711's vectors and werift's own decryption. Peers that insist on AES-GCM get Node's GCM.
 */
import { createCipheriv, createSecretKey, hash, type Cipher, type KeyObject } from 'node:crypto';
import type { RTCDtlsTransport } from 'werift';

export interface SrtpSealer {
  /**
   * The datagram of one packet. `index` is RFC 3711's 48 bits: rollover counter and sequence number. Never call it with one
   * index for two different payloads: both would lie open.
   */
  seal(header: Uint8Array, payload: Uint8Array, index: number): Buffer;
}

export interface SrtpKeys {
  encryptionKey: Buffer;
  authenticationKey: Buffer;
  salt: Buffer;
  ssrc: number;
}

/** DTLS-SRTP's name of the profile, RFC 5764 4.1.2. */
export const AES_CM_128_HMAC_SHA1_80 = 1;
export const AEAD_AES_128_GCM = 7;

const BLOCK_BYTES = 16;
const SHA1_BLOCK_BYTES = 64;
const SHA1_BYTES = 20;
const AUTH_TAG_BYTES = 10;
const ROC_BYTES = 4;
/** A UDP datagram is no longer. */
const MAX_PACKET_BYTES = 65_536;
/** Packets whose keystream is made at once: above this it only takes memory. */
const BATCH_PACKETS = 16;
/** Keystream beyond the packet that asked, as the next ones may be longer. */
const SPARE_BLOCKS = 2;
const TWO_TO_16 = 0x1_0000;

/** Working space of all sealers: a call leaves nothing in it that the next one reads. */
const inner = Buffer.alloc(SHA1_BLOCK_BYTES + MAX_PACKET_BYTES + ROC_BYTES);
const outer = Buffer.alloc(SHA1_BLOCK_BYTES + SHA1_BYTES);
let counterSpace = Buffer.alloc(0);

/** For what `ssrc` sends on a transport that is connected. */
export function sealerOf(transport: RTCDtlsTransport, ssrc: number): SrtpSealer {
  const context = transport.srtp.localContext;
  const keys = {
    encryptionKey: context.srtpSessionKey,
    authenticationKey: context.srtpSessionAuthTag,
    salt: context.srtpSessionSalt,
    ssrc,
  };
  return context.profile === AES_CM_128_HMAC_SHA1_80 ? new AesCmSealer(keys) : new AesGcmSealer(keys);
}

/** AES_CM_128_HMAC_SHA1_80 (RFC 3711), which every WebRTC client speaks. */
export class AesCmSealer implements SrtpSealer {
  readonly #ecb: Cipher;
  /** Of packet 0: salt and SSRC, RFC 3711 4.1.1. */
  readonly #iv: Buffer;
  readonly #innerPad: Buffer;
  readonly #outerPad: Buffer;
  #keystream: Buffer = Buffer.alloc(0);
  #firstIndex = 0;
  #packetBytes = 0;

  constructor({ encryptionKey, authenticationKey, salt, ssrc }: SrtpKeys) {
    this.#ecb = createCipheriv('aes-128-ecb', encryptionKey, null).setAutoPadding(false);
    this.#iv = Buffer.alloc(BLOCK_BYTES);
    salt.copy(this.#iv);
    this.#iv.writeUInt32BE((this.#iv.readUInt32BE(4) ^ ssrc) >>> 0, 4);
    this.#innerPad = padOf(authenticationKey, 0x36);
    this.#outerPad = padOf(authenticationKey, 0x5c);
  }

  seal(header: Uint8Array, payload: Uint8Array, index: number): Buffer {
    const payloadAt = SHA1_BLOCK_BYTES + header.length;
    const end = payloadAt + payload.length;
    inner.set(this.#innerPad, 0);
    inner.set(header, SHA1_BLOCK_BYTES);
    this.#encrypt(payload, payloadAt, index);
    inner.writeUInt32BE(Math.floor(index / TWO_TO_16), end);
    // As text: a string of 20 characters costs a fraction of a Buffer.
    outer.set(this.#outerPad, 0);
    outer.write(hash('sha1', inner.subarray(0, end + ROC_BYTES), 'binary'), SHA1_BLOCK_BYTES, SHA1_BYTES, 'latin1');
    const tag = hash('sha1', outer, 'binary');
    const packetBytes = end - SHA1_BLOCK_BYTES;
    const datagram = Buffer.allocUnsafe(packetBytes + AUTH_TAG_BYTES);
    // Byte by byte: `copy` makes an object for the part it copies.
    for (let i = 0; i < packetBytes; i += 1) datagram[i] = inner[SHA1_BLOCK_BYTES + i] ?? 0;
    datagram.write(tag, packetBytes, AUTH_TAG_BYTES, 'latin1');
    return datagram;
  }

  #encrypt(payload: Uint8Array, at: number, index: number): void {
    const ahead = index - this.#firstIndex;
    const isPrepared = ahead >= 0 && (ahead + 1) * this.#packetBytes <= this.#keystream.length;
    if (!isPrepared || payload.length > this.#packetBytes) this.#prepare(index, payload.length);
    const keystream = this.#keystream;
    let from = (index - this.#firstIndex) * this.#packetBytes;
    for (let i = 0; i < payload.length; i += 1) inner[at + i] = (payload[i] ?? 0) ^ (keystream[from++] ?? 0);
  }

  /** Never for less than the longest packet so far: the lengths of speech go up and down. */
  #prepare(index: number, payloadBytes: number): void {
    const blocks = Math.max(Math.ceil(payloadBytes / BLOCK_BYTES) + SPARE_BLOCKS, this.#packetBytes / BLOCK_BYTES);
    this.#firstIndex = index;
    this.#packetBytes = blocks * BLOCK_BYTES;
    const counterBytes = BATCH_PACKETS * this.#packetBytes;
    if (counterSpace.length < counterBytes) counterSpace = Buffer.alloc(counterBytes);
    const counters = counterSpace.subarray(0, counterBytes);
    // With a sign: V8 makes an object of a number above 31 bits.
    const [first, second, third] = [this.#iv.readInt32BE(0), this.#iv.readInt32BE(4), this.#iv.readInt32BE(8)];
    const last = this.#iv.readUInt16BE(12);
    let at = 0;
    for (let packet = 0; packet < BATCH_PACKETS; packet += 1) {
      const rollover = third ^ Math.floor((index + packet) / TWO_TO_16);
      const sequenceNumber = last ^ ((index + packet) % TWO_TO_16);
      for (let block = 0; block < blocks; block += 1) {
        counters.writeInt32BE(first, at);
        counters.writeInt32BE(second, at + 4);
        counters.writeInt32BE(rollover, at + 8);
        counters.writeInt32BE((sequenceNumber << 16) | block, at + 12);
        at += BLOCK_BYTES;
      }
    }
    this.#keystream = this.#ecb.update(counters);
  }
}

/** AEAD_AES_128_GCM (RFC 7714). */
export class AesGcmSealer implements SrtpSealer {
  readonly #key: KeyObject;
  readonly #iv = Buffer.alloc(12);
  readonly #salt: Buffer;
  readonly #ssrc: number;

  constructor({ encryptionKey, salt, ssrc }: SrtpKeys) {
    this.#key = createSecretKey(encryptionKey);
    this.#salt = salt;
    this.#ssrc = ssrc;
  }

  seal(header: Uint8Array, payload: Uint8Array, index: number): Buffer {
    const iv = this.#iv;
    iv.writeUInt16BE(0, 0);
    iv.writeUInt32BE(this.#ssrc, 2);
    iv.writeUIntBE(index, 6, 6);
    for (let i = 0; i < iv.length; i += 1) iv[i] = (iv[i] ?? 0) ^ (this.#salt[i] ?? 0);
    const cipher = createCipheriv('aes-128-gcm', this.#key, iv);
    cipher.setAAD(header);
    const encrypted = cipher.update(payload);
    cipher.final();
    return Buffer.concat([header, encrypted, cipher.getAuthTag()]);
  }
}

/** RFC 2104. */
function padOf(key: Buffer, byte: number): Buffer {
  const pad = Buffer.alloc(SHA1_BLOCK_BYTES, byte);
  for (let i = 0; i < key.length; i += 1) pad[i] = byte ^ (key[i] ?? 0);
  return pad;
}
