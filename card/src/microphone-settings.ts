/**
 * How the microphone is to be opened: what a person chose in this browser, over what a card's use of it asks for (a
 * baby monitor wants no noise suppression), over what speech wants. Kept in the browser, one for all cards of the page.
 */
import { BrowserStorage } from './browser-storage.ts';
import { chosenDevice, parseKept, type ChosenDevice } from './chosen-device.ts';
import { Emitter } from './emitter.ts';

export const PROCESSING = ['echoCancellation', 'noiseSuppression', 'autoGainControl'] as const;
export type Processing = (typeof PROCESSING)[number];

/** What a use asks for; true where it says nothing. A person's own choice goes before it. */
export type MicrophoneDefaults = Partial<Record<Processing, boolean>>;

interface Choice extends MicrophoneDefaults {
  device?: ChosenDevice;
}

const ITEM = 'voice-streaming.microphone';

export class MicrophoneSettings {
  /** What was chosen is another: for whoever has the microphone open. */
  readonly changed = new Emitter();
  readonly #storage: BrowserStorage;

  constructor(storage = new BrowserStorage()) {
    this.#storage = storage;
  }

  /** Null: the system's own. */
  get device(): ChosenDevice | null {
    return this.#choice.device ?? null;
  }

  isOn(processing: Processing, defaults: MicrophoneDefaults = {}): boolean {
    return this.#choice[processing] ?? defaults[processing] ?? true;
  }

  processing(defaults: MicrophoneDefaults = {}): MediaTrackConstraints {
    return Object.fromEntries(PROCESSING.map((name) => [name, this.isOn(name, defaults)]));
  }

  /** Null: the system's own again. */
  choose(device: ChosenDevice | null): void {
    const choice = this.#choice;
    delete choice.device;
    this.#write(device ? { ...choice, device } : choice);
  }

  set(processing: Processing, on: boolean): void {
    this.#write({ ...this.#choice, [processing]: on });
  }

  get #choice(): Choice {
    return parse(this.#storage.read(ITEM));
  }

  #write(choice: Choice): void {
    this.#storage.write(ITEM, JSON.stringify(choice));
    this.changed.emit();
  }
}

/** The page's own. */
export const microphoneSettings = new MicrophoneSettings();

function parse(text: string | null): Choice {
  const kept = (parseKept(text) ?? {}) as Record<string, unknown>;
  const choice: Choice = {};
  for (const name of PROCESSING) if (typeof kept[name] === 'boolean') choice[name] = kept[name];
  const device = chosenDevice(kept['device']);
  return device ? { ...choice, device } : choice;
}
