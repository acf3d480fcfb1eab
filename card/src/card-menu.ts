/** Which page of the dialog behind the quiet icon is open, and where the focus is then. */
import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** The first is the way in; the others are reached from it. */
export const MENU_PAGES = ['voices', 'speakers', 'devices', 'details'] as const;
export type MenuPage = (typeof MENU_PAGES)[number];

export class CardMenu implements ReactiveController {
  readonly #host: ReactiveControllerHost & { renderRoot: HTMLElement | DocumentFragment };
  #page: MenuPage | null = null;
  /** A selector of what is to have the focus once it is drawn. */
  #focus: string | null = null;

  constructor(host: ReactiveControllerHost & { renderRoot: HTMLElement | DocumentFragment }) {
    this.#host = host;
    host.addController(this);
  }

  /** Null: closed. */
  get page(): MenuPage | null {
    return this.#page;
  }

  open(page: MenuPage = 'voices'): void {
    this.#focus = 'dialog h2';
    this.#show(page);
  }

  /** Back to the first page, to the row that led away from it. */
  back(): void {
    this.#focus = `dialog [data-page="${this.#page ?? ''}"]`;
    this.#show('voices');
  }

  closed(): void {
    this.#show(null);
  }

  hostUpdated(): void {
    const dialog = this.#host.renderRoot.querySelector('dialog');
    if (!dialog) return;
    if (!dialog.open) dialog.showModal();
    if (this.#focus === null) return;
    dialog.scrollTop = 0;
    this.#host.renderRoot.querySelector<HTMLElement>(this.#focus)?.focus();
    this.#focus = null;
  }

  hostDisconnected(): void {
    this.#page = null;
  }

  #show(page: MenuPage | null): void {
    this.#page = page;
    this.#host.requestUpdate();
  }
}
