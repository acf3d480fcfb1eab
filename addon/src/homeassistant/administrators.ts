/**
 * Administrators: whether a user of Home Assistant is one, by Core's own list. Nobody waits for it for long: who is
 * unknown is a plain user. While Core is away the last list holds, as it is Core alone that can change it: a restart of
 * Core makes no plain users of administrators, whose cards are back before Core lets us ask again.
 */
import * as v from 'valibot';
import type { Log } from '../log.ts';
import { Complaint } from './complaint.ts';
import { CoreError, type Core } from './core.ts';
import { within } from './retry.ts';

export interface AdministratorsOptions {
  core: Pick<Core, 'request' | 'onConnected'>;
  log: Log;
  /** How long a list is believed. Default 60 s. */
  maxAgeMs?: number;
  /** The same while Core is away. Default 15 min. */
  maxAgeAwayMs?: number;
  /** How long one question may wait for Core. Default 2 s. */
  timeoutMs?: number;
}

const userList = v.array(
  v.object({
    id: v.string(),
    is_owner: v.optional(v.boolean(), false),
    is_active: v.optional(v.boolean(), true),
    group_ids: v.optional(v.array(v.string()), []),
  }),
);

const ADMINISTRATORS_GROUP = 'system-admin';

export class Administrators {
  readonly #options: AdministratorsOptions;
  readonly #complaint: Complaint;
  #ids: ReadonlySet<string> = new Set();
  #askedAtMs = -Infinity;
  #isCoreAway = false;
  /** One question at a time, whoever asks. */
  #asking: Promise<void> | undefined;

  constructor(options: AdministratorsOptions) {
    this.#options = options;
    this.#complaint = new Complaint(options.log.child('administrators'));
  }

  /** Never rejects. */
  async has(userId: string): Promise<boolean> {
    const { maxAgeMs = 60_000, maxAgeAwayMs = 15 * 60_000, timeoutMs = 2_000 } = this.#options;
    const isYoungerThan = (ms: number): boolean => performance.now() - this.#askedAtMs < ms;
    if (!isYoungerThan(maxAgeMs)) {
      this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
      await within(timeoutMs, this.#asking);
    }
    return isYoungerThan(this.#isCoreAway ? maxAgeAwayMs : maxAgeMs) && this.#ids.has(userId);
  }

  async #ask(): Promise<void> {
    const askedAtMs = performance.now();
    try {
      const users = await this.#options.core.request({ type: 'config/auth/list' }, userList);
      const administrators = users.filter(
        (user) => user.is_active && (user.is_owner || user.group_ids.includes(ADMINISTRATORS_GROUP)),
      );
      this.#ids = new Set(administrators.map(({ id }) => id));
      this.#askedAtMs = askedAtMs;
      this.#isCoreAway = false;
      this.#complaint.settle('It is known again who is an administrator.');
    } catch (error) {
      const code = error instanceof CoreError ? error.code : undefined;
      this.#isCoreAway = code === 'away' || code === 'late';
      if (this.#isCoreAway && this.#askedAtMs !== -Infinity) return;
      this.#complaint.say(
        `Who is an administrator cannot be found out, so everybody is a plain user: ${error instanceof Error ? error.message : String(error)}`,
      );
      if (code !== 'away') return;
      // Just started, or Core is: the first cards are here before we have met it.
      await new Promise<void>((resolve) => {
        const stop = this.#options.core.onConnected(() => {
          stop();
          resolve();
        });
      });
      await this.#ask();
    }
  }
}
