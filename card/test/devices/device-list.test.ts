import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DeviceList, hasSpeakerPicker, pickSpeaker } from '../../src/devices/device-list.ts';
import { FakeMediaDevices } from '../fakes/fake-media-devices.ts';

const microphone = (id: string, label: string) => FakeMediaDevices.microphone(id, label);
const speaker = (id: string, label: string) => FakeMediaDevices.speaker(id, label);
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

let machine: FakeMediaDevices;
let list: DeviceList;

beforeEach(() => {
  machine = new FakeMediaDevices();
  vi.stubGlobal('navigator', { mediaDevices: machine });
  list = new DeviceList();
});

afterEach(() => vi.unstubAllGlobals());

describe('DeviceList', () => {
  it('lists what can be chosen, without Chromium’s names for the system’s own choice', async () => {
    machine.become(
      microphone('default', 'Default - Built-in'),
      microphone('communications', 'Communications - Built-in'),
      microphone('built-in', 'Built-in'),
      speaker('desk', 'Desk speaker'),
    );
    list.start();
    await settle();
    expect(list.microphones).toEqual([{ id: 'built-in', label: 'Built-in' }]);
    expect(list.speakers).toEqual([{ id: 'desk', label: 'Desk speaker' }]);
    expect(list.unnamed).toBe(false);
  });

  it('says that names are kept from the page, and has them after it was asked', async () => {
    machine.become(microphone('built-in', 'Built-in'));
    machine.named = false;
    list.start();
    await settle();
    expect(list.unnamed).toBe(true);
    expect(list.microphones).toEqual([]);
    machine.named = true;
    await list.refresh();
    expect(list.unnamed).toBe(false);
    expect(list.microphones).toHaveLength(1);
  });

  it('follows what is plugged in and out while it looks, and no longer', async () => {
    const changed = vi.fn();
    list.changed.subscribe(changed);
    list.start();
    machine.become(microphone('usb', 'USB headset'));
    await settle();
    expect(list.microphones).toHaveLength(1);
    machine.become();
    await settle();
    expect(list.microphones).toEqual([]);
    list.stop();
    list.stop();
    expect(machine.listeners).toBe(0);
    changed.mockClear();
    machine.become(microphone('usb', 'USB headset'));
    await settle();
    expect(changed).not.toHaveBeenCalled();
  });

  it('is empty on a page that is not secure', async () => {
    vi.stubGlobal('navigator', {});
    list.start();
    await list.refresh();
    expect(list.microphones).toEqual([]);
    expect(list.unnamed).toBe(false);
    expect(hasSpeakerPicker()).toBe(false);
  });

  it('asks the browser’s own list of speakers where there is one', async () => {
    expect(await pickSpeaker()).toBeNull();
    Object.assign(machine, { selectAudioOutput: () => Promise.resolve(speaker('desk', 'Desk speaker')) });
    expect(hasSpeakerPicker()).toBe(true);
    expect(await pickSpeaker()).toEqual({ id: 'desk', label: 'Desk speaker' });
    Object.assign(machine, { selectAudioOutput: () => Promise.reject(new DOMException('No.', 'NotAllowedError')) });
    expect(await pickSpeaker()).toBeNull();
  });
});
