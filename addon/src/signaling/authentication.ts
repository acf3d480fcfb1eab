/** Authentication: who the user of one session is; until that is known, a clock and a few tries. */
import { RequestError } from '@voice-streaming/shared/errors';
import type { User } from '@voice-streaming/shared/protocol';
import type { Closeable } from '../closeable.ts';
import type { TokenAuthority } from './ports.ts';

export interface AuthenticationOptions {
  /** Whom the door let in; undefined: `authenticate` is required. */
  user: User | undefined;
  tokens: TokenAuthority;
  timeoutMs: number;
  tries: number;
  /** Out of time or tries. */
  onFailed: () => void;
}

export class Authentication implements Closeable {
  readonly #options: AuthenticationOptions;
  readonly #timer: NodeJS.Timeout | undefined;
  #user: User | undefined;
  #triesLeft: number;

  constructor(options: AuthenticationOptions) {
    this.#options = options;
    this.#user = options.user;
    this.#triesLeft = options.tries;
    if (!this.#user) this.#timer = setTimeout(() => options.onFailed(), options.timeoutMs);
  }

  get user(): User | undefined {
    return this.#user;
  }

  /** Throws RequestError. Who is known already is not asked again: the token is not even looked at. */
  authenticate(token: string): User {
    this.#user ??= this.#options.tokens.userOfToken(token);
    if (this.#user) {
      clearTimeout(this.#timer);
      return this.#user;
    }
    this.#triesLeft -= 1;
    throw new RequestError('unauthorized', `The token is wrong; tries left: ${this.#triesLeft}.`);
  }

  /** To be called when the refusal has been said. */
  endIfOutOfTries(): void {
    if (!this.#user && this.#triesLeft <= 0) this.#options.onFailed();
  }

  close(): Promise<void> {
    clearTimeout(this.#timer);
    return Promise.resolve();
  }
}
