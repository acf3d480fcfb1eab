/**
 * SlotAssignment: which live stream each slot of one receiver carries, by what that receiver listens to. `latest` uses
 * one slot; `all` and a list use up to as many as there are, the newest talks first; a displaced stream returns when a
 * slot is free. A stream keeps its slot while it is heard, so that nobody's voice jumps between audio sections.
 */
import type { Closeable } from '../closeable.ts';
import type { ReceiverSlot, StreamListener } from './ports.ts';
import type { Relay } from './relay.ts';
import type { Stream } from './stream.ts';

export type ListenTarget = 'latest' | 'all' | readonly string[] | null;

export interface SlotAssignmentOptions {
  relay: Relay;
  slots: readonly ReceiverSlot[];
  /** Never heard on this receiver: its own stream. Read at each change, as a device may be introduced later. */
  ownStreamId: () => string | undefined;
  /** Whether this receiver's user may. Default: yes. */
  mayHear?: (streamId: string) => boolean;
  /** A stream that is wanted has as many receivers as it may; told once for each talk. It comes when there is room. */
  onFull?: (stream: Stream) => void;
  /** Mid -> stream id or null, after each change. */
  onChange: (slots: Record<string, string | null>) => void;
}

export class SlotAssignment implements Closeable, StreamListener {
  readonly #options: SlotAssignmentOptions;
  readonly #carried: (Stream | undefined)[];
  readonly #toldFull = new WeakSet<Stream>();
  readonly #unsubscribe: () => void;
  #to: ListenTarget = null;
  #echo: Stream | undefined;
  #closed = false;

  constructor(options: SlotAssignmentOptions) {
    this.#options = options;
    this.#carried = options.slots.map(() => undefined);
    this.#unsubscribe = options.relay.subscribe(this);
  }

  listen(to: ListenTarget): void {
    this.#to = to;
    this.#assign();
  }

  /** Puts the client's own echo on the first slot, or takes it off again. */
  setEcho(stream: Stream | undefined): void {
    this.#echo = stream;
    this.#assign();
  }

  streamStarted(): void {
    this.#assign();
  }

  streamEnded(): void {
    this.#assign();
  }

  streamHasRoom(stream: Stream): void {
    if (!this.#carried.includes(stream)) this.#assign();
  }

  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#unsubscribe();
      this.#options.slots.forEach((slot, index) => this.#carried[index]?.detach(slot));
    }
    return Promise.resolve();
  }

  #assign(): void {
    if (this.#closed) return;
    const { slots, onChange } = this.#options;
    const wanted = this.#wanted()
      .filter((stream) => this.#hasRoom(stream))
      .slice(0, slots.length);
    const before = [...this.#carried];
    // First who stays, then the free slots: the echo alone insists on the first one.
    const next = this.#carried.map((stream) => (stream && wanted.includes(stream) ? stream : undefined));
    if (this.#echo && next[0] !== this.#echo) {
      const displaced = next[0];
      next[0] = this.#echo;
      if (displaced) next[next.indexOf(undefined)] = displaced;
    }
    for (const stream of wanted) {
      if (!next.includes(stream)) next[next.indexOf(undefined)] = stream;
    }
    // All off first, so that a stream that changes its slot has room for it.
    const changed = slots.map((slot, index) => ({ slot, index })).filter(({ index }) => before[index] !== next[index]);
    for (const { slot, index } of changed) before[index]?.detach(slot);
    for (const { slot, index } of changed) next[index]?.attachReceiver(slot);
    this.#carried.splice(0, next.length, ...next);
    if (before.some((stream, index) => stream !== next[index])) {
      onChange(Object.fromEntries(slots.map((slot, index) => [slot.mid, next[index]?.id ?? null])));
    }
  }

  #hasRoom(stream: Stream): boolean {
    if (stream.hasRoom || this.#carried.includes(stream)) return true;
    if (!this.#toldFull.has(stream)) {
      this.#toldFull.add(stream);
      this.#options.onFull?.(stream);
    }
    return false;
  }

  /** Most wanted first. */
  #wanted(): Stream[] {
    const { relay, ownStreamId, mayHear = () => true } = this.#options;
    const own = ownStreamId();
    const newestFirst = relay.live.filter(({ id }) => id !== own && mayHear(id)).reverse();
    const heard = ((): Stream[] => {
      if (this.#to === null) return [];
      if (this.#to === 'latest') return newestFirst.filter((stream) => stream.isForAll).slice(0, 1);
      if (this.#to === 'all') return newestFirst.filter((stream) => stream.isForAll);
      const ids = this.#to;
      return newestFirst.filter((stream) => ids.includes(stream.id));
    })();
    return this.#echo ? [this.#echo, ...heard] : heard;
  }
}
