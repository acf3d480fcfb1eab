/** MqttStream: one stream as its entities show it. Knows what is to be told, not whether it has been. */
import type { MonitorInfo } from '@voice-streaming/shared/protocol';
import type { Stream } from '../media/stream.ts';
import type { StreamTopics } from './mqtt-topics.ts';

/** Nothing can be heard, RFC 6464 3; also the level of a stream that is not live. */
const SILENCE_DBOV = -127;
/** A smaller change is nobody's news, and Home Assistant records each. */
const LEVEL_STEP_DB = 3;

export class MqttStream {
  readonly id: string;
  name: string;
  monitor: MonitorInfo | undefined;
  /** When it last began to talk, ISO 8601. */
  lastTalk: string | undefined;
  readonly #topics: StreamTopics;
  #live: Stream | undefined;
  #level = SILENCE_DBOV;
  /** The loudest since the last look. */
  #peak: number | undefined;
  #shownLevel = SILENCE_DBOV;

  constructor(id: string, name: string, topics: StreamTopics, lastTalk?: string) {
    this.id = id;
    this.name = name;
    this.lastTalk = lastTalk;
    this.#topics = topics;
  }

  get isLive(): boolean {
    return this.#live !== undefined;
  }

  started(stream: Stream): void {
    this.#live = stream;
    this.lastTalk = new Date(stream.startedAtMs).toISOString();
  }

  ended(): void {
    this.#live = undefined;
    this.#level = this.#shownLevel = SILENCE_DBOV;
    this.#peak = undefined;
  }

  heard(level: number): void {
    if (!this.#live) return;
    this.#level = level;
    this.#peak = Math.max(this.#peak ?? SILENCE_DBOV, level);
  }

  /** Whether it has another name now. */
  rename(name: string): boolean {
    if (name === this.name) return false;
    this.name = name;
    return true;
  }

  /** Of an earlier run. Whether that is news. */
  remember(lastTalk: string): boolean {
    if (this.lastTalk !== undefined) return false;
    this.lastTalk = lastTalk;
    return true;
  }

  /** The level to show now; undefined when it is hardly another one. */
  takeLevel(): string | undefined {
    const level = Math.round(this.#peak ?? this.#level);
    this.#peak = undefined;
    if (!this.#live) return undefined;
    const isSmall = Math.abs(level - this.#shownLevel) < LEVEL_STEP_DB && level !== SILENCE_DBOV;
    if (isSmall || level === this.#shownLevel) return undefined;
    this.#shownLevel = level;
    return String(level);
  }

  /** By topic. */
  states(): Record<string, string> {
    const { id, name, lastTalk } = this;
    const live = this.#live;
    const attributes = {
      stream_id: id,
      who: live ? (live.user ?? name) : null,
      since: live ? lastTalk : null,
      last_talk: lastTalk ?? null,
    };
    return {
      [this.#topics.talking]: live ? 'ON' : 'OFF',
      [this.#topics.attributes]: JSON.stringify(attributes),
      [this.#topics.level]: String(this.#shownLevel),
    };
  }

  monitorStates(): Record<string, string> {
    if (!this.monitor) return {};
    const { state, lastSoundAt } = this.monitor;
    const lastSound = lastSoundAt === null ? null : new Date(lastSoundAt).toISOString();
    return {
      [this.#topics.needsTap]: state === 'needsTap' ? 'ON' : 'OFF',
      [this.#topics.monitor]: state === 'needsTap' ? 'needs_tap' : state,
      [this.#topics.monitorAttributes]: JSON.stringify({ last_sound: lastSound }),
    };
  }
}
