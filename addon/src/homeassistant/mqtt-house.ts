/** MqttHouse: what is told of the whole house: whether someone talks, who did last, how many listen. */
import type { Relay } from '../media/relay.ts';
import type { Stream } from '../media/stream.ts';
import { HOUSE } from './mqtt-entities.ts';
import type { PlayerCounts } from './ports.ts';

export interface MqttHouseOptions {
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
    const { id, talkId, name, user, startedAtMs } = stream;
    this.#lastTalker = {
      [HOUSE.lastTalker]: name,
      [HOUSE.lastTalkerAttributes]: JSON.stringify({
        stream_id: id,
        user,
        since: new Date(startedAtMs).toISOString(),
      }),
    };
    const duration = type === 'ended' ? { duration: Math.round((Date.now() - startedAtMs) / 100) / 10 } : {};
    const event = { event_type: type, stream_id: id, talk_id: talkId, name, user, ...duration };
    this.#options.publisher.publish(HOUSE.talk, JSON.stringify(event), { retain: false });
  }

  /** By topic. */
  states(): Record<string, string> {
    const { relay, players } = this.#options;
    const live = relay.live.filter((stream) => stream.isForAll);
    const who = { who: live.map(({ name }) => name), streams: live.map(({ id }) => id) };
    const { listenerCount } = players;
    return {
      [HOUSE.talking]: live.length > 0 ? 'ON' : 'OFF',
      [HOUSE.talkingAttributes]: JSON.stringify(who),
      [HOUSE.listeners]: String(this.receivers + listenerCount),
      [HOUSE.listenersAttributes]: JSON.stringify({ dashboards: this.receivers, players: listenerCount }),
      ...this.#lastTalker,
    };
  }
}
