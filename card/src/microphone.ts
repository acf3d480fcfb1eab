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
  const audio = settings.constraints(defaults);
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio, video: false });
  } catch (error) {
    throw new TroubleError(await microphoneTrouble(error), { cause: error });
  }
  const track = stream.getAudioTracks()[0];
  if (!track) throw new TroubleError({ code: 'noMicrophone' });
  return track;
}

/** DOMException names as of Media Capture and Streams, section 10.2 (getUserMedia). */
async function microphoneTrouble(error: unknown): Promise<Trouble> {
  const name = error instanceof Error ? error.name : '';
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return { code: (await isPermissionDenied()) ? 'permissionDenied' : 'permissionDismissed' };
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

/** Closing the prompt and blocking the site look alike in the error; the Permissions API, where it is, tells. */
async function isPermissionDenied(): Promise<boolean> {
  try {
    const status = await navigator.permissions.query({ name: 'microphone' });
    return status.state === 'denied';
  } catch {
    return true;
  }
}

/** Whether it opens without asking anybody. Where the browser does not tell, it is taken for no. */
export async function isMicrophoneGranted(): Promise<boolean> {
  try {
    return (await navigator.permissions.query({ name: 'microphone' })).state === 'granted';
  } catch {
    return false;
  }
}
