/**
 * Dlna: what televisions and other certified renderers ask for beside HTTP, and do not play without (DLNA guidelines, part 1-1,
 * 7.4: media transport over HTTP). All of it is answered only to those who ask.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { AudioFormat } from '../media/transcoder/formats.ts';

export interface DlnaAnswer {
  /** Undefined: it may play. */
  refusal: { status: 400 | 406; sentence: string } | undefined;
  headers: Record<string, string>;
}

/**
 * Neither seeking (OP) nor a copy that was converted (CI). Flags: begin and end move on (it is live), streaming and background
 * transfer, DLNA 1.5: as Music Assistant and AirConnect say of theirs.
 */
const FEATURES = 'DLNA.ORG_OP=00;DLNA.ORG_CI=0;DLNA.ORG_FLAGS=0D500000000000000000000000000000';
/** WAV has none. */
const PROFILE: Record<AudioFormat, string> = { mp3: 'DLNA.ORG_PN=MP3;', 'mp3-320': 'DLNA.ORG_PN=MP3;', wav: '' };
const MODES = new Map([
  ['streaming', 'Streaming'],
  ['background', 'Background'],
]);
/** They ask for sound as if for a picture; minidlna lets them (upnphttp.c). */
const SAMSUNG = /SEC_HHP_|Samsung/i;
const FROM_THE_START = /^npt=0+(:0+)*(\.0*)?-/;

export function answerDlna(headers: IncomingHttpHeaders, format: AudioFormat): DlnaAnswer {
  const asked = (name: string): string | undefined => headers[name]?.toString().trim();
  const features = asked('getcontentfeatures.dlna.org');
  if (features !== undefined && features !== '1') {
    return refused(400, 'getcontentFeatures.dlna.org is 1 or left out.');
  }
  const seek = asked('timeseekrange.dlna.org');
  if (seek !== undefined && !FROM_THE_START.test(seek)) {
    return refused(406, 'What is live cannot be sought in. Play it without TimeSeekRange.dlna.org.');
  }
  const mode = asked('transfermode.dlna.org');
  const isSamsung = SAMSUNG.test(asked('user-agent') ?? '');
  const given = MODES.get(mode?.toLowerCase() ?? '') ?? (isSamsung ? 'Streaming' : undefined);
  if (mode !== undefined && !given) {
    return refused(406, 'Sound is played by the transfer mode Streaming.');
  }
  return {
    refusal: undefined,
    headers: {
      ...(features ? { 'contentFeatures.dlna.org': PROFILE[format] + FEATURES } : {}),
      ...(mode !== undefined && given ? { 'transferMode.dlna.org': given } : {}),
    },
  };
}

function refused(status: 400 | 406, sentence: string): DlnaAnswer {
  return { refusal: { status, sentence }, headers: {} };
}
