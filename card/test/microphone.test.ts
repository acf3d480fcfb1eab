import { afterEach, describe, expect, it, vi } from 'vitest';
import { BrowserStorage } from '../src/browser-storage.ts';
import { MicrophoneSettings } from '../src/microphone-settings.ts';
import { microphoneObstacle, openMicrophone } from '../src/microphone.ts';
import { FakeTrack } from './fakes/fake-track.ts';

const track = new FakeTrack().asTrack;

function browser(getUserMedia: () => Promise<unknown>, permission: PermissionState = 'prompt'): void {
  vi.stubGlobal('isSecureContext', true);
  vi.stubGlobal('RTCPeerConnection', vi.fn());
  vi.stubGlobal('navigator', {
    mediaDevices: { getUserMedia },
    permissions: { query: () => Promise.resolve({ state: permission }) },
  });
}

const refusing = (name: string) => () => Promise.reject(new DOMException('no', name));

afterEach(() => vi.unstubAllGlobals());

describe('openMicrophone', () => {
  it('opens with the processing that a voice wants', async () => {
    const getUserMedia = vi.fn(() => Promise.resolve({ getAudioTracks: () => [track] }));
    browser(getUserMedia);
    await expect(openMicrophone({ noiseSuppression: false })).resolves.toBe(track);
    const audio = { echoCancellation: true, noiseSuppression: false, autoGainControl: true };
    expect(getUserMedia).toHaveBeenCalledWith({ audio, video: false });
  });

  it('opens the chosen device, and another one where that is gone', async () => {
    const settings = new MicrophoneSettings(new BrowserStorage(null));
    settings.choose({ id: 'usb', label: 'USB headset' });
    const asked: unknown[] = [];
    let isThere = true;
    browser((({ audio }: { audio: { deviceId?: unknown } }) => {
      asked.push(audio.deviceId);
      return audio.deviceId === undefined || isThere
        ? Promise.resolve({ getAudioTracks: () => [track] })
        : Promise.reject(Object.assign(new Error('gone'), { name: 'OverconstrainedError' }));
    }) as () => Promise<unknown>);
    await openMicrophone({}, settings);
    isThere = false;
    await expect(openMicrophone({}, settings)).resolves.toBe(track);
    expect(asked).toEqual([{ exact: 'usb' }, { exact: 'usb' }, undefined]);
  });

  it.each([
    ['NotAllowedError', 'denied', 'permissionDenied'],
    ['NotAllowedError', 'prompt', 'permissionDismissed'],
    ['NotAllowedError', 'granted', 'permissionBySystem'],
    ['NotFoundError', 'prompt', 'noMicrophone'],
    ['NotReadableError', 'prompt', 'microphoneBusy'],
    ['OddError', 'prompt', 'microphoneFailed'],
  ] as const)('%s (permission %s) -> %s', async (name, permission, code) => {
    browser(refusing(name), permission);
    await expect(openMicrophone()).rejects.toMatchObject({ trouble: { code } });
  });

  it('names the obstacle of an http page and of a browser without WebRTC', () => {
    browser(refusing('unused'));
    expect(microphoneObstacle()).toBeNull();
    vi.stubGlobal('RTCPeerConnection', undefined);
    expect(microphoneObstacle()).toEqual({ code: 'noWebRtc' });
    vi.stubGlobal('isSecureContext', false);
    expect(microphoneObstacle()).toEqual({ code: 'insecurePage' });
  });
});
