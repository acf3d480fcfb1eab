/** What the page "Microphone and speaker" shows and does, while it is open: the devices, the choices, the tests. */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { ChosenDevice } from './chosen-device.ts';
import { playClip, testSound } from './clip.ts';
import { DeviceList, hasSpeakerPicker, pickSpeaker, type AudioDevice } from './device-list.ts';
import type { DeviceChoice, DevicesPageModel } from './devices-page.ts';
import { MicrophoneTest } from './microphone-test.ts';
import { microphoneSettings, PROCESSING, type Processing } from './microphone-settings.ts';
import { microphoneObstacle, openMicrophone } from './microphone.ts';
import { Playback } from './playback.ts';
import type { Session } from './session.ts';
import { troubleOf, type Trouble } from './trouble.ts';

export interface DevicesPanelOptions {
  isOpen: () => boolean;
  session: () => Session | null;
}

export class DevicesPanel implements ReactiveController {
  readonly #host: ReactiveControllerHost & { renderRoot: HTMLElement | DocumentFragment };
  readonly #options: DevicesPanelOptions;
  readonly #list = new DeviceList();
  readonly #test: MicrophoneTest;
  /** Of the last attempt to be told the devices' names. */
  #trouble: Trouble | null = null;
  #speakerRefused = false;
  /** While the test sound plays. */
  #sounding: AbortController | null = null;
  #close: (() => void) | null = null;

  constructor(
    host: ReactiveControllerHost & { renderRoot: HTMLElement | DocumentFragment },
    options: DevicesPanelOptions,
  ) {
    this.#host = host;
    this.#options = options;
    this.#test = new MicrophoneTest({
      // That of a card that keeps it open: iOS gives a page one microphone at a time.
      open: () => this.#keeper?.take() ?? openMicrophone(),
      release: (track) => (this.#keeper ? this.#keeper.discard(track) : track.stop()),
      speaker: () => this.#speaker,
      show: (level) => this.#showLevel(level),
    });
    host.addController(this);
  }

  /** A test has the microphone open. */
  get isMicrophoneOpen(): boolean {
    return this.#test.isOpen;
  }

  hostUpdated(): void {
    if (this.#options.isOpen()) this.#open();
    else this.#close?.();
  }

  hostDisconnected(): void {
    this.#close?.();
  }

  model({ hears, talks }: { hears: boolean; talks: boolean }): DevicesPageModel {
    const busy = (this.#options.session()?.sender.state ?? 'idle') !== 'idle';
    if (busy) this.#test.stop();
    const named = !this.#list.unnamed;
    return {
      unnamed: !named && microphoneObstacle() === null,
      ask: () => void this.#ask(),
      trouble: this.#trouble ?? this.#test.trouble ?? (talks ? microphoneObstacle() : null),
      microphone: talks
        ? {
            choice: this.#choice(this.#list.microphones, microphoneSettings.device, (device) =>
              microphoneSettings.choose(device),
            ),
            switches: supportedProcessing().map((name) => ({
              name,
              on: microphoneSettings.isOn(name, this.#keeper?.defaults),
              set: (on) => microphoneSettings.set(name, on),
            })),
            test: this.#test,
            busy,
          }
        : null,
      speaker: hears
        ? {
            choice: this.#choice(
              this.#list.speakers,
              this.#options.session()?.receiver.chosenSpeaker ?? null,
              (device) => void this.#setSpeaker(device),
            ),
            possible: Playback.canChooseSpeaker,
            pick: hasSpeakerPicker() ? () => void this.#pick() : null,
            refused: this.#speakerRefused,
            sounding: this.#sounding !== null,
            sound: () => void this.#sound(),
          }
        : null,
    };
  }

  get #keeper(): Session['sender']['microphone'] | undefined {
    return this.#options.session()?.sender.microphone;
  }

  get #speaker(): string {
    return this.#options.session()?.receiver.speaker ?? '';
  }

  #open(): void {
    if (this.#close) return;
    const hide = (): void => {
      if (document.hidden) this.#test.stop();
    };
    document.addEventListener('visibilitychange', hide);
    const undo = [
      this.#list.changed.subscribe(() => this.#host.requestUpdate()),
      this.#test.changed.subscribe(() => this.#host.requestUpdate()),
      microphoneSettings.changed.subscribe(() => {
        this.#host.requestUpdate();
        if (this.#test.isOpen) void this.#test.start();
      }),
      () => document.removeEventListener('visibilitychange', hide),
      () => this.#list.stop(),
      () => this.#test.stop(),
      () => this.#sounding?.abort(),
    ];
    this.#close = () => {
      this.#close = null;
      for (const step of undo) step();
    };
    this.#list.start();
  }

  #choice(
    devices: readonly AudioDevice[],
    chosen: ChosenDevice | null,
    choose: (device: ChosenDevice | null) => void,
  ): DeviceChoice {
    const known = chosen && devices.find(({ id }) => id === chosen.id);
    // Without names nothing is known of what is there.
    const gone = chosen !== null && !known && this.#list.known && !this.#list.unnamed ? chosen.label : null;
    return {
      devices: chosen && !known ? [...devices, chosen] : devices,
      chosen: chosen?.id ?? '',
      gone,
      choose: (id) => choose(devices.find((device) => device.id === id) ?? null),
    };
  }

  /** Opens the microphone once and closes it: then the browser tells what devices are called. */
  async #ask(): Promise<void> {
    try {
      (await openMicrophone()).stop();
      this.#trouble = null;
    } catch (error) {
      this.#trouble = troubleOf(error);
    }
    await this.#list.refresh();
    this.#host.requestUpdate();
  }

  async #pick(): Promise<void> {
    const device = await pickSpeaker();
    if (device) await this.#setSpeaker(device);
    await this.#list.refresh();
  }

  async #setSpeaker(device: ChosenDevice | null): Promise<void> {
    try {
      await this.#options.session()?.receiver.setSpeaker(device);
      this.#speakerRefused = false;
    } catch {
      this.#speakerRefused = true;
    }
    this.#host.requestUpdate();
  }

  async #sound(): Promise<void> {
    this.#sounding?.abort();
    const sounding = (this.#sounding = new AbortController());
    this.#host.requestUpdate();
    await playClip(testSound(), this.#speaker, sounding.signal).catch(() => undefined);
    if (this.#sounding !== sounding) return;
    this.#sounding = null;
    this.#host.requestUpdate();
  }

  #showLevel(level: number): void {
    this.#host.renderRoot.querySelector<HTMLElement>('.meter')?.style.setProperty('--level', level.toFixed(3));
  }
}

/** iOS knows only some. */
function supportedProcessing(): readonly Processing[] {
  const { mediaDevices } = navigator as { mediaDevices?: MediaDevices };
  const supported = mediaDevices?.getSupportedConstraints() ?? {};
  return PROCESSING.filter((name) => supported[name]);
}
