/** Mqtt: our entities in Home Assistant, put together: the broker's connection and what is told over it. */
import type { Closeable } from '../closeable.ts';
import type { DoctorFacts } from './doctor.ts';
import { MqttBroker, type MqttBrokerOptions } from './mqtt-broker.ts';
import { STATUS_TOPIC } from './mqtt-entities.ts';
import { MqttPresence, type MqttPresenceOptions } from './mqtt-presence.ts';

export type MqttOptions = Omit<MqttBrokerOptions, 'will' | 'onConnected' | 'onMessage'> &
  Omit<MqttPresenceOptions, 'publisher'>;

export class Mqtt implements Closeable {
  readonly #broker: MqttBroker;
  readonly #presence: MqttPresence;

  constructor(options: MqttOptions) {
    this.#broker = new MqttBroker({
      ...options,
      will: { topic: STATUS_TOPIC, payload: 'offline' },
      onConnected: () => this.#presence.connected(),
      onMessage: (topic, payload, retained) => this.#presence.message(topic, payload, retained),
    });
    this.#presence = new MqttPresence({ ...options, publisher: this.#broker });
  }

  get fact(): DoctorFacts['mqtt'] {
    return this.#broker.fact;
  }

  start(): void {
    this.#presence.start();
    this.#broker.start();
  }

  /** The last states are told, then that we are gone. */
  async close(): Promise<void> {
    await this.#presence.close();
    await this.#broker.close();
  }
}
