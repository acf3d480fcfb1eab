/**
 * Why the WebSocket does not open, as far as HTTP tells: nothing answers, something else does, or the server does and
 * WebSockets are stopped on the way. Only what is so before and after a failed try counts: a server that just started
 * answers HTTP a moment before the next try reaches it.
 */
import { Emitter } from './emitter.ts';

export type Finding = 'nothing' | 'other' | 'noWebSocket';

export interface ServerSearchOptions {
  fetch?: typeof fetch;
  timeoutMs?: number;
}

/** Asked after the first failed tries, then after every fourth. */
const FIRST = 3;
const EVERY = 4;

export class ServerSearch {
  readonly changed = new Emitter();
  readonly #fetch: typeof fetch;
  readonly #timeoutMs: number;
  #failures = 0;
  #last: Finding | null = null;
  #finding: Finding | null = null;
  #call = 0;
  #asking = false;
  #wasThere = false;

  constructor({ fetch: ask, timeoutMs = 3_000 }: ServerSearchOptions = {}) {
    this.#fetch = ask ?? ((input, init) => fetch(input, init));
    this.#timeoutMs = timeoutMs;
  }

  /** Null while nothing is certain. */
  get finding(): Finding | null {
    return this.#finding;
  }

  /** It has answered on this page once, so neither its address nor its certificate is wrong. */
  get wasThere(): boolean {
    return this.#wasThere;
  }

  found(): void {
    this.#call += 1;
    this.#asking = false;
    this.#wasThere = true;
    this.#failures = 0;
    this.#last = this.#finding = null;
  }

  /** The WebSocket did not open, or was lost. */
  failed(socketUrl: string): void {
    this.#failures += 1;
    if (this.#asking || (this.#failures > FIRST && this.#failures % EVERY !== 0)) return;
    const call = ++this.#call;
    this.#asking = true;
    void this.#ask(healthUrl(socketUrl)).then((answer) => {
      if (call !== this.#call) return;
      this.#asking = false;
      const finding = answer === this.#last ? answer : null;
      this.#last = answer;
      if (finding === this.#finding) return;
      this.#finding = finding;
      this.changed.emit();
    });
  }

  async #ask(url: URL): Promise<Finding> {
    const signal = AbortSignal.timeout(this.#timeoutMs);
    const sameOrigin = url.origin === location.origin;
    try {
      const mode = sameOrigin ? 'same-origin' : 'no-cors';
      const response = await this.#fetch(url, { mode, cache: 'no-store', credentials: 'same-origin', signal });
      // Of another origin nothing but its being there is told.
      if (!sameOrigin) return 'other';
      // A proxy of ours says so when the server behind it is away.
      if (response.status >= 500) return 'nothing';
      const health: unknown = await response.json().catch(() => null);
      return typeof health === 'object' && health !== null && 'webrtc_available' in health ? 'noWebSocket' : 'other';
    } catch {
      return 'nothing';
    }
  }
}

/** Of the server whose socket that is. */
export function healthUrl(socketUrl: string): URL {
  const url = new URL(socketUrl);
  url.protocol = url.protocol === 'wss:' ? 'https:' : 'http:';
  url.pathname = url.pathname.replace(/ws$/, 'health');
  return url;
}
