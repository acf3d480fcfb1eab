/**
 * MqttEntities: how Home Assistant is to show us: one device, an entity for each fact. Discovery by component, not by
 * device: each entity comes and goes by one retained message of its own, so that those of a stream which is forgotten are
 * found by their topics and removed, also by a later run of ours that knows nothing of them.
 */
export const BASE_TOPIC = 'voice_streaming';
export const STATUS_TOPIC = `${BASE_TOPIC}/status`;
const DISCOVERY = 'homeassistant';

export interface DiscoveryMessage {
  topic: string;
  /** JSON. */
  payload: string;
}

/** Topics of the house. */
export const HOUSE = {
  talking: `${BASE_TOPIC}/talking`,
  talkingAttributes: `${BASE_TOPIC}/talking/attributes`,
  listeners: `${BASE_TOPIC}/listeners`,
  listenersAttributes: `${BASE_TOPIC}/listeners/attributes`,
  lastTalker: `${BASE_TOPIC}/last_talker`,
  lastTalkerAttributes: `${BASE_TOPIC}/last_talker/attributes`,
  talk: `${BASE_TOPIC}/talk`,
} as const;

/** Topics of one stream; its id has only a-z, 0-9 and `-`. */
export type StreamTopics = {
  talking: string;
  attributes: string;
  level: string;
  needsTap: string;
  monitor: string;
  monitorAttributes: string;
};

export function topicsOf(id: string): StreamTopics {
  const base = `${BASE_TOPIC}/stream/${id}`;
  return {
    talking: `${base}/talking`,
    attributes: `${base}/attributes`,
    level: `${base}/level`,
    needsTap: `${base}/needs_tap`,
    monitor: `${base}/monitor`,
    monitorAttributes: `${base}/monitor/attributes`,
  };
}

export class MqttEntities {
  readonly #version: string;

  constructor(version: string) {
    this.#version = version;
  }

  ofHouse(): DiscoveryMessage[] {
    return [
      this.#entity('binary_sensor', 'talking', {
        name: 'Someone is talking',
        icon: 'mdi:account-voice',
        state_topic: HOUSE.talking,
        json_attributes_topic: HOUSE.talkingAttributes,
      }),
      this.#entity('sensor', 'listeners', {
        name: 'Listeners',
        icon: 'mdi:ear-hearing',
        state_topic: HOUSE.listeners,
        json_attributes_topic: HOUSE.listenersAttributes,
        state_class: 'measurement',
      }),
      this.#entity('sensor', 'last_talker', {
        name: 'Last talker',
        icon: 'mdi:account-clock',
        state_topic: HOUSE.lastTalker,
        json_attributes_topic: HOUSE.lastTalkerAttributes,
      }),
      this.#entity('event', 'talk', {
        name: 'Talk',
        icon: 'mdi:microphone-message',
        state_topic: HOUSE.talk,
        event_types: ['started', 'ended'],
      }),
    ];
  }

  ofStream(id: string, name: string): DiscoveryMessage[] {
    const topics = topicsOf(id);
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
    const topics = topicsOf(id);
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
    const payload = {
      ...config,
      unique_id: `${BASE_TOPIC}_${object}`,
      availability_topic: STATUS_TOPIC,
      device: {
        identifiers: [BASE_TOPIC],
        name: 'Voice Streaming',
        manufacturer: 'Voice Streaming',
        sw_version: this.#version,
      },
      origin: { name: 'Voice Streaming', sw_version: this.#version },
    };
    return { topic: `${DISCOVERY}/${platform}/${BASE_TOPIC}/${object}/config`, payload: JSON.stringify(payload) };
  }
}

/** Where an earlier run may have left streams. */
export const STREAM_DISCOVERY = `${DISCOVERY}/binary_sensor/${BASE_TOPIC}/+/config`;
export const MONITOR_DISCOVERY = `${DISCOVERY}/sensor/${BASE_TOPIC}/+/config`;

/** Which stream's entity a discovery topic is about, and which of its entities. */
export function streamOfDiscovery(topic: string): { id: string; entity: 'talking' | 'monitor' } | undefined {
  const object = topic.split('/')[3] ?? '';
  const [, id, entity] = /^([a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?)_(talking|monitor)$/.exec(object) ?? [];
  return id === undefined ? undefined : { id, entity: entity as 'talking' | 'monitor' };
}

/** Which stream's attributes a topic holds. */
export function streamOfAttributes(topic: string): string | undefined {
  return /^voice_streaming\/stream\/([a-z0-9-]{1,48})\/attributes$/.exec(topic)?.[1];
}
