/** Hearing monitors, as a session does it: the watch over them, the alarm's sound, and playing on with the screen off. */
import type { StreamInfo } from '@voice-streaming/shared/protocol';
import { Alarm } from './alarm.ts';
import { Emitter } from './emitter.ts';
import { MonitorWatch } from './monitor-watch.ts';
import type { Receiver } from './receiver.ts';
import type { ScreenOffPlayer, ScreenOffPlayerOptions } from './screen-off-player.ts';
import type { SignalingClient } from './signaling-client.ts';
import { openBroadcastChannel, type Channel } from './playing-tab.ts';
import { steadyNow } from './steady-clock.ts';

export interface MonitoringOptions {
  url: string;
  client: SignalingClient;
  receiver: Receiver;
  streams: () => readonly StreamInfo[];
  /** The server answers, and `streams` is its word. */
  isReady: () => boolean;
  alarm?: Alarm;
  /** Of the tabs of this browser: an alarm that is heard in one is heard in all. Null where there is none. */
  openChannel?: (name: string) => Channel | null;
}

/** Its code is fetched with the page that has its switch. */
export type CreateScreenOff = (options: ScreenOffPlayerOptions) => ScreenOffPlayer;

const HEARD = 'heard';

export class Monitoring {
  /** Anything of it changed. */
  readonly changed = new Emitter();
  readonly watch: MonitorWatch;
  #screenOff: ScreenOffPlayer | null = null;
  readonly #alarm: Alarm;
  readonly #options: MonitoringOptions;
  readonly #channel: Channel | null;
  /** What is to be heard, and how. */
  #way = '';
  /** steadyNow() of the last moment at which it could be heard; null: not yet. */
  #soundAt: number | null = null;

  constructor(options: MonitoringOptions) {
    const { client, receiver, streams } = options;
    this.#options = options;
    this.#alarm = options.alarm ?? new Alarm({ speaker: () => receiver.speaker });
    this.#channel = (options.openChannel ?? openBroadcastChannel)(`voice-streaming.alarm ${options.url}`);
    if (this.#channel) {
      this.#channel.onmessage = ({ data }) => {
        if (data === HEARD) this.watch.acknowledge();
      };
    }
    this.watch = new MonitorWatch({
      target: () => receiver.target,
      streams,
      isReady: options.isReady,
      lastMessageAt: () => client.heardAt,
      clockLeadMs: () => client.clockLeadMs,
      soundAt: () => this.#lastSound(),
      isSilenced: (id) => receiver.isSilenced(id),
    });
    this.watch.changed.subscribe(() => {
      // What the system has stopped may go on, if it is asked.
      if (this.watch.alarm?.reason === 'noSound') receiver.enableSound();
      this.#sound();
      this.changed.emit();
    });
    this.#alarm.changed.subscribe(() => this.changed.emit());
  }

  /** The alarm should sound, and the browser wants a tap first. */
  get alarmRefused(): boolean {
    return this.#alarm.refused;
  }

  /** Null: it was never switched on. */
  get screenOff(): Pick<ScreenOffPlayer, 'on' | 'blocked' | 'poke'> | null {
    return this.#screenOff;
  }

  /** Call it inside a gesture. */
  setScreenOff(on: boolean, create: CreateScreenOff): void {
    if (!this.#screenOff) {
      const { url, client } = this.#options;
      this.#screenOff = create({ url, getUrl: (args) => client.request('getPlayUrl', args) });
      this.#screenOff.changed.subscribe(() => {
        this.update();
        this.changed.emit();
      });
      this.update();
    }
    this.#screenOff.setOn(on);
  }

  /** Somebody has heard the alarm, in this tab. */
  acknowledge(): void {
    this.watch.acknowledge();
    this.#channel?.postMessage(HEARD);
  }

  /** Also in a hidden page somebody relies on it. */
  get reliedOn(): boolean {
    return this.#isScreenOff || this.watch.watched !== null;
  }

  /** Who is heard by MP3 now. */
  get playing(): readonly StreamInfo[] {
    const { target } = this.#options.receiver;
    if (!this.#isScreenOff || target === null) return [];
    const first = Array.isArray(target) ? target[0] : null;
    const isPlayed = ({ id, live, monitor }: StreamInfo): boolean =>
      live && (first === null ? monitor === undefined : id === first);
    return this.#options.streams().filter(isPlayed).slice(-1);
  }

  /** Session or receiver changed. */
  update(): void {
    const { receiver } = this.#options;
    const on = this.#isScreenOff;
    receiver.setSilent(on);
    const first = Array.isArray(receiver.target) ? receiver.target[0] : undefined;
    this.#screenOff?.setTarget(receiver.wanted ? receiver.target : null);
    this.#screenOff?.setVolume(first === undefined ? 1 : receiver.volumeOf(first));
    this.#screenOff?.setMuted(receiver.muted);
    const way = receiver.wanted ? `${on ? 'mp3' : 'webrtc'} ${JSON.stringify(receiver.target)}` : '';
    if (way !== this.#way) this.#soundAt = null;
    this.#way = way;
    this.watch.update();
    this.#sound();
  }

  close(): void {
    this.watch.close();
    this.#channel?.close();
    this.#screenOff?.close();
    this.#alarm.close();
  }

  /**
   * Null while nothing is to be heard here, or never could be: then the card says that it needs a tap. Once it was heard, it
   * is missed, whatever took it.
   */
  #lastSound(): number | null {
    if (this.#way === '') return null;
    const { receiver } = this.#options;
    const playing = this.#screenOff?.on ? this.#screenOff : null;
    const isStopped = playing ? playing.blocked : receiver.needsTap || receiver.isPaused;
    if (!isStopped) {
      const arrivedAt = (playing ?? receiver).soundAt;
      this.#soundAt = Math.max(this.#soundAt ?? steadyNow(), arrivedAt);
    }
    return this.#soundAt;
  }

  get #isScreenOff(): boolean {
    return this.#screenOff?.on ?? false;
  }

  #sound(): void {
    const { alarm, watched } = this.watch;
    this.#alarm.setReady(watched !== null);
    this.#alarm.setOn(alarm !== null && !alarm.acknowledged);
  }
}
