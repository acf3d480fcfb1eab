/** Where a card's server is: what its config says, the page's own origin, or the add-on behind Home Assistant's ingress. */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { signalingUrl, type CardConfig } from './config.ts';
import { homeAssistant, ownSlug } from './home-assistant.ts';
import { IngressApp } from './ingress-app.ts';
import type { OpenSocket } from './socket.ts';
import type { Trouble } from './trouble.ts';

export interface FoundServer {
  /** Of its WebSocket; null while it is being looked for, and where there is none. */
  url: string | null;
  openSocket?: OpenSocket | undefined;
  trouble: Trouble | null;
}

/** One for all cards of the page. */
const apps = new Map<string, IngressApp>();

export class CardServer implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  #slug: string | null = null;
  #leave: (() => void) | null = null;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.leave();
  }

  /** May be asked at every update; looks for the add-on until `leave`. */
  find({ url, app }: Pick<CardConfig, 'url' | 'app'>, insideHomeAssistant: boolean): FoundServer {
    if (url !== undefined || !insideHomeAssistant) {
      this.leave();
      return { url: signalingUrl(url, document.baseURI), trouble: null };
    }
    const slug = app ?? ownSlug();
    if (slug === undefined) {
      this.leave();
      return { url: null, trouble: { code: 'urlMissing' } };
    }
    return this.#enter(slug);
  }

  leave(): void {
    this.#leave?.();
    this.#leave = null;
    this.#slug = null;
  }

  #enter(slug: string): FoundServer {
    let app = apps.get(slug);
    if (!app) apps.set(slug, (app = new IngressApp({ home: homeAssistant, slug })));
    if (slug !== this.#slug) {
      this.leave();
      this.#slug = slug;
      const stopUse = app.use();
      const unsubscribe = app.changed.subscribe(() => this.#host.requestUpdate());
      this.#leave = () => {
        unsubscribe();
        stopUse();
      };
    }
    return { url: app.url, openSocket: app.openSocket, trouble: app.trouble };
  }
}
