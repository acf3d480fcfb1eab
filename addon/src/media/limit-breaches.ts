/**
 * LimitBreaches: counts how often each limit of the server was reached, for /metrics, and warns of each limit once: an
 * abuser is not to fill the log. One for the whole server. shared/PROTOCOL.md has all limits in a table.
 */
import type { Log } from '../log.ts';

/** As they stand on the wire (`limit`), in the header `Voice-Streaming-Limit` and in /metrics. */
export const LIMIT_NAMES = [
  'announcements',
  'auth_tries',
  'body_bytes',
  'client_buffer',
  'clients',
  'clients_per_user',
  'connections',
  'faults',
  'frame_bytes',
  'header_bytes',
  'kept_bytes',
  'listener_buffer',
  'listeners',
  'message_bytes',
  'messages_per_second',
  'monitors',
  'offer_bytes',
  'peers',
  'pending_joins',
  'receivers_per_stream',
  'strangers',
  'streams',
  'talk_time',
  'targets',
  'udp_ports',
  'whep_sessions',
  'whip_sessions',
] as const;

export type LimitName = (typeof LIMIT_NAMES)[number];

/** Where a breach is told. */
export interface BreachCounter {
  /** `what`: for the log, the first time. */
  count(limit: LimitName, what: string): void;
}

export class LimitBreaches implements BreachCounter {
  readonly #log: Log;
  readonly #counts = new Map<LimitName, number>(LIMIT_NAMES.map((name) => [name, 0]));

  constructor(options: { log: Log }) {
    this.#log = options.log.child('limits');
  }

  count(limit: LimitName, what: string): void {
    const count = (this.#counts.get(limit) ?? 0) + 1;
    this.#counts.set(limit, count);
    if (count === 1) this.#log.warn(`${limit}: ${what} From now on this is counted only, see /metrics.`);
  }

  /** Since the start of the process, those never reached too. */
  counts(): Record<LimitName, number> {
    return Object.fromEntries(this.#counts) as Record<LimitName, number>;
  }
}
