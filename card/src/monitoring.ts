/** Hearing monitors, as a session does it: the watch over them, the alarm's sound, and playing on with the screen off. */
import type { StreamInfo } from '@voice-streaming/shared/protocol';
import { Alarm } from './alarm.ts';
import { Emitter } from './emitter.ts';
import { MonitorWatch } from './monitor-watch.ts';
import type { Receiver } from './receiver.ts';
import { ScreenOffPlayer } from './screen-off-player.ts';
import type { SignalingClient } from './signaling-client.ts';

export interface MonitoringOptions {
  url: string;
  client: SignalingClient;
  receiver: Receiver;
  streams: () => readonly StreamInfo[];
}

export class Monitoring {
  /** Anything of it changed. */
  readonly changed = new Emitter();
  readonly watch: MonitorWatch;
  readonly screenOff: ScreenOffPlayer;
  readonly #alarm: Alarm;
  readonly #options: MonitoringOptions;
  /** How it is heard now, and since when. */
  #way = '';
  #waySince = 0;

  constructor(options: MonitoringOptions) {
    const { url, client, receiver, streams } = options;
    this.#options = options;
    this.#alarm = new Alarm({ speaker: () => receiver.speaker });
    this.screenOff = new ScreenOffPlayer({ url, getUrl: (args) => client.request('getPlayUrl', args) });
    this.watch = new MonitorWatch({
      target: () => receiver.target,
      streams,
      isReady: () => client.connection.state === 'ready',
      lastMessageAt: () => client.heardAt,
      clockLeadMs: () => client.clockLeadMs,
      soundAt: () => (this.#way === '' ? null : Math.max(this.#waySince, this.#soundAt)),
    });
    this.watch.changed.subscribe(() => {
      this.#sound();
      this.changed.emit();
    });
    this.screenOff.changed.subscribe(() => {
      this.update();
      this.changed.emit();
    });
    this.#alarm.changed.subscribe(() => this.changed.emit());
  }

  /** The alarm should sound, and the browser wants a tap first. */
  get alarmRefused(): boolean {
    return this.#alarm.refused;
  }

  /** Also in a hidden page somebody relies on it. */
  get reliedOn(): boolean {
    return this.screenOff.on || this.watch.watched !== null;
  }

  /** Who is heard by MP3 now. */
  get playing(): readonly StreamInfo[] {
    const { target } = this.#options.receiver;
    if (!this.screenOff.on || target === null) return [];
    const first = Array.isArray(target) ? target[0] : null;
    const isPlayed = ({ id, live, monitor }: StreamInfo): boolean =>
      live && (first === null ? monitor === undefined : id === first);
    return this.#options.streams().filter(isPlayed).slice(-1);
  }

  /** Session or receiver changed. */
  update(): void {
    const { receiver } = this.#options;
    const { on, blocked } = this.screenOff;
    receiver.setSilent(on);
    const first = Array.isArray(receiver.target) ? receiver.target[0] : undefined;
    this.screenOff.setTarget(receiver.wanted ? receiver.target : null);
    this.screenOff.setVolume(first === undefined ? 1 : receiver.volumeOf(first));
    this.screenOff.setMuted(receiver.muted);
    const isHeard = receiver.wanted && !(on ? blocked : receiver.needsTap);
    const way = isHeard ? `${on ? 'mp3' : 'webrtc'} ${JSON.stringify(receiver.target)}` : '';
    if (way !== this.#way) this.#waySince = Date.now();
    this.#way = way;
    this.watch.update();
    this.#sound();
  }

  close(): void {
    this.watch.close();
    this.screenOff.close();
    this.#alarm.close();
  }

  get #soundAt(): number {
    return this.screenOff.on ? this.screenOff.soundAt : this.#options.receiver.soundAt;
  }

  #sound(): void {
    const { alarm, watched } = this.watch;
    this.#alarm.setReady(watched !== null);
    this.#alarm.setOn(alarm !== null && !alarm.acknowledged && !this.#options.receiver.elsewhere);
  }
}
