/** Invented devices for the page "Microphone and speaker". */
import type { DeviceChoice, DevicesPageModel } from '../src/devices/page.ts';
import type { FetchedTools } from '../src/fetched-words.ts';
import { PROCESSING } from '../src/microphone-settings.ts';
import type { Trouble } from '../src/trouble.ts';

type TestModel = NonNullable<DevicesPageModel['microphone']>['test'];

export interface StillDevicesFacts {
  test?: Partial<TestModel>;
  gone?: boolean;
  unnamed?: boolean;
  speakers?: 'impossible';
  trouble?: Trouble;
}

const nothing = (): void => undefined;
const never = (): Promise<void> => Promise.resolve();

const HEADSET = { id: 'headset', label: 'Jabra Evolve 65 (Bluetooth)' };

const choice = (gone: boolean, ...others: string[]): DeviceChoice => ({
  devices: [...others.map((label) => ({ id: label, label })), HEADSET],
  chosen: HEADSET.id,
  gone: gone ? HEADSET.label : null,
  choose: nothing,
});

export function stillDevices(
  tools: FetchedTools,
  { hears, talks }: { hears: boolean; talks: boolean },
  { test, gone = false, unnamed = false, speakers, trouble }: StillDevicesFacts = {},
): DevicesPageModel {
  return {
    tools,
    unnamed,
    ask: nothing,
    trouble: trouble ?? null,
    microphone: talks
      ? {
          choice: choice(gone, 'Built-in microphone'),
          switches: PROCESSING.map((name) => ({ name, on: name !== 'noiseSuppression', set: nothing })),
          test: {
            state: 'off',
            hears: 'nothing yet',
            isOpen: false,
            hasRecording: false,
            start: never,
            record: never,
            playBack: never,
            stop: nothing,
            ...test,
          },
          busy: false,
        }
      : null,
    speaker: hears
      ? {
          choice: choice(gone, 'Built-in speakers', 'Television (HDMI)'),
          possible: speakers !== 'impossible',
          pick: null,
          refused: false,
          sounding: false,
          sound: nothing,
        }
      : null,
  };
}
