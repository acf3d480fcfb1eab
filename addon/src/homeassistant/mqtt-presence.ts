/**
 * MqttPresence: who talks, how loud, who listens, told to the broker. The broker is our memory: entities of streams that
 * talked in an earlier run are found there, taken on, or removed. Private talks are never told, URLs neither.
 */
import type { StreamInfo } from '@voice-streaming/shared/protocol';
import type { Closeable } from '../closeable.ts';
import type { Log } from '../log.ts';
import type { StreamListener } from '../media/ports.ts';
import type { Relay } from '../media/relay.ts';
import type { Stream } from '../media/stream.ts';
import { MqttEntities, type DiscoveryMessage } from './mqtt-entities.ts';
import { isOwnDiscovery, lastTalkIn, nameIn } from './mqtt-findings.ts';
import { MqttHouse } from './mqtt-house.ts';
import { MqttStream } from './mqtt-stream.ts';
import type { MqttTopics } from './mqtt-topics.ts';
import type { KnownStreams, PlayerCounts, StreamObserver, StreamWatch } from './ports.ts';

export interface Publisher {
  publish(topic: string, payload: string, options?: { retain?: boolean; isVital?: boolean }): void;
  subscribe(topics: readonly string[]): void;
}

export interface MqttPresenceOptions {
  log: Log;
  publisher: Publisher;
  topics: MqttTopics;
  /** What the ids of entities begin with. */
  idPrefix: () => string;
  relay: Relay;
  streams: StreamWatch;
  players: PlayerCounts;
  known: KnownStreams;
  version: string;
  /** Streams with entities; further ones get none. Default 200. */
  maxStreams?: number;
  /** An unknown stream that has not talked for so long is removed. Default 30 days. */
  forgetAfterMs?: number;
  /** Between two levels of one stream. Default 1 s. */
  levelIntervalMs?: number;
}

export class MqttPresence implements Closeable, StreamListener, StreamObserver {
  readonly #options: MqttPresenceOptions;
  readonly #log: Log;
  readonly #entities: MqttEntities;
  readonly #house: MqttHouse;
  readonly #streams = new Map<string, MqttStream>();
  /** Unknown ids that the broker knows: what they were called, until their last talk is known. */
  readonly #strangers = new Map<string, string>();
  /** What the broker was told, by topic. */
  readonly #told = new Map<string, string>();
  #unsubscribe: (() => void)[] = [];
  #levelTimer: NodeJS.Timeout | undefined;
  #isFull = false;

  constructor(options: MqttPresenceOptions) {
    this.#options = options;
    this.#log = options.log.child('mqtt');
    this.#entities = new MqttEntities(options);
    this.#house = new MqttHouse(options);
  }

  start(): void {
    const { relay, streams, players } = this.#options;
    this.#unsubscribe = [
      relay.subscribe(this),
      streams.watch(this),
      players.onListenersChanged(() => this.#tellAll(this.#house.states())),
    ];
  }

