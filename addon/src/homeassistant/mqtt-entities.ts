/**
 * MqttEntities: how Home Assistant is to show us: one device, an entity for each fact. Discovery by component, not by
 * device: each entity comes and goes by one retained message of its own, so that those of a stream which is forgotten are
 * found by their topics and removed, also by a later run of ours that knows nothing of them.
 */
import type { MqttTopics } from './mqtt-topics.ts';

export interface DiscoveryMessage {
  topic: string;
  /** JSON. */
  payload: string;
}

export interface MqttEntitiesOptions {
  topics: MqttTopics;
  /** What the ids begin with by which Home Assistant knows the entities and their device. */
  idPrefix: () => string;
  version: string;
}

export class MqttEntities {
  readonly #options: MqttEntitiesOptions;

  constructor(options: MqttEntitiesOptions) {
    this.#options = options;
  }

  ofHouse(): DiscoveryMessage[] {
    const { house } = this.#options.topics;
    return [
      this.#entity('binary_sensor', 'talking', {
        name: 'Someone is talking',
        icon: 'mdi:account-voice',
        state_topic: house.talking,
        json_attributes_topic: house.talkingAttributes,
      }),
      this.#entity('sensor', 'listeners', {
        name: 'Listeners',
        icon: 'mdi:ear-hearing',
        state_topic: house.listeners,
        json_attributes_topic: house.listenersAttributes,
        state_class: 'measurement',
      }),
      this.#entity('sensor', 'last_talker', {
        name: 'Last talker',
        icon: 'mdi:account-clock',
        state_topic: house.lastTalker,
        json_attributes_topic: house.lastTalkerAttributes,
      }),
      this.#entity('event', 'talk', {
        name: 'Talk',
        icon: 'mdi:microphone-message',
        state_topic: house.talk,
        event_types: ['started', 'ended'],
      }),
    ];
  }

  ofStream(id: string, name: string): DiscoveryMessage[] {
    const topics = this.#options.topics.ofStream(id);
    return [
      this.#entity('binary_sensor', `${id}_talking`, {
        name: `${name} talking`,
        icon: 'mdi:microphone',
        state_topic: topics.talking,
        json_attributes_topic: topics.attributes,
      }),
      this.#entity('sensor', `${id}_level`, {
        name: `${name} level`,
        icon: 'mdi:volume-high',
        state_topic: topics.level,
        unit_of_measurement: 'dB',
        state_class: 'measurement',
      }),
    ];
  }

  ofMonitor(id: string, name: string): DiscoveryMessage[] {
    const topics = this.#options.topics.ofStream(id);
    return [
      this.#entity('binary_sensor', `${id}_needs_tap`, {
        name: `${name} needs a tap`,
        device_class: 'problem',
        state_topic: topics.needsTap,
      }),
      this.#entity('sensor', `${id}_monitor`, {
        name: `${name} monitor`,
        icon: 'mdi:baby-face-outline',
        device_class: 'enum',
        options: ['live', 'needs_tap', 'lost', 'off'],
        state_topic: topics.monitor,
        json_attributes_topic: topics.monitorAttributes,
      }),
    ];
  }

  #entity(platform: string, object: string, config: Record<string, unknown>): DiscoveryMessage {
    const { topics, version } = this.#options;
    const prefix = this.#options.idPrefix();
    const payload = {
      ...config,
      unique_id: `${prefix}_${object}`,
      availability_topic: topics.status,
      device: {
        identifiers: [prefix],
        name: 'Voice Streaming',
        manufacturer: 'Voice Streaming',
        sw_version: version,
      },
      origin: { name: 'Voice Streaming', sw_version: version },
    };
    return { topic: topics.discovery(platform, object), payload: JSON.stringify(payload) };
  }
}
