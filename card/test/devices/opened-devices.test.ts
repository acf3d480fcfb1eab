/** The page "Microphone and speaker" while it is open: what it lists, and that its microphone never stays open. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OpenedDevices } from '../../src/devices/opened-devices.ts';
import type { DevicesPageModel } from '../../src/devices/page.ts';
import { withWords } from '../../src/fetched-words.ts';
import { microphoneSettings } from '../../src/microphone-settings.ts';
import { pageTools } from '../../src/page-tools.ts';
import type { Session } from '../../src/session.ts';
import { FakeDocument } from '../fakes/fake-document.ts';
import { FakeMediaDevices } from '../fakes/fake-media-devices.ts';
import { FakeTrack } from '../fakes/fake-track.ts';

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

let machine: FakeMediaDevices;
let page: FakeDocument;
let tracks: FakeTrack[];
let sender: { state: string; microphone: object };
let session: Session;
let panel: OpenedDevices;

const model = (does = { hears: true, talks: true }): DevicesPageModel => panel.model({ session, ...does });

beforeEach(() => {
  machine = new FakeMediaDevices();
  page = new FakeDocument();
  tracks = [];
  vi.stubGlobal('document', page);
  vi.stubGlobal('isSecureContext', true);
  vi.stubGlobal('RTCPeerConnection', vi.fn());
  vi.stubGlobal('navigator', {
    mediaDevices: Object.assign(machine, { getSupportedConstraints: () => ({ echoCancellation: true }) }),
  });
  vi.stubGlobal('requestAnimationFrame', () => 1);
  vi.stubGlobal('cancelAnimationFrame', () => undefined);
  vi.stubGlobal('MediaStream', vi.fn());
  vi.stubGlobal('AudioContext', FakeContext);
  vi.stubGlobal('CSSStyleSheet', FakeSheet);
  const microphone = {
    defaults: {},
    take: () => {
      const track = new FakeTrack();
      tracks.push(track);
      return Promise.resolve(track.asTrack);
    },
    discard: (track: MediaStreamTrack) => track.stop(),
  };
  sender = { state: 'idle', microphone };
  session = { sender, receiver: { speaker: '', chosenSpeaker: { id: 'tv', label: 'TV' } } } as unknown as Session;
  const host = {
    addController: () => undefined,
    removeController: () => undefined,
    requestUpdate: () => undefined,
    updateComplete: Promise.resolve(true),
    renderRoot: { querySelector: () => null, adoptedStyleSheets: [] } as unknown as DocumentFragment,
  };
  expect(machine.listeners).toBe(0);
  panel = new OpenedDevices(host, withWords(pageTools, {}));
});

afterEach(() => {
  panel.close();
  microphoneSettings.choose(null);
  vi.unstubAllGlobals();
});

class FakeSheet {
  replaceSync = (): void => undefined;
}

class FakeContext {
  createAnalyser = (): object => ({ fftSize: 0, getFloatTimeDomainData: () => undefined });
  createMediaStreamSource = (): object => ({ connect: () => undefined });
  resume = (): Promise<void> => Promise.resolve();
  close = (): Promise<void> => Promise.resolve();
}

describe('OpenedDevices', () => {
  it('looks at the machine only while the page is open', async () => {
    expect(machine.listeners).toBe(1);
    machine.become(FakeMediaDevices.microphone('usb', 'USB headset'), FakeMediaDevices.speaker('desk', 'Desk'));
    await settle();
    expect(model().microphone?.choice.devices).toEqual([{ id: 'usb', label: 'USB headset' }]);
    panel.close();
    panel.close();
    expect(machine.listeners).toBe(0);
  });

  it('names a chosen device that is gone, keeps it in the list, and takes it back', async () => {
    machine.become(FakeMediaDevices.microphone('usb', 'USB headset'), FakeMediaDevices.speaker('desk', 'Desk'));
    await settle();
    expect(model().speaker?.choice).toMatchObject({ gone: 'TV', chosen: 'tv' });
    expect(model().speaker?.choice.devices.map(({ label }) => label)).toEqual(['Desk', 'TV']);
    model().microphone?.choice.choose('usb');
    expect(microphoneSettings.device).toEqual({ id: 'usb', label: 'USB headset' });
    expect(model().microphone?.choice.gone).toBeNull();
    machine.become(FakeMediaDevices.microphone('built-in', 'Built-in'), FakeMediaDevices.speaker('tv', 'TV'));
    await settle();
    expect(model().microphone?.choice.gone).toBe('USB headset');
    expect(model().speaker?.choice.gone).toBeNull();
  });

  it('has what the card does, and the switches that the browser has', () => {
    expect(model({ hears: false, talks: true }).speaker).toBeNull();
    expect(model({ hears: true, talks: false }).microphone).toBeNull();
    expect(model().microphone?.switches.map(({ name }) => name)).toEqual(['echoCancellation']);
  });

  it.each([
    ['the page is closed', () => panel.close()],
    [
      'the page is hidden',
      () => {
        page.hidden = true;
        page.look();
      },
    ],
    [
      'a talk begins',
      () => {
        sender.state = 'opening';
        model();
      },
    ],
  ])('closes the microphone of a test when %s', async (_what, happen) => {
    await model().microphone?.test.start();
    expect(panel.isMicrophoneOpen).toBe(true);
    happen();
    expect(panel.isMicrophoneOpen).toBe(false);
    expect(tracks.map(({ stopped }) => stopped)).toEqual([true]);
  });

  it('opens the microphone of a test anew when it is set otherwise', async () => {
    await model().microphone?.test.start();
    microphoneSettings.set('echoCancellation', false);
    await settle();
    expect(tracks.map(({ stopped }) => stopped)).toEqual([true, false]);
    expect(panel.isMicrophoneOpen).toBe(true);
  });
});
