/**
 * MonitorRegistry: the devices that are to listen to their rooms all the time, and whether they do. A monitor is missed
 * until it is back or a person switched it off, which is told as well, both also after a restart of the server. Nothing here is on the packet path: the
 * level meter asks it for a look at each of its ticks.
 */
import { RequestError } from '@voice-streaming/shared/errors';
import type { MonitorInfo } from '@voice-streaming/shared/protocol';
import type { Closeable } from '../closeable.ts';
import type { StreamListener } from '../media/ports.ts';
import type { BreachCounter } from '../media/limit-breaches.ts';
import type { Relay } from '../media/relay.ts';
import type { Stream } from '../media/stream.ts';
import type { MonitorRecord } from './device-file.ts';
import type { SignalingLimits } from './limits.ts';

/** Keeps what must outlive this process; DeviceRegistry is one. */
export interface MonitorStore {
  readonly monitors: ReadonlyMap<string, MonitorRecord>;
  setMonitor(id: string, monitor: MonitorRecord | undefined): void;
}

export interface MonitorRegistryOptions {
  relay: Relay;
  store: MonitorStore;
  limits: Pick<SignalingLimits, 'maxMonitors' | 'monitorSilenceMs' | 'monitorSoundDbov' | 'monitorTellMs'>;
  breaches: BreachCounter;
  /** What `infoOf` says of one has changed. */
  onChanged: () => void;
}

interface Monitor {
  wanted: MonitorRecord['wanted'];
  /** The session that said so; undefined when it is gone. */
  owner: object | undefined;
  lastSoundAt: number | null;
  /** What viewers were told last, and when. */
  toldSoundAt: number | null;
  toldAtMs: number;
  /** Its packets when they were last counted, and since when there are no more. */
  packets: number;
  packetsAtMs: number;
  isSilent: boolean;
}

export class MonitorRegistry implements Closeable, StreamListener {
  readonly #options: MonitorRegistryOptions;
  readonly #unsubscribe: () => void;
  readonly #monitors = new Map<string, Monitor>();

  constructor(options: MonitorRegistryOptions) {
    this.#options = options;
    for (const [id, { wanted, lastSoundAt }] of options.store.monitors) {
      this.#monitors.set(id, newMonitor(wanted, lastSoundAt));
    }
    this.#unsubscribe = options.relay.subscribe(this);
  }

  /** Stream ids of all monitors, here or not. */
  get ids(): Iterable<string> {
    return this.#monitors.keys();
  }

  has(id: string): boolean {
    return this.#monitors.has(id);
  }