  /** The broker knows nothing, or what an earlier run left. */
  connected(): void {
    this.#told.clear();
    this.#strangers.clear();
    const { publisher, topics } = this.#options;
    publisher.subscribe([topics.streamDiscovery, topics.monitorDiscovery]);
    this.#announce(this.#entities.ofHouse());
    for (const stream of this.#streams.values()) this.#announceStream(stream);
    this.#tellAll(this.#house.states());
    this.#tell(topics.status, 'online');
  }

  /** False: nothing of ours, or nothing that can be understood. */
  message(topic: string, payload: string, retained: boolean): boolean {
    const { topics, idPrefix } = this.#options;
    const attributesOf = topics.streamOfAttributes(topic);
    if (attributesOf !== undefined) return !retained || this.#remember(attributesOf, payload);
    if (payload !== '' && !isOwnDiscovery(topic, payload, idPrefix())) return false;
    const { id, entity } = topics.streamOfDiscovery(topic) ?? {};
    if (id === undefined) return true;
    if (entity === 'talking' && payload === '') {
      // Somebody deleted it, or we did. It comes back with its next talk.
      for (const { topic: each } of this.#entities.ofStream(id, '')) this.#told.delete(each);
      if (!this.#options.relay.get(id)) this.#streams.delete(id);
    } else if (retained && entity === 'talking') {
      this.#found(id, payload);
    } else if (retained && this.#streams.get(id)?.monitor === undefined) {
      this.#withdraw(this.#entities.ofMonitor(id, ''));
    }
    return true;
  }

  streamStarted(stream: Stream): void {
    if (stream.private) return;
    const told = this.#streamOf(stream.id, stream.name);
    told?.started(stream);
    if (told) this.#announceStream(told);
    this.#house.talk(stream, 'started');
    this.#tellAll(this.#house.states());
  }

  streamEnded(stream: Stream): void {
    if (stream.private) return;
    const told = this.#streams.get(stream.id);
    told?.ended();
    if (told) this.#tellAll(told.states());
    this.#house.talk(stream, 'ended');
    this.#tellAll(this.#house.states());
  }

  streams(list: readonly StreamInfo[]): void {
    const monitors = new Map<string, StreamInfo['monitor']>(list.map((info) => [info.id, info.monitor]));
    for (const { id, name, monitor } of list) {
      const stream = monitor ? this.#streamOf(id, name) : this.#streams.get(id);
      if (stream?.rename(name) === true) this.#announceStream(stream);
    }
    for (const stream of this.#streams.values()) {
      const monitor = monitors.get(stream.id);
      const was = stream.monitor;
      stream.monitor = monitor;
      if (monitor && !was) this.#announceStream(stream);
      else if (monitor) this.#tellAll(stream.monitorStates());
      else if (was) this.#withdraw(this.#entities.ofMonitor(stream.id, stream.name));
    }
    this.#house.receivers = list.reduce((sum, { receivers }) => sum + receivers, 0);
    this.#tellAll(this.#house.states());
  }

  levels(levels: Readonly<Record<string, number>>): void {
    for (const [id, level] of Object.entries(levels)) this.#streams.get(id)?.heard(level);
    this.#levelTimer ??= setInterval(() => this.#tellLevels(), this.#options.levelIntervalMs ?? 1_000);
  }

  close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    clearInterval(this.#levelTimer);
    return Promise.resolve();
  }

  /** With its entities; undefined when there are too many. */
  #streamOf(id: string, name: string, lastTalk?: string): MqttStream | undefined {
    const known = this.#streams.get(id);
    if (known) return known;
    const { maxStreams = 200 } = this.#options;
    if (this.#streams.size >= maxStreams) this.#forgetOld();
    if (this.#streams.size >= maxStreams) {
      if (!this.#isFull) this.#log.warn(`${maxStreams} streams have entities already: further ones get none`);
      this.#isFull = true;
      return undefined;
    }
    const stream = new MqttStream(id, name, this.#options.topics.ofStream(id), lastTalk);
    this.#streams.set(id, stream);
    this.#announceStream(stream);
    return stream;
  }

  /** A stream of an earlier run. */
  #found(id: string, config: string): void {
    const { known, publisher, topics, maxStreams = 200 } = this.#options;
    if (!known.has(id) && !this.#streams.has(id)) {
      if (this.#strangers.size >= maxStreams) return;
      this.#strangers.set(id, nameIn(config) ?? id);
    } else if (!this.#streamOf(id, known.nameOf(id) ?? nameIn(config) ?? id)) {
      return;
    }
    publisher.subscribe([topics.ofStream(id).attributes]);
  }

  /** When an earlier run last heard it. False when it does not say. */
  #remember(id: string, attributes: string): boolean {
    const lastTalk = lastTalkIn(attributes);
    const name = this.#strangers.get(id);
    const stream = this.#streams.get(id);
    if (name !== undefined) {
      this.#strangers.delete(id);
      if (this.#isOld(lastTalk)) this.#remove(id);
      else this.#streamOf(id, name, lastTalk);
    } else if (stream && lastTalk !== undefined && stream.remember(lastTalk)) {
      this.#tellAll(stream.states());
    }
    return lastTalk !== undefined;
  }

  #forgetOld(): void {
    for (const stream of [...this.#streams.values()]) {
      if (stream.isLive || stream.monitor || this.#options.known.has(stream.id) || !this.#isOld(stream.lastTalk))
        continue;
      this.#streams.delete(stream.id);
      this.#remove(stream.id);
    }
  }

  #isOld(lastTalk: string | undefined): boolean {
    const { forgetAfterMs = 30 * 24 * 3_600_000 } = this.#options;
    return lastTalk === undefined || Date.now() - Date.parse(lastTalk) > forgetAfterMs;
  }

  #remove(id: string): void {
    this.#withdraw([...this.#entities.ofStream(id, ''), ...this.#entities.ofMonitor(id, '')]);
    this.#withdraw(Object.values(this.#options.topics.ofStream(id)).map((topic) => ({ topic })));
    this.#log.info(`the entities of ${id} are removed: it has not talked for long`);
  }

  #announceStream(stream: MqttStream): void {
    const { id, name, monitor } = stream;
    this.#announce(this.#entities.ofStream(id, name));
    this.#tellAll(stream.states());
    if (!monitor) return;
    this.#announce(this.#entities.ofMonitor(id, name));
    this.#tellAll(stream.monitorStates());
  }

  #tellLevels(): void {
    if (this.#options.relay.live.length === 0) {
      clearInterval(this.#levelTimer);
      this.#levelTimer = undefined;
    }
    for (const stream of this.#streams.values()) {
      const level = stream.takeLevel();
      if (level !== undefined) this.#tell(this.#options.topics.ofStream(stream.id).level, level, false);
    }
  }

  #announce(messages: readonly DiscoveryMessage[]): void {
    for (const { topic, payload } of messages) this.#tell(topic, payload);
  }

  #withdraw(messages: readonly { topic: string }[]): void {
    for (const { topic } of messages) {
      this.#told.delete(topic);
      this.#options.publisher.publish(topic, '');
    }
  }

  #tellAll(states: Readonly<Record<string, string>>): void {
    for (const [topic, payload] of Object.entries(states)) this.#tell(topic, payload);
  }

  /** What the broker knows already is not said again. */
  #tell(topic: string, payload: string, isVital = true): void {
    if (this.#told.get(topic) === payload) return;
    this.#told.set(topic, payload);
    this.#options.publisher.publish(topic, payload, { isVital });
  }
}
