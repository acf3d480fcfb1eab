import type { Channel } from '../../src/playing-tab.ts';

/** BroadcastChannels of one browser: what one says, all others of its name hear, a little later. */
export class FakeChannels {
  readonly #open: { name: string; channel: Channel }[] = [];
  /** Crashed or frozen: they hear nothing and say nothing. */
  readonly frozen = new Set<Channel>();

  readonly open = (name: string): Channel => {
    const channel: Channel = {
      onmessage: null,
      postMessage: (message) => {
        if (!this.frozen.has(channel)) this.#deliver(name, channel, message);
      },
      close: () => {
        this.#open.splice(
          this.#open.findIndex((entry) => entry.channel === channel),
          1,
        );
      },
    };
    this.#open.push({ name, channel });
    return channel;
  };

  get last(): Channel {
    return this.#open.at(-1)!.channel;
  }

  #deliver(name: string, from: Channel, message: unknown): void {
    for (const { name: otherName, channel } of this.#open) {
      if (channel === from || otherName !== name) continue;
      setTimeout(() => {
        if (!this.frozen.has(channel)) channel.onmessage?.({ data: message } as MessageEvent<unknown>);
      }, 1);
    }
  }
}
