/**
 * What the module of fetched pages has of the card: with copies of its own there would be two languages, two kinds of
 * each error and two choices of a microphone.
 */
import { repeat } from 'lit/directives/repeat.js';
import { icons } from './icons.ts';
import { importBeside } from './language.ts';
import { microphoneSettings, PROCESSING } from './microphone-settings.ts';
import { isMicrophoneGranted, microphoneObstacle, openMicrophone } from './microphone.ts';
import { Playback } from './playback.ts';
import { speakerChoice } from './speaker-choice.ts';
import { fill, say, sayNames, sayTrouble, spoken } from './texts.ts';
import { Transport } from './transport.ts';
import { troubleText } from './trouble-text.ts';
import { troubleOf } from './trouble.ts';

export const pageTools = {
  say,
  /** The words are others now. */
  spoken,
  fill,
  sayNames,
  sayTrouble,
  troubleOf,
  troubleText,
  icons,
  /** Of the Lit that draws the card. */
  repeat,
  importBeside,
  microphoneSettings,
  speakerChoice,
  PROCESSING,
  microphoneObstacle,
  isMicrophoneGranted,
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
