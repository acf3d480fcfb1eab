/** MqttHouse: what is told of the whole house: whether someone talks, who did last, how many listen. */
import type { Relay } from '../media/relay.ts';
import type { Stream } from '../media/stream.ts';
import type { MqttTopics } from './mqtt-topics.ts';
import type { PlayerCounts } from './ports.ts';

export interface MqttHouseOptions {
  topics: MqttTopics;
  relay: Relay;
  players: PlayerCounts;
  publisher: { publish(topic: string, payload: string, options: { retain: boolean }): void };
}

export class MqttHouse {
  /** WebRTC clients that hear somebody. */
  receivers = 0;
  readonly #options: MqttHouseOptions;
  #lastTalker: Record<string, string> = {};

  constructor(options: MqttHouseOptions) {
    this.#options = options;
  }

  /** Somebody pressed the button, or let it go: an event, which nobody is to get later. */
  talk(stream: Stream, type: 'started' | 'ended'): void {
    if (!stream.isForAll) return;
    const { house } = this.#options.topics;
    const { id, talkId, name, user, startedAtMs } = stream;
    this.#lastTalker = {
      [house.lastTalker]: name,
      [house.lastTalkerAttributes]: JSON.stringify({
        stream_id: id,
        user,
        since: new Date(startedAtMs).toISOString(),
      }),
    };
    const duration = type === 'ended' ? { duration: Math.round(stream.ageMs / 100) / 10 } : {};
    const event = { event_type: type, stream_id: id, talk_id: talkId, name, user, ...duration };
    this.#options.publisher.publish(house.talk, JSON.stringify(event), { retain: false });
  }

  /** By topic. */
  states(): Record<string, string> {
    const { relay, players, topics } = this.#options;
    const { house } = topics;
    const live = relay.live.filter((stream) => stream.isForAll);
    const who = { who: live.map(({ name }) => name), streams: live.map(({ id }) => id) };
    const { listenerCount } = players;
    return {
      [house.talking]: live.length > 0 ? 'ON' : 'OFF',
      [house.talkingAttributes]: JSON.stringify(who),
      [house.listeners]: String(this.receivers + listenerCount),
      [house.listenersAttributes]: JSON.stringify({ dashboards: this.receivers, players: listenerCount }),
      ...this.#lastTalker,
    };
  }
}
