/**
 * MqttTopics: where on the broker an installation of ours says what. Several may share a broker, so each has a place of its
 * own; before, all had the one that FORMER describes.
 */
const NAME = 'voice_streaming';
const DISCOVERY = 'homeassistant';

/** Topics of the house. */
export interface HouseTopics {
  talking: string;
  talkingAttributes: string;
  listeners: string;
  listenersAttributes: string;
  lastTalker: string;
  lastTalkerAttributes: string;
  talk: string;
}

/** Topics of one stream; its id has only a-z, 0-9 and `-`. */
export type StreamTopics = {
  talking: string;
  attributes: string;
  level: string;
  needsTap: string;
  monitor: string;
  monitorAttributes: string;
};

export class MqttTopics {
  /** What all of it but discovery is below. */
  readonly base: string;
  /** The same in discovery, and what unique ids begin with. */
  readonly node: string;
  readonly status: string;
  readonly house: HouseTopics;
  /** Where an earlier run may have left streams. */
  readonly streamDiscovery: string;
  readonly monitorDiscovery: string;

  constructor(installationId?: string) {
    const base = (this.base = installationId === undefined ? NAME : `${NAME}/${installationId}`);
    this.node = installationId === undefined ? NAME : `${NAME}_${installationId}`;
    this.status = `${base}/status`;
    this.house = {
      talking: `${base}/talking`,
      talkingAttributes: `${base}/talking/attributes`,
      listeners: `${base}/listeners`,
      listenersAttributes: `${base}/listeners/attributes`,
      lastTalker: `${base}/last_talker`,
      lastTalkerAttributes: `${base}/last_talker/attributes`,
      talk: `${base}/talk`,
    };
    this.streamDiscovery = this.discovery('binary_sensor', '+');
    this.monitorDiscovery = this.discovery('sensor', '+');
  }

  ofStream(id: string): StreamTopics {
    const base = `${this.base}/stream/${id}`;
    return {
      talking: `${base}/talking`,
      attributes: `${base}/attributes`,
      level: `${base}/level`,
      needsTap: `${base}/needs_tap`,
      monitor: `${base}/monitor`,
      monitorAttributes: `${base}/monitor/attributes`,
    };
  }

  discovery(platform: string, object: string): string {
    return `${DISCOVERY}/${platform}/${this.node}/${object}/config`;
  }

  /** Which stream's entity a discovery topic is about, and which of its entities. */
  streamOfDiscovery(topic: string): { id: string; entity: 'talking' | 'monitor' } | undefined {
    const [discovery, , node, object = ''] = topic.split('/');
    if (discovery !== DISCOVERY || node !== this.node) return undefined;
    const [, id, entity] = /^([a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?)_(talking|monitor)$/.exec(object) ?? [];
    return id === undefined ? undefined : { id, entity: entity as 'talking' | 'monitor' };
  }

  /** Which stream's attributes a topic holds. */
  streamOfAttributes(topic: string): string | undefined {
    if (!topic.startsWith(`${this.base}/`)) return undefined;
    return /^stream\/([a-z0-9-]{1,48})\/attributes$/.exec(topic.slice(this.base.length + 1))?.[1];
  }
}

export const FORMER = new MqttTopics();
