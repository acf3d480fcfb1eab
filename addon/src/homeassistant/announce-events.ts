/**
 * AnnounceEvents: automations ask for announcements by an event on Core's bus, `voice_streaming_announce`. What is wrong with
 * one is told in the log and, to whoever waits for it, by the event that otherwise tells how an announcement went. Only
 * administrators and what they wrote can fire events, so nobody is asked who he is.
 */
import * as v from 'valibot';
import type { Closeable } from '../closeable.ts';
import type { Log } from '../log.ts';
import { DropCounter } from '../media/drop-counter.ts';
import { Complaint } from './complaint.ts';
import type { Core } from './core.ts';
import type { EventAnnouncer } from './ports.ts';
import { retry } from './retry.ts';

export interface AnnounceEventsOptions {
  log: Log;
  core: Pick<Core, 'connected' | 'request' | 'subscribe' | 'onConnected' | 'onDisconnected'>;
  announcer: EventAnnouncer;
  /** Refusals that are answered, by log and event, in this time. Default 10 in 10 s. */
  maxRefusals?: number;
  refusalWindowMs?: number;
  /** Between tries, doubling. Default 1 s to 60 s. */
  firstPauseMs?: number;
  longestPauseMs?: number;
}

export const ANNOUNCE = 'voice_streaming_announce';
export const ANNOUNCED = 'voice_streaming_announced';

const event = v.object({ data: v.optional(v.unknown(), {}) });
const named = v.object({ targets: v.union([v.string(), v.array(v.string())]) });
const coded = v.object({ code: v.string() });

export class AnnounceEvents implements Closeable {
  readonly #options: AnnounceEventsOptions;
  readonly #log: Log;
  readonly #complaint: Complaint;
  #connection = new AbortController();
  #unsubscribe: (() => void)[] = [];
  readonly #unanswered: DropCounter;
  #refusals = 0;
  #windowEndsAtMs = 0;

  constructor(options: AnnounceEventsOptions) {
    this.#options = options;
    this.#log = options.log.child('announcements');
    this.#complaint = new Complaint(this.#log);
    this.#unanswered = new DropCounter({
      log: this.#log,
      what: `events ${ANNOUNCE} that cannot be done, without an answer`,
    });
  }

  start(): void {
    const { core } = this.#options;
    this.#unsubscribe = [
      core.onConnected(() => this.#connected()),
      core.onDisconnected(() => this.#connection.abort()),
    ];
    if (core.connected) this.#connected();
  }

  close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    this.#connection.abort();
    this.#unanswered.close();
    return Promise.resolve();
  }

  #connected(): void {
    this.#connection.abort();
    this.#connection = new AbortController();
    const { signal } = this.#connection;
    const { core } = this.#options;
    const subscribe = (): Promise<void> =>
      core.subscribe({ type: 'subscribe_events', event_type: ANNOUNCE }, event, ({ data }) => {
        if (!signal.aborted) this.#announce(data);
      });
    const onFailure = (error: unknown): void => this.#complaint.say(`Automations are not heard: ${sentenceOf(error)}`);
    retry(subscribe, { ...this.#options, signal, onFailure }).then(
      () => this.#complaint.settle('Automations are heard again.'),
      () => undefined,
    );
  }

  #announce(data: unknown): void {
    try {
      this.#options.announcer.announceFromEvent(data);
    } catch (error) {
      if (!this.#mayAnswer()) {
        this.#unanswered.count();
        return;
      }
      this.#log.warn(`${ANNOUNCE} from an automation cannot be done: ${sentenceOf(error)}`);
      this.#tell(data, error);
    }
  }

  /** An automation that asks again whenever it is refused would go round for ever, as fast as Core can. */
  #mayAnswer(): boolean {
    const { maxRefusals = 10, refusalWindowMs = 10_000 } = this.#options;
    const now = performance.now();
    if (now >= this.#windowEndsAtMs) {
      this.#windowEndsAtMs = now + refusalWindowMs;
      this.#refusals = 0;
    }
    this.#refusals += 1;
    return this.#refusals <= maxRefusals;
  }

  #tell(data: unknown, error: unknown): void {
    const code = v.is(coded, error) ? error.code : 'failed';
    const why = sentenceOf(error);
    const targets = v.is(named, data) ? [data.targets].flat() : [];
    const event_data = {
      announcement_id: null,
      error: code,
      why,
      targets: targets.map((entity_id) => ({ entity_id, state: 'failed', error: code, why })),
    };
    this.#options.core
      .request({ type: 'fire_event', event_type: ANNOUNCED, event_data }, v.unknown())
      .catch((failure: unknown) => this.#log.warn(`${ANNOUNCED} is lost: ${sentenceOf(failure)}`));
  }
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
