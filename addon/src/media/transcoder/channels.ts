/** Channels: those that somebody plays, by id and format, and the one timer that paces them all. */
import type { Relay } from '../relay.ts';
import { Channel, type ChannelOptions } from './channel.ts';
import type { AudioConsumer } from './consumers.ts';
import type { AudioFormat } from './formats.ts';

export interface ChannelsOptions extends Pick<ChannelOptions, 'onChunkDropped' | 'onConsumerError'> {
  relay: Relay;
  /** How often they look whether silence is due. */
  tickMs: number;
  /** Consumes a stream without its prelude; returns how to leave. */
  consume: (format: AudioFormat) => ChannelOptions['consume'];
}

interface OpenChannel {
  id: string;
  format: AudioFormat;
  channel: Channel;
}

export class Channels {
  readonly #options: ChannelsOptions;
  readonly #open = new Map<string, OpenChannel>();
  #ticking: NodeJS.Timeout | undefined;

  constructor(options: ChannelsOptions) {
    this.#options = options;
  }

  get size(): number {
    return [...this.#open.values()].reduce((sum, { channel }) => sum + channel.size, 0);
  }

  /** Those who would hear this stream now: of its own channel, and of `latest` while it is the latest. */
  listenersOf(streamId: string, format?: AudioFormat): number {
    const { relay } = this.#options;
    const ids = relay.latest?.id === streamId ? [streamId, 'latest'] : [streamId];
    return [...this.#open.values()]
      .filter((open) => ids.includes(open.id) && (format === undefined || open.format === format))
      .reduce((sum, { channel }) => sum + channel.size, 0);
  }

  /** `id` is a stream id or `latest`. Returns how to leave; leaving twice says false. */
  add(id: string, format: AudioFormat, consumer: AudioConsumer): () => boolean {
    const key = `${id}.${format}`;
    const open = this.#open.get(key) ?? { id, format, channel: this.#create(id, format) };
    this.#open.set(key, open);
    const leave = open.channel.add(consumer);
    // Behind the sound that waits: a thread that was held up must not take that for a talk that is late.
    this.#ticking ??= setInterval(() => setImmediate(() => this.#tick()), this.#options.tickMs);
    return () => {
      const was = leave();
      if (open.channel.size === 0 && this.#open.get(key) === open) this.#open.delete(key);
      if (this.#open.size === 0) this.#rest();
      return was;
    };
  }

  /** A talk began or ended somewhere. */
  follow(): void {
    for (const { channel } of [...this.#open.values()]) channel.follow();
  }

  end(): void {
    const all = [...this.#open.values()];
    this.#open.clear();
    this.#rest();
    for (const { channel } of all) channel.end();
  }

  #create(id: string, format: AudioFormat): Channel {
    const { relay, consume, onChunkDropped, onConsumerError } = this.#options;
    return new Channel({
      format,
      now: () => performance.now(),
      voice: () => (id === 'latest' ? relay.latest : publicOf(relay, id)),
      consume: consume(format),
      onChunkDropped,
      onConsumerError,
    });
  }

  #tick(): void {
    for (const { channel } of [...this.#open.values()]) channel.tick();
  }

  #rest(): void {
    clearInterval(this.#ticking);
    this.#ticking = undefined;
  }
}

/** What is said privately is not for whoever stays tuned. */
function publicOf(relay: Relay, id: string): ReturnType<Relay['get']> {
  const stream = relay.get(id);
  return stream?.private === true ? undefined : stream;
}
