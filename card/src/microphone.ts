/** Opens the microphone, or says exactly why not. */
import { microphoneSettings, type MicrophoneDefaults } from './microphone-settings.ts';
import { TroubleError, type Trouble } from './trouble.ts';

/** Must be called inside the press: iOS asks for permission only there. */
export type OpenMicrophone = (defaults: MicrophoneDefaults) => Promise<MediaStreamTrack>;

/** Why this page could never open a microphone, known before anyone presses; null when nothing is in the way. */
export function microphoneObstacle(): Trouble | null {
  if (!globalThis.isSecureContext) return { code: 'insecurePage' };
  if (!('mediaDevices' in navigator) || typeof RTCPeerConnection !== 'function') {
    return { code: 'noWebRtc' };
  }
  return null;
}

/** As a person has set it in this browser; `defaults` count for what nobody has set, see microphone-settings.ts. */
export async function openMicrophone(
  defaults: MicrophoneDefaults = {},
  settings = microphoneSettings,
): Promise<MediaStreamTrack> {
  const obstacle = microphoneObstacle();
  if (obstacle) throw new TroubleError(obstacle);
  let stream: MediaStream;
  try {
    stream = await openChosen(settings.processing(defaults), settings.device?.id);
  } catch (error) {
    throw new TroubleError(await microphoneTrouble(error), { cause: error });
  }
  const track = stream.getAudioTracks()[0];
  if (!track) throw new TroubleError({ code: 'noMicrophone' });
  return track;
}

/** A device that is gone is no reason for silence. Chromium takes no notice of an `ideal` one, so there are two tries. */
async function openChosen(processing: MediaTrackConstraints, deviceId: string | undefined): Promise<MediaStream> {
  const open = (audio: MediaTrackConstraints): Promise<MediaStream> =>
    navigator.mediaDevices.getUserMedia({ audio, video: false });
  if (deviceId === undefined) return open(processing);
  try {
    return await open({ ...processing, deviceId: { exact: deviceId } });
  } catch (error) {
    if (!isMissing(error)) throw error;
    return open(processing);
  }
}

const MISSING = ['NotFoundError', 'OverconstrainedError'];

function isMissing(error: unknown): boolean {
  return error instanceof Error && MISSING.includes(error.name);
}

/** DOMException names as of Media Capture and Streams, section 10.2 (getUserMedia). */
async function microphoneTrouble(error: unknown): Promise<Trouble> {
  const name = error instanceof Error ? error.name : '';
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return { code: PERMISSION_TROUBLE[await microphonePermission()] };
    case 'NotFoundError':
    case 'OverconstrainedError':
      return { code: 'noMicrophone' };
    case 'NotReadableError':
    case 'AbortError':
      return { code: 'microphoneBusy' };
    default:
      return { code: 'microphoneFailed', detail: error instanceof Error ? error.message : String(error) };
  }
}

/** Closing the prompt, blocking the site and a system that blocks the browser look alike in the error. */
const PERMISSION_TROUBLE = {
  denied: 'permissionDenied',
  prompt: 'permissionDismissed',
  granted: 'permissionBySystem',
  unknown: 'permissionDenied',
} as const;

/** `unknown` where the browser does not tell. */
async function microphonePermission(): Promise<PermissionState | 'unknown'> {
  try {
    return (await navigator.permissions.query({ name: 'microphone' })).state;
  } catch {
    return 'unknown';
  }
}

/** Whether it opens without asking anybody. Where the browser does not tell, it is taken for no. */
export async function isMicrophoneGranted(): Promise<boolean> {
  return (await microphonePermission()) === 'granted';
}
