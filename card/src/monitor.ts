/**
 * Listens to the room all the time, where a card wants that. What does it, `MonitorSender`, is in `pages.js`, and fetched
 * then: again and again until it is there.
 */
import type { MicrophonePolicy } from './config.ts';
import { Emitter } from './emitter.ts';
import { fetchPages } from './fetched-page.ts';
import { MONITOR_DEFAULTS } from './monitor-defaults.ts';
import type { MonitorSender, MonitorSenderOptions, MonitorState } from './monitor-sender.ts';
import { pageTools } from './page-tools.ts';
import type { Sender } from './sender.ts';
import type { Trouble } from './trouble.ts';

const RETRY_MS = 1_000;

export class Monitor {
  readonly changed = new Emitter();
  readonly #options: MonitorSenderOptions;
  readonly #load: typeof fetchPages;
  /** Cards that came before the code. */
  readonly #early = new Set<{ leave?: () => void }>();
  #monitor: MonitorSender | null = null;
  #fetching = false;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: MonitorSenderOptions, load = fetchPages) {
    this.#options = options;
    this.#load = load;
  }

  get state(): MonitorState {
    return this.#monitor?.state ?? (this.#early.size > 0 ? 'starting' : 'none');
  }

  /** Whether this page is to listen: it may not be ended, nor fall asleep. */
  get wanted(): boolean {
    return this.#monitor?.wanted ?? this.#early.size > 0;
  }

  /** Why it is not live. */
  get trouble(): Trouble | null {
    return this.#monitor?.trouble ?? null;
  }

  /** It listens, or tries to by itself: a touch would switch it off. */
  get isOn(): boolean {
    return this.state === 'live' || this.state === 'starting';
  }

  /** A card is there; call the returned function when it is gone. */
  use(): () => void {
    if (this.#monitor) return this.#monitor.use();
    const card: { leave?: () => void } = {};
    this.#early.add(card);
    void this.#fetch();
    this.changed.emit();
    return () => {
      card.leave?.();
      if (this.#early.delete(card) && !this.#monitor) this.changed.emit();
    };
  }

  toggle(): void {
    this.#monitor?.toggle();
  }

  awake(): void {
    this.#monitor?.awake();
  }

  update(): void {
    this.#monitor?.update();
  }

  close(): void {
    clearTimeout(this.#retryTimer);
    this.#early.clear();
    this.#monitor?.close();
  }

  async #fetch(): Promise<void> {
    if (this.#fetching) return;
    this.#fetching = true;
    try {
      const { createMonitor } = await this.#load();
      if (this.#early.size > 0) this.#begin(createMonitor(this.#options, pageTools));
    } catch {
      clearTimeout(this.#retryTimer);
      if (this.#early.size > 0) this.#retryTimer = setTimeout(() => void this.#fetch(), RETRY_MS);
    } finally {
      this.#fetching = false;
    }
  }

  #begin(monitor: MonitorSender): void {
    this.#monitor = monitor;
    monitor.changed.subscribe(() => this.changed.emit());
    for (const card of this.#early) card.leave = monitor.use();
  }
}

/** What a card that talks holds of a session; returns how to give it back. */
export function useMicrophone(
  { sender, monitor }: { sender: Sender; monitor: Monitor },
  { always_on: alwaysOn, microphone }: { always_on: boolean; microphone: MicrophonePolicy },
): (() => void)[] {
  if (!alwaysOn) return [sender.microphone.use(microphone)];
  return [sender.microphone.use('press', MONITOR_DEFAULTS), monitor.use()];
}
