/** Which speakers of the house a person chose in this browser, how loud they are and with which chime. */
import { BrowserStorage } from './browser-storage.ts';
import { Emitter } from './emitter.ts';

/** One announcement takes no more. */
export const MAX_SPEAKERS = 32;
const ITEM = 'voice-streaming.speakers';

export interface SpeakerChoice {
  targets: readonly string[];
  /** 0 to 1; without it each speaker's own. */
  volume?: number | undefined;
  /** Without it the server's. */
  chime?: string | undefined;
}

const storage = new BrowserStorage();

export const speakerChoice = {
  changed: new Emitter(),
  get value(): SpeakerChoice {
    return parse(storage.read(ITEM));
  },
  set(next: SpeakerChoice): void {
    storage.write(ITEM, JSON.stringify(next));
    speakerChoice.changed.emit();
  },
};

export function isMediaPlayer(id: unknown): boolean {
  return typeof id === 'string' && /^media_player\.\w+$/.test(id);
}

/** What another version, or a person, has written there is no reason to fail. */
function parse(text: string | null): SpeakerChoice {
  try {
    const { targets, volume, chime } = JSON.parse(text ?? '') as Partial<Record<keyof SpeakerChoice, unknown>>;
    return {
      targets: Array.isArray(targets) ? targets.filter(isMediaPlayer).slice(0, MAX_SPEAKERS) : [],
      volume: typeof volume === 'number' && volume >= 0 && volume <= 1 ? volume : undefined,
      chime: typeof chime === 'string' ? chime : undefined,
    };
  } catch {
    return { targets: [] };
  }
}
