/**
 * The page "Details" as the card knows it: a module beside the bundle, fetched when a person opens the page, as few ever
 * do. While the page is closed nothing of it runs.
 */
import { html, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from 'lit';
import type { CardConfig } from './config.ts';
import type { OpenedDetails } from './details/opened-details.ts';
import { importBeside } from './language.ts';
import type { Session } from './session.ts';
import { say, sayTrouble, spoken } from './texts.ts';
import { Transport } from './transport.ts';
import { troubleOf, type Trouble } from './trouble.ts';

export interface DetailsModel {
  config: CardConfig;
  /** Null in a preview and while the server is not known. */
  session: Session | null;
  trouble: Trouble | null;
}

export type DetailsHost = ReactiveControllerHost & { renderRoot: HTMLElement | DocumentFragment };

/** What that module has of the card: with copies of its own there would be two languages and two kinds of each error. */
export const detailsTools = {
  say,
  sayTrouble,
  troubleOf,
  createTransport: (options: ConstructorParameters<typeof Transport>[0]): Transport => new Transport(options),
  importBeside,
  get language(): string {
    return spoken.tag;
  },
};
export type DetailsTools = typeof detailsTools;

/** What is in `details.js`. */
export interface DetailsModule {
  openDetails: (host: DetailsHost, tools: DetailsTools) => Promise<OpenedDetails>;
}

export class Details implements ReactiveController {
  readonly #host: DetailsHost;
  readonly #load: (file: string) => Promise<unknown>;
  #shown: DetailsModel | null = null;
  #opened: OpenedDetails | null = null;
  #state: 'closed' | 'loading' | 'failed' | 'open' = 'closed';
  /** Counts openings: a module that comes after the page was closed opens nothing. */
  #call = 0;

  constructor(host: DetailsHost, load = importBeside) {
    this.#host = host;
    this.#load = load;
    host.addController(this);
  }

  /** Rendering it is what opens it. */
  page(model: DetailsModel): TemplateResult {
    this.#shown = model;
    if (this.#opened) return this.#opened.page(model);
    return html`<p class="empty">${say(this.#state === 'failed' ? 'details.failed' : 'details.loading')}</p>`;
  }

  hostUpdate(): void {
    this.#shown = null;
  }

  hostUpdated(): void {
    if (!this.#shown) this.hostDisconnected();
    else if (this.#opened) this.#opened.update(this.#shown);
    else if (this.#state === 'closed') void this.#open();
  }

  hostDisconnected(): void {
    this.#call += 1;
    this.#state = 'closed';
    this.#opened?.close();
    this.#opened = null;
  }

  async #open(): Promise<void> {
    const call = ++this.#call;
    this.#state = 'loading';
    try {
      const { openDetails } = (await this.#load('./details.js')) as DetailsModule;
      const opened = await openDetails(this.#host, detailsTools);
      if (call !== this.#call) return;
      this.#opened = opened;
      this.#state = 'open';
    } catch {
      if (call !== this.#call) return;
      this.#state = 'failed';
    }
    this.#host.requestUpdate();
  }
}
