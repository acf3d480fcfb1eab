/** Who this browser is: a key made once, and a name a person may change. */
import { BrowserStorage } from './browser-storage.ts';

const KEY_ITEM = 'voice-streaming.device-key';
const NAME_ITEM = 'voice-streaming.device-name';
/** Of 16 bytes as base64url. */
const DEVICE_KEY = /^[A-Za-z0-9_-]{22}$/;

export class Device {
  readonly #storage: BrowserStorage;

  constructor(storage = new BrowserStorage()) {
    this.#storage = storage;
  }

  /** 128 random bits as base64url: whoever has them is this device, so they are shown nowhere. */
  get key(): string {
    const kept = this.#storage.read(KEY_ITEM);
    if (kept !== null && DEVICE_KEY.test(kept)) return kept;
    const key = randomKey();
    this.#storage.write(KEY_ITEM, key);
    return key;
  }

  /** What a person called this device; else a guess from the browser. */
  get name(): string {
    return this.#storage.read(NAME_ITEM) ?? guessName(navigator.userAgent);
  }

  set name(name: string) {
    this.#storage.write(NAME_ITEM, name.trim() === '' ? null : name.trim());
  }
}

function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** "Chrome on Android": good enough to tell two devices apart until someone names them. */
export function guessName(userAgent: string): string {
  const first = (pairs: [RegExp, string][], otherwise: string): string =>
    pairs.find(([pattern]) => pattern.test(userAgent))?.[1] ?? otherwise;
  const browser = first(
    [
      [/Home Assistant/, 'Home Assistant'],
      [/Edg/, 'Edge'],
      [/OPR|Opera/, 'Opera'],
      [/Firefox|FxiOS/, 'Firefox'],
      [/Chrome|CriOS|Chromium/, 'Chrome'],
      [/Safari/, 'Safari'],
    ],
    'Browser',
  );
  const system = first(
    [
      [/iPad/, 'iPad'],
      [/iPhone/, 'iPhone'],
      [/Android/, 'Android'],
      [/CrOS/, 'ChromeOS'],
      [/Windows/, 'Windows'],
      [/Mac OS X|Macintosh/, 'Mac'],
      [/Linux/, 'Linux'],
    ],
    '',
  );
  return system === '' ? browser : `${browser} on ${system}`;
}
