/**
 * TalkEvents: `voice_streaming_started` and `voice_streaming_ended` on Home Assistant's bus, for automations. Private and
 * echo talks are nobody's business. An event that Core cannot take soon is dropped: a speaker that plays a minute late
 * is worse than one that is silent.
 */
import * as v from 'valibot';
import type { Closeable } from '../closeable.ts';
import type { Log } from '../log.ts';
import type { StreamEndReason, StreamListener } from '../media/ports.ts';
import type { Relay } from '../media/relay.ts';
import type { Stream } from '../media/stream.ts';
import { CoreError, type Core } from './core.ts';
import type { MediaUrlBook } from './ports.ts';
import { within } from './retry.ts';

export interface TalkEventsOptions {
  log: Log;
  core: Pick<Core, 'request' | 'onConnected'>;
  relay: Relay;
  mediaUrls: MediaUrlBook;
  /** An event waits for Core no longer than this. Default 5 s. */
  maxAgeMs?: number;
  /** Events that wait. Default 32. */
  maxWaiting?: number;
}

/** `event_data` of both events. */
export interface TalkEvent {
  stream_id: string;
  talk_id: string;
  name: string;
  /** The user of Home Assistant who speaks; null when the door told none. */
  user: string | null;
  /** Of a device that is always on: nobody pressed a button. */
  monitor: boolean;
  /**
   * Of this talk from its first word, while it runs and a minute after, however late a speaker connects; of a monitor,
   * whose sound is not kept, as `stream_mp3_url`. Whole, keys included; null where `problem` says why there is none.
   */
  mp3_url: string | null;
  /** At 320 kbit/s: many speakers begin sooner. */
  mp3_320_url: string | null;
  wav_url: string | null;
  /** Of whatever this device says, from when a speaker connects until the talk ends; the same each time. */
  stream_mp3_url: string | null;
  problem?: string;
  /** Of `voice_streaming_ended`: seconds. */
  duration?: number;
}

export const STARTED = 'voice_streaming_started';
export const ENDED = 'voice_streaming_ended';

const NO_URLS = { mp3_url: null, mp3_320_url: null, wav_url: null, stream_mp3_url: null };
const NO_PORT = "No speaker can play this: give port 8081 a number in the add-on's network settings.";

/** What a stop of the whole add-on waits for Core. */
const LAST_WORDS_MS = 300;

interface Waiting {
  type: string;
  data: TalkEvent;
  atMs: number;
}

export class TalkEvents implements Closeable, StreamListener {
  readonly #options: TalkEventsOptions;
  readonly #log: Log;
  #waiting: Waiting[] = [];
  #isSending = false;
  /** Something has changed since the last try. */
  #isWanted = false;
  #sending: Promise<void> = Promise.resolve();
  #dropped = 0;
  #unsubscribe: (() => void)[] = [];

  constructor(options: TalkEventsOptions) {
    this.#options = options;
    this.#log = options.log.child('events');
  }

  start(): void {
    const { relay, core } = this.#options;
    this.#unsubscribe = [relay.subscribe(this), core.onConnected(() => this.#send())];
  }

  streamStarted(stream: Stream): void {
    this.#add(STARTED, stream);
  }

  streamEnded(stream: Stream, _reason: StreamEndReason): void {
    const duration = Math.round(stream.ageMs / 100) / 10;
    this.#add(ENDED, stream, { duration });
  }

  /** Sends what Core takes at once, for the talks that end with us. */
  async close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    await within(LAST_WORDS_MS, this.#sending);
    this.#waiting = [];
  }

  #add(type: string, stream: Stream, more: { duration?: number } = {}): void {
    if (stream.private) return;
    const { mediaUrls } = this.#options;
    const data: TalkEvent = {
      stream_id: stream.id,
      talk_id: stream.talkId,
      name: stream.name,
      user: stream.user,
      monitor: stream.monitor,
      ...(mediaUrls.isReachable ? urlsOf(stream, mediaUrls) : { ...NO_URLS, problem: NO_PORT }),
      ...more,
    };
    this.#waiting.push({ type, data, atMs: performance.now() });
    if (this.#waiting.length > (this.#options.maxWaiting ?? 32)) {
      this.#waiting.shift();
      this.#dropped += 1;
    }
    this.#send();
  }

  /** One after the other, so that a start comes before its end. */
  #send(): void {
    this.#isWanted = true;
    if (this.#isSending) return;
    this.#isSending = true;
    this.#sending = this.#sendAll().finally(() => (this.#isSending = false));
  }

  /** Never rejects. */
  async #sendAll(): Promise<void> {
    while (this.#isWanted) {
      this.#isWanted = false;
      for (let next = this.#oldest(); next; next = this.#oldest()) {
        if (!(await this.#fire(next))) break;
        this.#waiting = this.#waiting.filter((each) => each !== next);
      }
    }
  }

  /** Whether it is done with, sent or lost; otherwise Core is away, and it is sent if Core is back soon. */
  async #fire({ type, data }: Waiting): Promise<boolean> {
    try {
      await this.#options.core.request({ type: 'fire_event', event_type: type, event_data: data }, v.unknown());
      this.#tellDropped();
    } catch (error) {
      if (error instanceof CoreError && error.code === 'away') return false;
      this.#log.warn(`an event for automations is lost: ${error instanceof Error ? error.message : String(error)}`);
    }
    return true;
  }

  #oldest(): Waiting | undefined {
    this.#dropOld();
    return this.#waiting[0];
  }

  #dropOld(): void {
    const oldest = performance.now() - (this.#options.maxAgeMs ?? 5_000);
    const kept = this.#waiting.filter(({ atMs }) => atMs >= oldest);
    this.#dropped += this.#waiting.length - kept.length;
    this.#waiting = kept;
  }

  #tellDropped(): void {
    if (this.#dropped === 0) return;
    this.#log.warn(`${this.#dropped} events for automations were dropped, as Home Assistant Core was away`);
    this.#dropped = 0;
  }
}

type EventUrls = Pick<TalkEvent, 'mp3_url' | 'mp3_320_url' | 'wav_url' | 'stream_mp3_url'>;

function urlsOf(stream: Stream, mediaUrls: MediaUrlBook): EventUrls {
  const { id: streamId, talkId, private: isPrivate, monitor } = stream;
  const live = mediaUrls.urlsOf(streamId);
  const own = monitor
    ? { ...live, mp3At320Url: live.mp3Url.replace(/mp3$/, '320.mp3') }
    : mediaUrls.talkUrls({ talkId, streamId, private: isPrivate });
  return { mp3_url: own.mp3Url, mp3_320_url: own.mp3At320Url, wav_url: own.wavUrl, stream_mp3_url: live.mp3Url };
}