  /** A session says what its device is from now on. Throws RequestError. */
  set(owner: object, id: string, wanted: MonitorRecord['wanted']): void {
    const known = this.#monitors.get(id);
    if (wanted === 'off' && !known) return;
    // An older tab of its browser, in which it was switched off once, says so again on each new connection.
    if (wanted !== 'on' && known?.owner && known.owner !== owner && this.infoOf(id)?.state === 'live') return;
    const { maxMonitors } = this.#options.limits;
    if (!known && this.#monitors.size >= maxMonitors) this.#dropOneThatIsOff();
    if (!known && this.#monitors.size >= maxMonitors) {
      const what = `There are ${maxMonitors} monitors already; forget one that is lost.`;
      this.#options.breaches.count('monitors', what);
      throw new RequestError('server_full', what, { limit: 'monitors' });
    }
    const monitor = known ?? newMonitor(wanted, null);
    const isStored = known?.wanted === wanted;
    monitor.owner = owner;
    monitor.wanted = wanted;
    this.#monitors.set(id, monitor);
    if (!isStored) this.#store(id, monitor);
    this.#options.onChanged();
  }

  /** Its next talk is that of a monitor. */
  isMonitor(owner: object, id: string): boolean {
    const monitor = this.#monitors.get(id);
    return monitor?.owner === owner && monitor.wanted === 'on';
  }

  /** A session has ended; what it was is missed from now on. */
  ownerGone(owner: object): void {
    for (const [id, monitor] of this.#monitors) {
      if (monitor.owner !== owner) continue;
      monitor.owner = undefined;
      this.#store(id, monitor);
    }
  }

  /** A person misses it no longer. Throws RequestError. */
  forget(id: string): void {
    const info = this.infoOf(id);
    if (!info) throw new RequestError('stream_not_found', `"${id}" is no monitor.`);
    if (info.state !== 'lost' && info.state !== 'off') {
      throw new RequestError('stream_busy', `The monitor "${id}" is there: switch it off on its own device.`);
    }
    this.#drop(id);
  }

  infoOf(id: string): MonitorInfo | undefined {
    const monitor = this.#monitors.get(id);
    if (!monitor) return undefined;
    const { lastSoundAt } = monitor;
    if (monitor.wanted === 'off') return { state: 'off', lastSoundAt };
    if (monitor.owner && monitor.wanted === 'needsTap') return { state: 'needsTap', lastSoundAt };
    const isLive = this.#options.relay.get(id)?.monitor === true && !monitor.isSilent;
    return { state: isLive ? 'live' : 'lost', lastSoundAt };
  }

  /** A look at one live stream: its loudest level since the last look, and whether packets came. */
  look(stream: Stream, levelDbov: number): void {
    const monitor = stream.monitor ? this.#monitors.get(stream.id) : undefined;
    if (!monitor) return;
    const { monitorSilenceMs, monitorSoundDbov, monitorTellMs } = this.#options.limits;
    const nowMs = performance.now();
    if (stream.packetsIn !== monitor.packets) {
      monitor.packets = stream.packetsIn;
      monitor.packetsAtMs = nowMs;
    }
    const wasSilent = monitor.isSilent;
    monitor.isSilent = nowMs - monitor.packetsAtMs >= monitorSilenceMs;
    if (levelDbov > monitorSoundDbov) monitor.lastSoundAt = Date.now();
    const hasNews = monitor.lastSoundAt !== monitor.toldSoundAt && nowMs - monitor.toldAtMs >= monitorTellMs;
    if (hasNews) {
      monitor.toldSoundAt = monitor.lastSoundAt;
      monitor.toldAtMs = nowMs;
    }
    if (hasNews || monitor.isSilent !== wasSilent) this.#options.onChanged();
  }

  streamStarted(stream: Stream): void {
    const monitor = stream.monitor ? this.#monitors.get(stream.id) : undefined;
    if (!monitor) return;
    monitor.packets = 0;
    monitor.packetsAtMs = performance.now();
    monitor.isSilent = false;
  }

  streamEnded(): void {
    // The list is told of it anyway.
  }

  close(): Promise<void> {
    this.#unsubscribe();
    for (const [id, monitor] of this.#monitors) this.#store(id, monitor);
    return Promise.resolve();
  }

  /** Those that are off wait for nobody; the one first known goes. */
  #dropOneThatIsOff(): void {
    for (const [id, { wanted }] of this.#monitors) {
      if (wanted !== 'off') continue;
      this.#drop(id);
      return;
    }
  }

  #drop(id: string): void {
    if (!this.#monitors.delete(id)) return;
    this.#options.store.setMonitor(id, undefined);
    this.#options.onChanged();
  }

  /** Not at each sound: that would write all night. */
  #store(id: string, { wanted, lastSoundAt }: Monitor): void {
    this.#options.store.setMonitor(id, { wanted, lastSoundAt });
  }
}

function newMonitor(wanted: MonitorRecord['wanted'], lastSoundAt: number | null): Monitor {
  return {
    wanted,
    owner: undefined,
    lastSoundAt,
    toldSoundAt: lastSoundAt,
    toldAtMs: -Infinity,
    packets: 0,
    packetsAtMs: 0,
    isSilent: false,
  };
}
