/**
 * Play: one speaker's share of an announcement as the media server sees it: an unguessable id, what is heard under it, and
 * who comes to hear it. A player may come several times: some look first and play then.
 */
import { randomBytes } from 'node:crypto';
import type { Prelude, Programme, RecordedTalk } from '../media/ports.ts';
import type { AudioFormat } from '../media/transcoder/formats.ts';

export interface Fetch {
  /** Where it comes from. */
  address: string;
  userAgent: string;
  format: AudioFormat;
}

/** Where the media server tells how one connection of a player does. */
export interface PlayReport {
  /** So much has left our socket, of it sound; a few times a second. */
  drained(bytes: number, soundMs: number): void;
  /** `finished`: it has taken all there was. */
  closed(reason: 'finished' | 'left' | 'tooSlow'): void;
}

/** Hears of every connection. */
export interface PlayObserver {
  onFetched(fetch: Fetch): PlayReport;
}

export class Play implements Programme {
  readonly playId = randomBytes(16).toString('base64url');
  readonly prelude: Prelude | undefined;
  readonly #observer: PlayObserver;
  readonly #talkCallbacks = new Set<(talk: RecordedTalk) => void>();
  readonly #stopCallbacks = new Set<() => void>();
  #talk: RecordedTalk | undefined;
  #stopped = false;

  constructor(prelude: Prelude | undefined, observer: PlayObserver) {
    this.prelude = prelude;
    this.#observer = observer;
  }

  get talk(): RecordedTalk | undefined {
    return this.#talk;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  onTalk(callback: (talk: RecordedTalk) => void): () => void {
    if (this.#talk) {
      callback(this.#talk);
      return () => undefined;
    }
    const entry = (talk: RecordedTalk): void => callback(talk);
    this.#talkCallbacks.add(entry);
    return () => this.#talkCallbacks.delete(entry);
  }

  onStopped(callback: () => void): () => void {
    if (this.#stopped) {
      callback();
      return () => undefined;
    }
    const entry = (): void => callback();
    this.#stopCallbacks.add(entry);
    return () => this.#stopCallbacks.delete(entry);
  }

  fetched(fetch: Fetch): PlayReport {
    return this.#observer.onFetched(fetch);
  }

  /** Once. */
  setTalk(talk: RecordedTalk): void {
    if (this.#talk || this.#stopped) return;
    this.#talk = talk;
    const callbacks = [...this.#talkCallbacks];
    this.#talkCallbacks.clear();
    for (const callback of callbacks) callback(talk);
  }

  /** Whoever hears it hears its end now. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    const callbacks = [...this.#stopCallbacks];
    this.#talkCallbacks.clear();
    this.#stopCallbacks.clear();
    for (const callback of callbacks) callback();
  }
}
