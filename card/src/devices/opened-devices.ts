/** What the page "Microphone and speaker" shows and does, while it is open: the devices, the choices, the tests. */
import type { TemplateResult } from 'lit';
import { adoptStyles } from '../adopt-styles.ts';
import type { ChosenDevice } from '../chosen-device.ts';
import type { DevicesModel, OpenedPage, PageHost } from '../fetched-page.ts';
import { fieldStyles } from '../field-styles.ts';
import type { FetchedTools } from '../fetched-words.ts';
import type { Processing } from '../microphone-settings.ts';
import type { Session } from '../session.ts';
import type { Trouble } from '../trouble.ts';
import { playClip, testSound } from './clip.ts';
import { DeviceList, hasSpeakerPicker, pickSpeaker, type AudioDevice } from './device-list.ts';
import { MicrophoneTest } from './microphone-test.ts';
import { devicesPage, type DeviceChoice, type DevicesPageModel } from './page.ts';
import { devicesStyles } from './styles.ts';

export function openDevices(host: PageHost, tools: FetchedTools): OpenedDevices {
  return new OpenedDevices(host, tools);
}

export class OpenedDevices implements OpenedPage<DevicesModel> {
  readonly #host: PageHost;
  readonly #tools: FetchedTools;
  readonly #list = new DeviceList();
  readonly #test: MicrophoneTest;
  readonly #undo: readonly (() => void)[];
  #session: Session | null = null;
  /** Of the last attempt to be told the devices' names. */
  #trouble: Trouble | null = null;
  #speakerRefused = false;
  /** While the test sound plays. */
  #sounding: AbortController | null = null;

  constructor(host: PageHost, tools: FetchedTools) {
    this.#host = host;
    this.#tools = tools;
    adoptStyles(host.renderRoot, fieldStyles);
    adoptStyles(host.renderRoot, devicesStyles);
    this.#test = new MicrophoneTest({
      // That of a card that keeps it open: iOS gives a page one microphone at a time.
      open: () => this.#keeper?.take() ?? tools.openMicrophone(),
      release: (track) => (this.#keeper ? this.#keeper.discard(track) : track.stop()),
      speaker: () => this.#speaker,
      show: (level) => this.#showLevel(level),
      troubleOf: tools.troubleOf,
    });
    const hide = (): void => {
      if (document.hidden) this.#test.stop();
    };
    document.addEventListener('visibilitychange', hide);
    this.#undo = [
      this.#list.changed.subscribe(() => host.requestUpdate()),
      this.#test.changed.subscribe(() => host.requestUpdate()),
      tools.microphoneSettings.changed.subscribe(() => {
        host.requestUpdate();
        if (this.#test.isOpen) void this.#test.start();
      }),
      () => document.removeEventListener('visibilitychange', hide),
      () => this.#list.stop(),
      () => this.#test.stop(),
      () => this.#sounding?.abort(),
    ];
    this.#list.start();
  }

  /** A test has it open. */
  get isMicrophoneOpen(): boolean {
    return this.#test.isOpen;
  }

  page(model: DevicesModel): TemplateResult {
    return devicesPage(this.model(model));
  }

  update({ session }: DevicesModel): void {
    this.#session = session;
  }

  close(): void {
    for (const step of this.#undo) step();
  }

  model({ session, hears, talks }: DevicesModel): DevicesPageModel {
    this.#session = session;
    const { microphoneObstacle, microphoneSettings } = this.#tools;
    const busy = (session?.sender.state ?? 'idle') !== 'idle';
    if (busy) this.#test.stop();
    const named = !this.#list.unnamed;
    return {
      tools: this.#tools,
      unnamed: !named && microphoneObstacle() === null,
      ask: () => void this.#ask(),
      trouble: this.#trouble ?? this.#test.trouble ?? (talks ? microphoneObstacle() : null),
      microphone: talks
        ? {
            choice: this.#choice(this.#list.microphones, microphoneSettings.device, (device) =>
              microphoneSettings.choose(device),
            ),
            switches: supported(this.#tools.PROCESSING).map((name) => ({
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
              this.#session?.receiver.chosenSpeaker ?? null,
              (device) => void this.#setSpeaker(device),
            ),
            possible: this.#tools.canChooseSpeaker,
            pick: hasSpeakerPicker() ? () => void this.#pick() : null,
            refused: this.#speakerRefused,
            sounding: this.#sounding !== null,
            sound: () => void this.#sound(),
          }
        : null,
    };
  }

  get #keeper(): Session['sender']['microphone'] | undefined {
    return this.#session?.sender.microphone;
  }

  get #speaker(): string {
    return this.#session?.receiver.speaker ?? '';
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
      (await this.#tools.openMicrophone()).stop();
      this.#trouble = null;
    } catch (error) {
      this.#trouble = this.#tools.troubleOf(error);
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
      await this.#session?.receiver.setSpeaker(device);
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
function supported(processing: readonly Processing[]): readonly Processing[] {
  const { mediaDevices } = navigator as { mediaDevices?: MediaDevices };
  const known = mediaDevices?.getSupportedConstraints() ?? {};
  return processing.filter((name) => known[name]);
}
