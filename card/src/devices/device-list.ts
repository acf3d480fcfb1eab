/** The microphones and speakers of this machine, as far as the browser tells them to this page. */
import { Emitter } from '../emitter.ts';

export interface AudioDevice {
  id: string;
  label: string;
}

/** Chromium's own entries for what the system has chosen; that is a choice of its own here. */
const ALIASES = ['default', 'communications'];

export class DeviceList {
  readonly changed = new Emitter();
  #devices: readonly MediaDeviceInfo[] = [];
  #call = 0;
  #stop: (() => void) | null = null;

  /** Without a name no device can be chosen: browsers tell names once the microphone has been allowed. */
  get microphones(): readonly AudioDevice[] {
    return this.#of('audioinput');
  }

  get speakers(): readonly AudioDevice[] {
    return this.#of('audiooutput');
  }

  /** There are microphones, and their names are kept from this page. */
  get unnamed(): boolean {
    const microphones = this.#devices.filter(({ kind }) => kind === 'audioinput');
    return microphones.length > 0 && microphones.every(({ label }) => label === '');
  }

  /** Whether it looks, and so knows what is there. */
  get known(): boolean {
    return this.#stop !== null && this.#devices.length > 0;
  }

  start(): void {
    const devices = mediaDevices();
    if (this.#stop || !devices) return;
    const look = (): void => void this.refresh();
    devices.addEventListener('devicechange', look);
    this.#stop = () => devices.removeEventListener('devicechange', look);
    look();
  }

  stop(): void {
    this.#call += 1;
    this.#stop?.();
    this.#stop = null;
  }

  /** Never rejects. */
  async refresh(): Promise<void> {
    const call = ++this.#call;
    const devices = await mediaDevices()
      ?.enumerateDevices()
      .catch(() => []);
    if (call !== this.#call || !devices) return;
    this.#devices = devices;
    this.changed.emit();
  }

  #of(kind: MediaDeviceKind): readonly AudioDevice[] {
    return this.#devices
      .filter((device) => device.kind === kind && device.label !== '' && !ALIASES.includes(device.deviceId))
      .map(({ deviceId, label }) => ({ id: deviceId, label }));
  }
}

type WithPicker = MediaDevices & {
  selectAudioOutput?: (options?: { deviceId?: string }) => Promise<MediaDeviceInfo>;
};

/** Missing on pages that are not secure, whatever TypeScript's own types say. */
function mediaDevices(): WithPicker | undefined {
  return (navigator as { mediaDevices?: WithPicker }).mediaDevices;
}

/** Whether the browser has a list of speakers of its own to choose from (Firefox). */
export function hasSpeakerPicker(): boolean {
  return typeof mediaDevices()?.selectAudioOutput === 'function';
}

/** Call it inside a gesture. Null: nothing was chosen. */
export async function pickSpeaker(): Promise<AudioDevice | null> {
  const picked = await mediaDevices()
    ?.selectAudioOutput?.()
    .catch(() => null);
  return picked ? { id: picked.deviceId, label: picked.label } : null;
}
