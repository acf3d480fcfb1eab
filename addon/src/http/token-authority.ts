/** TokenAuthority: knows the access token, by its SHA-256 only. Who holds the token is an administrator without a name. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { User } from '@voice-streaming/shared/protocol';

export class TokenAuthority {
  readonly #digest: Buffer;

  constructor(accessToken: string) {
    this.#digest = digestOf(accessToken);
  }

  /** Constant time: digests have one length, whatever the token's. */
  userOfToken(token: string): User | undefined {
    return timingSafeEqual(digestOf(token), this.#digest) ? { name: null, isAdmin: true } : undefined;
  }
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
