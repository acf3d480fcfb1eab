/** Observer: a part of this server that looks on as any listening client would, administrators' secrets left out. */
import type { StreamInfo } from '@voice-streaming/shared/protocol';
import type { StreamObserver } from './ports.ts';
import type { Viewer } from './viewer.ts';

export class Observer implements Viewer {
  readonly isAdmitted = true;
  readonly isAdmin = false;
  readonly streamId = undefined;
  readonly heardStreamIds = [];
  readonly #observer: StreamObserver;
  readonly #onError: (error: unknown) => void;

  constructor(observer: StreamObserver, onError: (error: unknown) => void) {
    this.#observer = observer;
    this.#onError = onError;
  }

  isNamedFor(): boolean {
    return false;
  }

  /** Levels of monitors, too. */
  names(): boolean {
    return true;
  }

  tell(kind: 'streams' | 'levels', text: string): void {
    // Our own text: the type is as it was written.
    const message = JSON.parse(text) as { streams: StreamInfo[]; levels: Record<string, number> };
    try {
      if (kind === 'streams') this.#observer.streams(message.streams);
      else this.#observer.levels(message.levels);
    } catch (error) {
      this.#onError(error);
    }
  }
}
