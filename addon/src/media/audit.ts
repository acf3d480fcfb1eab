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
  now?: () => number;
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
  sinceMs: Map<string, number>;
}

export class Audit implements Closeable, StreamListener {
  readonly #log: Log;
  readonly #now: () => number;
  readonly #hearings = new Map<object, Hearing>();
  readonly #unsubscribe: () => void;

  constructor({ log, relay, now = Date.now }: AuditOptions) {
    this.#log = log.child('audit');
    this.#now = now;
    this.#unsubscribe = relay.subscribe(this);
  }

  streamStarted(): void {
    // Told when it is over.
  }

  streamEnded(stream: Stream, reason: StreamEndReason): void {
    const kind = stream.monitor ? 'monitor' : stream.private ? 'private talk' : 'talk';
    this.#tell(`${kind} of ${stream.id} by ${nameOf(stream.user)}`, stream.startedAtMs, reason);
  }

  /** `listener` hears exactly these streams (or `latest`) from now on; none: it is over. */
  hears(listener: object, who: Hearer, streamIds: readonly string[]): void {
    const hearing = this.#hearings.get(listener) ?? { who, sinceMs: new Map<string, number>() };
    for (const id of streamIds) if (!hearing.sinceMs.has(id)) hearing.sinceMs.set(id, this.#now());
    for (const [id, sinceMs] of hearing.sinceMs) {
      if (streamIds.includes(id)) continue;
      hearing.sinceMs.delete(id);
      this.#tell(`${id} heard by ${nameOf(who.user)} at ${who.place} (${who.by})`, sinceMs);
    }
    if (hearing.sinceMs.size > 0) this.#hearings.set(listener, hearing);
    else this.#hearings.delete(listener);
  }

  /** Whoever still hears is told of, too. */
  close(): Promise<void> {
    this.#unsubscribe();
    for (const [listener, { who }] of this.#hearings) this.hears(listener, who, []);
    return Promise.resolve();
  }

  #tell(what: string, sinceMs: number, reason?: string): void {
    const seconds = ((this.#now() - sinceMs) / 1000).toFixed(1);
    const end = reason === undefined ? '' : `, ${reason}`;
    this.#log.info(`${what}, from ${new Date(sinceMs).toISOString()}, ${seconds} s${end}`);
  }
}

function nameOf(user: string | null): string {
  return user === null ? 'somebody without a name' : JSON.stringify(user);
}
