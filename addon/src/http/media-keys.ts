/**
 * MediaKeys: players send no headers, so each media URL holds a key that opens that one thing. A key is computed, not
 * stored: HMAC-SHA256 over generation, kind and id; raising a generation kills the keys of the one before.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a key opens: the live stream, the continuous channel, one talk or one player's share of an announcement. */
export type MediaKind = 'stream' | 'channel' | 'talk' | 'announcement';

/** 22 characters of base64url hold 132 bits of the HMAC. */
export const KEY_CHARS = 22;

/** What keys are made of; Secrets is one. */
export interface KeySource {
  readonly mediaSecret: Buffer;
  generationOf(id: string): string;
  raiseGeneration(id?: string): Promise<void>;
}

export class MediaKeys {
  readonly #source: KeySource;

  constructor(source: KeySource) {
    this.#source = source;
  }

  /** `owner` is the stream id whose rotation kills the key; of a talk it is not `id`. */
  keyOf(kind: MediaKind, id: string, owner = id): string {
    return createHmac('sha256', this.#source.mediaSecret)
      .update(`${this.#source.generationOf(owner)}:${kind}:${id}`)
      .digest('base64url')
      .slice(0, KEY_CHARS);
  }

  /** Takes the same time for every key of the right length. */
  verify(key: string, kind: MediaKind, id: string, owner = id): boolean {
    const given = Buffer.from(key);
    const right = Buffer.from(this.keyOf(kind, id, owner));
    return given.length === right.length && timingSafeEqual(given, right);
  }

  /** Kills the keys of one id, or of all; resolved when that is stored. */
  rotate(id?: string): Promise<void> {
    return this.#source.raiseGeneration(id);
  }
}
