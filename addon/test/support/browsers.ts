/** Real browsers: Chromium whose microphone plays a file, and Firefox. */
import { chromium, firefox, type Browser } from 'playwright-core';
import { findCommand, NEEDS } from '../../tools/prepare-machine.mjs';

const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A page on localhost plays from another local port.
  '--disable-features=LocalNetworkAccessChecks',
];

export interface ChromiumOptions {
  /** WAV that the microphone plays, from its start at each opening and once; without it there is no microphone. */
  microphone?: string;
  /** Again and again. */
  repeats?: boolean;
  /** False: sound starts only after a gesture, as for a person. */
  autoplay?: boolean;
  /** Instead of the machine's own: one in another network. */
  executablePath?: string;
  flags?: readonly string[];
}

export function launchChromium({
  microphone,
  repeats = false,
  autoplay = true,
  executablePath,
  flags = [],
}: ChromiumOptions = {}): Promise<Browser> {
  const args = [...CHROMIUM_FLAGS, ...flags];
  if (microphone !== undefined) {
    args.push(
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-audio-capture=${microphone}${repeats ? '' : '%noloop'}`,
    );
  }
  args.push(`--autoplay-policy=${autoplay ? 'no-user-gesture-required' : 'document-user-activation-required'}`);
  return chromium.launch({
    ...executable('chromium'),
    ...(executablePath === undefined ? {} : { executablePath }),
    args,
  });
}

/** With a microphone that whistles at 1 kHz; no sound comes out of its AudioContext, so judge by getStats. */
export function launchFirefox(): Promise<Browser> {
  const found = executable('firefox');
  return firefox.launch({
    ...found,
    // The distribution's own Firefox is driven over WebDriver BiDi; Playwright's build needs no channel.
    ...(found.executablePath === undefined ? {} : { channel: 'moz-firefox' }),
    firefoxUserPrefs: {
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
      'media.autoplay.default': 0,
      'media.autoplay.blocking_policy': 0,
    },
  });
}

/** The machine's browser, or else Playwright's own build. */
function executable(name: 'chromium' | 'firefox'): { executablePath?: string } {
  const commands = NEEDS.find((need) => need.playwright === name)?.commands ?? [];
  const executablePath = findCommand(commands);
  return executablePath === undefined ? {} : { executablePath };
}
