/**
 * The microphone of a device that listens all the time: opened once and kept from talk to talk, as some browsers open none
 * while the page is hidden. One that is unplugged, or that somebody mutes, is gone: silence must not look like sleep.
 */
import { openMicrophone, type OpenMicrophone } from './microphone.ts';
import { MONITOR_DEFAULTS } from './monitor-defaults.ts';
import { SupersededError } from './trouble.ts';

const MUTED_MS = 2_000;

export class MonitorMicrophone {
  readonly #open: OpenMicrophone;
  readonly #gone: () => void;
  #track: MediaStreamTrack | null = null;
  #call = 0;
  #mutedTimer: ReturnType<typeof setTimeout> | undefined;

  /** `gone`: not by `close`. */
  constructor(gone: () => void, open: OpenMicrophone = openMicrophone) {
    this.#gone = gone;
    this.#open = open;
  }

  get isOpen(): boolean {
    return this.#track !== null;
  }

  /** The open one, or a new one. Rejects with SupersededError when it was closed meanwhile. */
  async open(): Promise<MediaStreamTrack> {
    if (this.#track) return this.#track;
    const call = ++this.#call;
    const track = await this.#open(MONITOR_DEFAULTS);
    if (call !== this.#call) {
      track.stop();
      throw new SupersededError();
    }
    this.#track = track;
    const lost = (): void => {
      if (track !== this.#track) return;
      this.close();
      this.#gone();
    };
    const mutes = (): void => {
      clearTimeout(this.#mutedTimer);
      if (track === this.#track && track.muted) this.#mutedTimer = setTimeout(lost, MUTED_MS);
    };
    track.addEventListener('ended', lost);
    for (const type of ['mute', 'unmute']) track.addEventListener(type, mutes);
    mutes();
    return track;
  }

  close(): void {
    this.#call += 1;
    clearTimeout(this.#mutedTimer);
    this.#track?.stop();
    this.#track = null;
  }
}
