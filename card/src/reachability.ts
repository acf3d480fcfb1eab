/**
 * Whether the server answers at all, asked by HTTP before a WebSocket is tried: browsers make a page wait after failed
 * WebSockets, Chromium up to 5 s (websocket_throttler.cc), Firefox up to 60 s (FailDelay in WebSocketChannel.cpp), and
 * sound is to be back sooner than that after a server that was away for long. Failed requests cost nothing.
 */
import { healthUrl } from './server-search.ts';

export interface ReachabilityOptions {
  fetch?: typeof fetch;
  /** Failed WebSockets in a row before it asks first. */
  failuresBefore?: number;
  /** Where asking has never worked (a content policy, a certificate), one try in so many goes without. */
  blindEvery?: number;
}

export class Reachability {
  readonly #fetch: typeof fetch;
  readonly #failuresBefore: number;
  readonly #blindEvery: number;
  #failures = 0;
  #asked = 0;
  /** It has worked here once, so its word counts. */
  #trusted = false;

  constructor(options: ReachabilityOptions = {}) {
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
    this.#failuresBefore = options.failuresBefore ?? 4;
    this.#blindEvery = options.blindEvery ?? 5;
  }

  get asksFirst(): boolean {
    return this.#failures >= this.#failuresBefore;
  }

  /** Never rejects. */
  async ask(socketUrl: string, signal: AbortSignal): Promise<boolean> {
    this.#asked += 1;
    if (!this.#trusted && this.#asked % this.#blindEvery === 0) return true;
    const reached = await this.#reach(socketUrl, signal);
    this.#trusted ||= reached;
    return reached;
  }

  opened(socketUrl: string): void {
    this.#failures = 0;
    this.#asked = 0;
    if (this.#trusted) return;
    // While all is well: does asking work here?
    void this.#reach(socketUrl, new AbortController().signal).then((reached) => (this.#trusted ||= reached));
  }

  failed(): void {
    this.#failures += 1;
  }

  async #reach(socketUrl: string, signal: AbortSignal): Promise<boolean> {
    try {
      const url = healthUrl(socketUrl);
      const init: RequestInit = { mode: 'no-cors', cache: 'no-store', credentials: 'same-origin', signal };
      const response = await this.#fetch(url.href, init);
      // Of another origin nothing but its being there is told; a proxy of ours tells that the server behind it is away.
      return response.type === 'opaque' || response.ok;
    } catch {
      return false;
    }
  }
}
