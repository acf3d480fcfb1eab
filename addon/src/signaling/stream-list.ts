/**
 * StreamList: the `streams` event. All live streams, oldest talk first, then the idle streams of connected devices, and
 * of monitors that are missed, by name. Told on change, bursts in one, at most one a `intervalMs`; the last change is never lost.
 */
import type { StreamInfo } from '@voice-streaming/shared/protocol';
import type { Closeable } from '../closeable.ts';
import type { StreamListener } from '../media/ports.ts';
import type { Relay } from '../media/relay.ts';
import type { Stream } from '../media/stream.ts';
import type { MonitorRegistry } from './monitor-registry.ts';
import type { ListenerCounts } from './ports.ts';
import { audienceOf, maySee, type Viewer } from './viewer.ts';

export interface StreamListOptions {
  relay: Relay;
  listeners: ListenerCounts;
  viewers: ReadonlySet<Viewer>;
  /** The name a device has now; undefined for streams of no device (WHIP). */
  nameOf: (streamId: string) => string | undefined;
  monitors: Pick<MonitorRegistry, 'ids' | 'infoOf'>;
  intervalMs: number;
}

const byName = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

export class StreamList implements Closeable, StreamListener {
  readonly #options: StreamListOptions;
  readonly #unsubscribe: (() => void)[];
  readonly #toldTo = new WeakMap<Viewer, string>();
  #timer: NodeJS.Timeout | undefined;
  #toldAtMs = -Infinity;
  #closed = false;

  constructor(options: StreamListOptions) {
    this.#options = options;
    this.#unsubscribe = [options.relay.subscribe(this), options.listeners.onListenersChanged(() => this.changed())];
  }

  streamStarted(): void {
    this.changed();
  }

  streamEnded(): void {
    this.changed();
  }

  /** Something of the list may have changed. */
  changed(): void {
    if (this.#closed || this.#timer) return;
    const waitMs = Math.max(0, this.#toldAtMs + this.#options.intervalMs - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#toldAtMs = performance.now();
      this.#tellAll();
    }, waitMs);
  }

  /** Tells one viewer at once: it has just been let in. */
  tell(viewer: Viewer): void {
    this.#tell(viewer, this.#serialize(this.listFor(viewer)));
  }

  listFor(viewer: Viewer): StreamInfo[] {
    return this.#list(viewer, this.#countReceivers());
  }

  infoOf(stream: Stream): StreamInfo {
    return this.#liveInfo(stream, this.#countReceivers());
  }

  /** WebRTC clients that hear a stream now. */
  receiversOf(streamId: string): number {
    return (this.#countReceivers().get(streamId) ?? 0) + this.#otherReceivers(streamId);
  }

  close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    return Promise.resolve();
  }

  #tellAll(): void {
    const receivers = this.#countReceivers();
    const live = this.#options.relay.live;
    const texts = new Map<string, string>();
    for (const viewer of this.#options.viewers) {
      if (!viewer.isAdmitted) continue;
      const audience = audienceOf(viewer, live);
      const text = texts.get(audience) ?? this.#serialize(this.#list(viewer, receivers));
      texts.set(audience, text);
      this.#tell(viewer, text);
    }
  }

  #tell(viewer: Viewer, text: string): void {
    if (this.#toldTo.get(viewer) === text) return;
    this.#toldTo.set(viewer, text);
    viewer.tell('streams', text);
  }

  #serialize(streams: StreamInfo[]): string {
    return JSON.stringify({ type: 'streams', streams });
  }

  #list(viewer: Viewer, receivers: ReadonlyMap<string, number>): StreamInfo[] {
    const live = this.#options.relay.live.filter((stream) => maySee(viewer, stream));
    const idle = new Map<string, StreamInfo>();
    const devices = [...[...this.#options.viewers].map(({ streamId }) => streamId), ...this.#options.monitors.ids];
    for (const streamId of devices) {
      if (streamId === undefined || live.some((stream) => stream.id === streamId)) continue;
      // A private talk that this viewer may not see looks idle, its counts included.
      const hidden = this.#options.relay.get(streamId) !== undefined;
      const listeners = hidden ? 0 : this.#options.listeners.listenersOf(streamId);
      const name = this.#options.nameOf(streamId) ?? streamId;
      const info = { id: streamId, name, live: false, since: null, receivers: 0, listeners };
      idle.set(streamId, { ...info, ...this.#monitorOf(streamId) });
    }
    const sorted = [...idle.values()].sort((a, b) => byName.compare(a.name, b.name) || (a.id < b.id ? -1 : 1));
    return [...live.map((stream) => this.#liveInfo(stream, receivers)), ...sorted];
  }

  #liveInfo(stream: Stream, receivers: ReadonlyMap<string, number>): StreamInfo {
    return {
      id: stream.id,
      name: this.#options.nameOf(stream.id) ?? stream.name,
      live: true,
      since: stream.startedAtMs,
      receivers: (receivers.get(stream.id) ?? 0) + this.#otherReceivers(stream.id),
      listeners: this.#options.listeners.listenersOf(stream.id),
      ...this.#monitorOf(stream.id),
    };
  }

  #monitorOf(streamId: string): Pick<StreamInfo, 'monitor'> {
    const monitor = this.#options.monitors.infoOf(streamId);
    return monitor ? { monitor } : {};
  }

  #otherReceivers(streamId: string): number {
    return this.#options.listeners.receiversOf?.(streamId) ?? 0;
  }

  #countReceivers(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const viewer of this.#options.viewers) {
      for (const id of viewer.heardStreamIds) counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    return counts;
  }
}
