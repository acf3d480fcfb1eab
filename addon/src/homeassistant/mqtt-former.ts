/**
 * MqttFormer: once all installations on a broker shared the topics below `voice_streaming/`. Whoever was there then takes
 * its entities along: Home Assistant is asked to keep them while they move, what the streams were is handed on, and the
 * old topics are emptied. Where somebody is still `online` there, they are another's, and stay as they are.
 */
import type { Log } from '../log.ts';
import { isOwnDiscovery } from './mqtt-findings.ts';
import { FORMER, type MqttTopics } from './mqtt-topics.ts';
import type { Installation } from './ports.ts';

export interface MqttFormerOptions {
  log: Log;
  installation: Installation;
  topics: MqttTopics;
  publisher: {
    publish(topic: string, payload: string, options?: { retain?: boolean }): void;
    subscribe(topics: readonly string[]): void;
  };
  /** Called once the ids of the entities are known: they may be told. */
  onSettled: () => void;
  /** What a stream was, said as if on its present topics. */
  onFound: (topic: string, payload: string) => void;
  /** A broker that has not delivered all it holds by then has no more. Default 5 s. */
  lookTimeoutMs?: number;
  /** Home Assistant unloads an entity before it knows it by its new topic. Default 2 s. */
  unloadMs?: number;
  /** Topics that are moved. Default 4000. */
  maxTopics?: number;
}

/** Each of them holds only what is not of an installation with a place of its own. */
const FILTERS = [
  `${FORMER.base}/+`,
  `${FORMER.base}/+/attributes`,
  `${FORMER.base}/stream/+/+`,
  `${FORMER.base}/stream/+/monitor/attributes`,
  FORMER.discovery('+', '+'),
];
const STATE = new RegExp(
  `^${FORMER.base}/(?:status|talk|(?:talking|listeners|last_talker)(?:/attributes)?` +
    '|stream/[a-z0-9-]{1,48}/(?:talking|attributes|level|needs_tap|monitor|monitor/attributes))$',
);
/** Of Home Assistant's MQTT integration: unload the entity, and keep its settings for the one that comes. */
const MIGRATE = JSON.stringify({ migrate_discovery: true });

export class MqttFormer {
  readonly #options: MqttFormerOptions;
  /** Comes back when the broker has delivered what it holds. */
  readonly #marker: string;
  readonly #found = new Map<string, string>();
  #isOver = false;
  #isLooking = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: MqttFormerOptions) {
    this.#options = options;
    this.#marker = `${options.topics.base}/marker`;
    this.#isOver = options.installation.hasFormerIds === false;
  }

  /** Connected anew. */
  look(): void {
    clearTimeout(this.#timer);
    const { publisher, lookTimeoutMs = 5_000, onSettled } = this.#options;
    if (this.#isOver) {
      onSettled();
      return;
    }
    this.#isLooking = true;
    this.#found.clear();
    publisher.subscribe([...FILTERS, this.#marker]);
    publisher.publish(this.#marker, 'here', { retain: false });
    this.#timer = setTimeout(() => void this.#looked(), lookTimeoutMs);
  }

  /** Whether it was about the former place. */
  message(topic: string, payload: string, retained: boolean): boolean {
    if (topic === this.#marker) {
      if (this.#isLooking) void this.#looked();
      return true;
    }
    if (!topic.startsWith(`${FORMER.base}/`) && !isFormerDiscovery(topic)) return false;
    if (topic.startsWith(`${this.#options.topics.base}/`)) return false;
    const isOurs = STATE.test(topic) || (isFormerDiscovery(topic) && isOwnDiscovery(topic, payload, FORMER.node));
    const { maxTopics = 4_000 } = this.#options;
    if (this.#isLooking && retained && isOurs && this.#found.size < maxTopics) this.#found.set(topic, payload);
    return isOurs || payload === '' || payload === MIGRATE;
  }

  close(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  async #looked(): Promise<void> {
    clearTimeout(this.#timer);
    this.#isLooking = false;
    const { log, installation, unloadMs = 2_000 } = this.#options;
    const isTaken = this.#found.get(FORMER.status) === 'online';
    const discovered = [...this.#found.keys()].filter(isFormerDiscovery);
    if (installation.hasFormerIds === undefined) {
      await installation.settleIds(!isTaken && discovered.length > 0).catch((error: unknown) => {
        log.warn(`What the entities are called could not be stored: ${String(error)}`);
      });
    }
    if (this.#isOver) return;
    if (!installation.hasFormerIds || isTaken || this.#found.size === 0) {
      this.#settle();
      return;
    }
    for (const topic of discovered) this.#options.publisher.publish(topic, MIGRATE, { retain: false });
    this.#timer = setTimeout(() => this.#move(), discovered.length > 0 ? unloadMs : 0);
  }

  #move(): void {
    const { log, topics, publisher, onFound } = this.#options;
    const found = [...this.#found];
    this.#settle();
    for (const [topic, payload] of found) {
      const { id, entity } = FORMER.streamOfDiscovery(topic) ?? {};
      if (id === undefined || entity !== 'talking') continue;
      onFound(topics.discovery('binary_sensor', `${id}_talking`), payload);
      const attributes = this.#attributesOf(found, id);
      onFound(topics.ofStream(id).attributes, attributes);
    }
    for (const [topic] of found) publisher.publish(topic, '');
    log.info(`our entities have moved on the broker, from ${FORMER.base}/ to ${topics.base}/`);
  }

  #attributesOf(found: readonly [string, string][], id: string): string {
    const wanted = FORMER.ofStream(id).attributes;
    return found.find(([topic]) => topic === wanted)?.[1] ?? '{}';
  }

  #settle(): void {
    this.#isOver = true;
    this.#found.clear();
    this.#options.onSettled();
  }
}

function isFormerDiscovery(topic: string): boolean {
  const [discovery, , node] = topic.split('/');
  return discovery === 'homeassistant' && node === FORMER.node;
}
