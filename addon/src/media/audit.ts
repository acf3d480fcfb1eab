/**
 * Audit: who talked and who heard what, from when and how long: one line in the log for each talk and each listening, when
 * it is over. Names of people and devices, never a key.
 */
import type { Closeable } from '../closeable.ts';
import type { Log } from '../log.ts';
import type { StreamEndReason, StreamListener } from './ports.ts';
import type { Relay } from './relay.ts';
import type { Stream } from './stream.ts';

export interface AuditOptions {
  log: Log;
  relay: Relay;
  /** Milliseconds that only grow. Default `performance.now`. */
  now?: () => number;
  /** Unix epoch milliseconds. Default `Date.now`. */
  wallClock?: () => number;
}

/** Whoever hears. */
export interface Hearer {
  /** Null: the door told no name. */
  user: string | null;
  /** The device or the address. */
  place: string;
  /** `card`, `whep`, `mp3` … */
  by: string;
}

interface Hearing {
  who: Hearer;
  since: Map<string, { atMs: number; wallMs: number }>;
}

export class Audit implements Closeable, StreamListener {
  readonly #log: Log;
  readonly #now: () => number;
  readonly #wallClock: () => number;
  readonly #hearings = new Map<object, Hearing>();
  readonly #unsubscribe: () => void;

  constructor({ log, relay, now = () => performance.now(), wallClock = Date.now }: AuditOptions) {
    this.#log = log.child('audit');
    this.#now = now;
    this.#wallClock = wallClock;
    this.#unsubscribe = relay.subscribe(this);
  }

  streamStarted(): void {
    // Told when it is over.
  }

  streamEnded(stream: Stream, reason: StreamEndReason): void {
    const kind = stream.monitor ? 'monitor' : stream.private ? 'private talk' : 'talk';
    this.#tell(`${kind} of ${stream.id} by ${nameOf(stream.user)}`, stream.startedAtMs, stream.ageMs, reason);
  }

  /** `listener` hears exactly these streams (or `latest`) from now on; none: it is over. */
  hears(listener: object, who: Hearer, streamIds: readonly string[]): void {
    const hearing: Hearing = this.#hearings.get(listener) ?? { who, since: new Map() };
    const now = { atMs: this.#now(), wallMs: this.#wallClock() };
    for (const id of streamIds) if (!hearing.since.has(id)) hearing.since.set(id, now);
    for (const [id, { atMs, wallMs }] of hearing.since) {
      if (streamIds.includes(id)) continue;
      hearing.since.delete(id);
      this.#tell(`${id} heard by ${nameOf(who.user)} at ${who.place} (${who.by})`, wallMs, now.atMs - atMs);
    }
    if (hearing.since.size > 0) this.#hearings.set(listener, hearing);
    else this.#hearings.delete(listener);
  }

  /** Whoever still hears is told of, too. */
  close(): Promise<void> {
    this.#unsubscribe();
    for (const [listener, { who }] of this.#hearings) this.hears(listener, who, []);
    return Promise.resolve();
  }

  #tell(what: string, sinceMs: number, durationMs: number, reason?: string): void {
    const seconds = (durationMs / 1000).toFixed(1);
    const end = reason === undefined ? '' : `, ${reason}`;
    this.#log.info(`${what}, from ${new Date(sinceMs).toISOString()}, ${seconds} s${end}`);
  }
}

function nameOf(user: string | null): string {
  return user === null ? 'somebody without a name' : JSON.stringify(user);
}
