import { beforeEach, describe, expect, it, vi } from 'vitest';
import { BrowserStorage } from '../src/browser-storage.ts';
import { MicrophoneSettings } from '../src/microphone-settings.ts';
import { FakeStorage } from './fakes/fake-storage.ts';

const ITEM = 'voice-streaming.microphone';

let kept: Storage;
const settings = (): MicrophoneSettings => new MicrophoneSettings(new BrowserStorage(kept));

beforeEach(() => (kept = new FakeStorage().asStorage));

describe('MicrophoneSettings', () => {
  it('is what speech wants, unless a use asks for something else', () => {
    expect(settings().processing()).toEqual({
      echoCancellation: true,
      noiseSuppression: true,
      autoGainControl: true,
    });
    expect(settings().processing({ noiseSuppression: false })).toMatchObject({
      noiseSuppression: false,
      autoGainControl: true,
    });
  });

  it('puts a person’s choice before what a use asks for, and keeps it in the browser', () => {
    settings().set('noiseSuppression', true);
    settings().set('echoCancellation', false);
    expect(settings().processing({ noiseSuppression: false, autoGainControl: false })).toEqual({
      echoCancellation: false,
      noiseSuppression: true,
      autoGainControl: false,
    });
  });

  it('keeps the chosen device beside the rest, until there is none again', () => {
    settings().choose({ id: 'usb', label: 'USB headset' });
    settings().set('autoGainControl', false);
    expect(settings().device).toEqual({ id: 'usb', label: 'USB headset' });
    settings().choose(null);
    expect(settings().device).toBeNull();
    expect(settings().isOn('autoGainControl')).toBe(false);
  });

  it('says so when something else was chosen', () => {
    const one = settings();
    const changed = vi.fn();
    one.changed.subscribe(changed);
    one.set('autoGainControl', false);
    one.choose({ id: 'usb', label: 'USB headset' });
    expect(changed).toHaveBeenCalledTimes(2);
  });

  it.each(['no JSON', 'null', '[]', '"text"', '{"device":{"id":7},"noiseSuppression":"yes"}'])(
    'takes no harm from what is kept: %s',
    (text) => {
      kept.setItem(ITEM, text);
      expect(settings().device).toBeNull();
      expect(settings().isOn('noiseSuppression')).toBe(true);
    },
  );
});
