/** How loud each voice is on this device, by stream id, kept in the browser. */
import { BrowserStorage } from './browser-storage.ts';

const ITEM = 'voice-streaming.volumes';
/** Ids come and go; the one set longest ago is forgotten first. */
const MAX_KEPT = 100;

export class Volumes {
  readonly #storage: BrowserStorage;
  readonly #volumes: Map<string, number>;

  constructor(storage = new BrowserStorage()) {
    this.#storage = storage;
    this.#volumes = new Map(parse(storage.read(ITEM)));
  }

  /** 0 to 1; 1 unless someone has set it. */
  of(streamId: string): number {
    return this.#volumes.get(streamId) ?? 1;
  }

  set(streamId: string, volume: number): void {
    const within = Math.min(1, Math.max(0, Number.isFinite(volume) ? volume : 1));
    this.#volumes.delete(streamId);
    if (within < 1) this.#volumes.set(streamId, within);
    for (const id of this.#volumes.keys()) {
      if (this.#volumes.size <= MAX_KEPT) break;
      this.#volumes.delete(id);
    }
    this.#storage.write(ITEM, this.#volumes.size === 0 ? null : JSON.stringify([...this.#volumes]));
  }
}

/** What another version, or a person, has written there is no reason to fail. */
function parse(text: string | null): [string, number][] {
  try {
    const entries: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(entries) ? entries.filter(isEntry) : [];
  } catch {
    return [];
  }
}

function isEntry(entry: unknown): entry is [string, number] {
  if (!Array.isArray(entry) || entry.length !== 2) return false;
  const [id, volume] = entry as unknown[];
  return typeof id === 'string' && typeof volume === 'number' && volume >= 0 && volume <= 1;
}
