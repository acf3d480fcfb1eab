/**
 * What the module of fetched pages has of the card: with copies of its own there would be two languages, two kinds of
 * each error and two choices of a microphone.
 */
import { icons } from './icons.ts';
import { importBeside } from './language.ts';
import { microphoneSettings, PROCESSING } from './microphone-settings.ts';
import { microphoneObstacle, openMicrophone } from './microphone.ts';
import { Playback } from './playback.ts';
import { say, sayTrouble, spoken } from './texts.ts';
import { Transport } from './transport.ts';
import { troubleText } from './trouble-text.ts';
import { troubleOf } from './trouble.ts';

export const pageTools = {
  say,
  sayTrouble,
  troubleOf,
  troubleText,
  icons,
  importBeside,
  microphoneSettings,
  PROCESSING,
  microphoneObstacle,
  openMicrophone,
  createTransport: (options: ConstructorParameters<typeof Transport>[0]): Transport => new Transport(options),
  get canChooseSpeaker(): boolean {
    return Playback.canChooseSpeaker;
  },
  get language(): string {
    return spoken.tag;
  },
};
export type PageTools = typeof pageTools;
