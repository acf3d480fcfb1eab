/** An element that speaks: drawn anew in another language, and marked with it for screen readers and for its direction. */
import type { LitElement, ReactiveController } from 'lit';
import { spoken } from './texts.ts';

export class LanguageController implements ReactiveController {
  readonly #host: LitElement;
  #unsubscribe: (() => void) | null = null;

  constructor(host: LitElement) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {
    this.#mark();
    this.#unsubscribe ??= spoken.changed.subscribe(() => {
      this.#mark();
      this.#host.requestUpdate();
    });
  }

  hostDisconnected(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = null;
  }

  #mark(): void {
    this.#host.lang = spoken.tag;
    this.#host.dir = spoken.dir;
  }
}
