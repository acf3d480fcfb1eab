/** Who this browser is: a key made once, and a name a person may change. Both stay when storage is refused, for the page. */
const KEY_ITEM = 'voice-streaming.device-key';
const NAME_ITEM = 'voice-streaming.device-name';
/** Of 16 bytes as base64url. */
const DEVICE_KEY = /^[A-Za-z0-9_-]{22}$/;

export class Device {
  readonly #storage: Storage | null;
  #key: string | null = null;
  #name: string | null = null;

  constructor(storage: Storage | null = browserStorage()) {
    this.#storage = storage;
  }

  /** 128 random bits as base64url: whoever has them is this device, so they are shown nowhere. */
  get key(): string {
    this.#key ??= this.#read(KEY_ITEM);
    if (this.#key === null || !DEVICE_KEY.test(this.#key)) {
      this.#key = randomKey();
      this.#write(KEY_ITEM, this.#key);
    }
    return this.#key;
  }

  /** What a person called this device; else a guess from the browser. */
  get name(): string {
    this.#name ??= this.#read(NAME_ITEM);
    return this.#name ?? guessName(navigator.userAgent);
  }

  set name(name: string) {
    this.#name = name.trim() === '' ? null : name.trim();
    this.#write(NAME_ITEM, this.#name);
  }

  #read(item: string): string | null {
    try {
      return this.#storage?.getItem(item) ?? null;
    } catch {
      return null;
    }
  }

  #write(item: string, value: string | null): void {
    try {
      if (value === null) this.#storage?.removeItem(item);
      else this.#storage?.setItem(item, value);
    } catch {
      // Full or forbidden: it lives as long as the page.
    }
  }
}

/** Reading `localStorage` itself throws where cookies are blocked. */
function browserStorage(): Storage | null {
  try {
    return globalThis.localStorage;
  } catch {
    return null;
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
