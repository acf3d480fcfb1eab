/** Mqtt: our entities in Home Assistant, put together: the broker's connection and what is told over it. */
import type { Closeable } from '../closeable.ts';
import type { DoctorFacts } from './doctor.ts';
import { MqttBroker, type MqttBrokerOptions } from './mqtt-broker.ts';
import { MqttFormer, type MqttFormerOptions } from './mqtt-former.ts';
import { MqttPresence, type MqttPresenceOptions } from './mqtt-presence.ts';
import { FORMER, MqttTopics } from './mqtt-topics.ts';
import type { Installation } from './ports.ts';

export type MqttOptions = Omit<MqttBrokerOptions, 'will' | 'onConnected' | 'onMessage'> &
  Omit<MqttPresenceOptions, 'publisher' | 'topics' | 'idPrefix'> &
  Pick<MqttFormerOptions, 'lookTimeoutMs' | 'unloadMs'> & { installation: Installation };

export class Mqtt implements Closeable {
  readonly #broker: MqttBroker;
  readonly #former: MqttFormer;
  readonly #presence: MqttPresence;
  /** On this connection it is known under which ids to tell. */
  #isSettled = false;

  constructor(options: MqttOptions) {
    const { installation } = options;
    const topics = new MqttTopics(installation.installationId);
    const broker = (this.#broker = new MqttBroker({
      ...options,
      will: { topic: topics.status, payload: 'offline' },
      onConnected: () => {
        this.#isSettled = false;
        this.#former.look();
      },
      onMessage: (topic, payload, retained) =>
        this.#former.message(topic, payload, retained) || this.#presence.message(topic, payload, retained),
    }));
    this.#former = new MqttFormer({
      ...options,
      topics,
      publisher: broker,
      onSettled: () => {
        this.#isSettled = true;
        this.#presence.connected();
      },
      onFound: (topic, payload) => this.#presence.message(topic, payload, true),
    });
    this.#presence = new MqttPresence({
      ...options,
      topics,
      idPrefix: () => (installation.hasFormerIds === true ? FORMER.node : topics.node),
      publisher: {
        publish: (topic, payload, how) => this.#isSettled && broker.publish(topic, payload, how),
        subscribe: (filters) => broker.subscribe(filters),
      },
    });
  }

  get fact(): DoctorFacts['mqtt'] {
    return this.#broker.fact;
  }

  /** Messages of others, or not to be understood. */
  get ignored(): number {
    return this.#broker.ignored;
  }

  start(): void {
    this.#presence.start();
    this.#broker.start();
  }

  /** The last states are told, then that we are gone. */
  async close(): Promise<void> {
    this.#former.close();
    await this.#presence.close();
    await this.#broker.close();
  }
}
