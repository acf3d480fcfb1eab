/** Welcome: what a person who starts the server in a terminal reads. */
import type { Options } from './options.ts';
import { VERSION } from './version.ts';

export interface Addresses {
  page: string;
  latestMp3Url: string;
}

export function welcome({ page, latestMp3Url }: Addresses, options: Options): string {
  return `
Voice Streaming ${VERSION} is running.

  Open      ${page}
            press the button and speak; the same page on a second device, or in a private
            window, hears you (a browser never plays its own voice back)
  Listen    ${latestMp3Url}
            in any player: ffplay, VLC, a speaker; whoever has this URL can listen

  A page on another device asks for the access token: it is ${tokenPlace(options)}.
  Browsers give a microphone to https pages and to localhost only; listening works everywhere.

`;
}

function tokenPlace(options: Options): string {
  return options.accessToken === undefined ? `in ${options.dataDir}/secrets.json` : 'the one you set';
}
