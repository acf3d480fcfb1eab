import { describe, expect, it } from 'vitest';
import { BrowserStorage } from '../src/browser-storage.ts';
import { Device, guessName } from '../src/device.ts';
import { FakeStorage } from './fakes/fake-storage.ts';

const storage = (): Storage => new FakeStorage().asStorage;
const deviceOf = (kept: Storage | null): Device => new Device(new BrowserStorage(kept));

describe('Device', () => {
  it('makes its key once: 128 bits as base64url, another one elsewhere', () => {
    const kept = storage();
    const { key } = deviceOf(kept);
    expect(key).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(deviceOf(kept).key).toBe(key);
    expect(deviceOf(storage()).key).not.toBe(key);
  });

  it('makes a new key when what is kept is none', () => {
    const kept = storage();
    kept.setItem('voice-streaming.device-key', 'short');
    expect(deviceOf(kept).key).toHaveLength(22);
  });

  it('keeps the name a person gave, and guesses again when it is emptied', () => {
    const kept = storage();
    deviceOf(kept).name = '  Kitchen tablet ';
    const device = deviceOf(kept);
    expect(device.name).toBe('Kitchen tablet');
    Object.defineProperty(globalThis, 'navigator', { value: { userAgent: 'Firefox (Linux)' }, configurable: true });
    device.name = ' ';
    expect(device.name).toBe('Firefox on Linux');
  });

  it('stays the same for the page when storage is refused', () => {
    const device = deviceOf(null);
    expect(device.key).toBe(device.key);
  });
});

describe('guessName', () => {
  it.each([
    [
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36',
      'Chrome on Linux',
    ],
    ['Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36', 'Chrome on Android'],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1', 'Safari on iPhone'],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Windows'],
    ['Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0', 'Edge on Windows'],
    ['', 'Browser'],
  ])('%s -> %s', (userAgent, name) => {
    expect(guessName(userAgent)).toBe(name);
  });
});
