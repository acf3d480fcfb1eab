/**
 * A page of the dialog that few people ever open: its code is in a module beside the bundle, fetched when it is opened.
 * While the page is closed nothing of it runs.
 */
import { html, nothing, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from 'lit';
import type { SpeakersPart } from './card-speakers.ts';
import type { CardConfig } from './config.ts';
import { importBeside } from './language.ts';
import type { MonitorSender, MonitorSenderOptions } from './monitor-sender.ts';
import { pageTools, type PageTools } from './page-tools.ts';
import type { Session } from './session.ts';
import { say } from './texts.ts';
import type { Trouble } from './trouble.ts';
import type { VoicesListModel } from './voices-list.ts';

export interface DetailsModel {
  config: CardConfig;
  /** Null in a preview and while the server is not known. */
  session: Session | null;
  trouble: Trouble | null;
}

export interface DevicesModel {
  session: Session | null;
  hears: boolean;
  talks: boolean;
}

export interface SpeakersModel {
  config: Pick<CardConfig, 'speakers' | 'announce_volume' | 'announce_chime'>;
  session: Session | null;
}

export type PageHost = ReactiveControllerHost & { renderRoot: HTMLElement | DocumentFragment };

export interface OpenedPage<Model> {
  page(model: Model): TemplateResult;
  /** It has been drawn. */
  update(model: Model): void;
  close(): void;
  readonly isMicrophoneOpen?: boolean;
}

type Open<Model> = (host: PageHost, tools: PageTools) => OpenedPage<Model> | Promise<OpenedPage<Model>>;

/** What is in `pages.js`. */
export interface PagesModule {
  details: Open<DetailsModel>;
  devices: Open<DevicesModel>;
  voices: Open<VoicesListModel>;
  speakers: Open<SpeakersModel>;
  /** No page: what a card does that speaks to speakers. */
  speakersPart: (tools: PageTools) => SpeakersPart;
  /** No page: listens to the room all the time. */
  createMonitor: (options: MonitorSenderOptions, tools: PageTools) => MonitorSender;
}
type PageName = Exclude<keyof PagesModule, 'speakersPart' | 'createMonitor'>;
type ModelOf<Name extends PageName> = PagesModule[Name] extends Open<infer Model> ? Model : never;

/** Browsers may keep that a module failed, by its URL: each try has another fragment, the first none. */
let tries = 0;

export async function fetchPages(load: (file: string) => Promise<unknown> = importBeside): Promise<PagesModule> {
  try {
    return (await load(`./pages.js${tries > 0 ? `#${tries}` : ''}`)) as PagesModule;
  } catch (error) {
    tries += 1;
    throw error;
  }
}

export class FetchedPage<Name extends PageName> implements ReactiveController {
  readonly #host: PageHost;
  readonly #name: Name;
  readonly #load: (file: string) => Promise<unknown>;
  #shown: ModelOf<Name> | null = null;
  #opened: OpenedPage<ModelOf<Name>> | null = null;
  #state: 'closed' | 'loading' | 'failed' | 'open' = 'closed';
  /** Counts openings: a module that comes after the page was closed opens nothing. */
  #call = 0;

  constructor(host: PageHost, name: Name, load = importBeside) {
    this.#host = host;
    this.#name = name;
    this.#load = load;
    host.addController(this);
  }

  get isMicrophoneOpen(): boolean {
    return this.#opened?.isMicrophoneOpen ?? false;
  }

  /** Rendering it is what opens it. */
  page(model: ModelOf<Name>): TemplateResult {
    this.#shown = model;
    if (this.#opened) return this.#opened.page(model);
    // One element all along: a screen reader hears what becomes of it.
    const failed = this.#state === 'failed';
    return html`<p class="empty" role="status">${say(failed ? 'menu.failed' : 'menu.loading')}</p>
      ${
        failed
          ? html`<button type="button" class="plain" data-action="retry" @click=${this.#retry}>
              ${say('menu.retry')}
            </button>`
          : nothing
      }`;
  }

  readonly #retry = (): void => {
    // The button goes.
    this.#host.renderRoot.querySelector<HTMLElement>('dialog h2')?.focus();
    void this.#open();
  };

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
    this.#host.requestUpdate();
    try {
      const module = await fetchPages(this.#load);
      const open = module[this.#name] as Open<ModelOf<Name>>;
      const opened = await open(this.#host, pageTools);
      if (call !== this.#call) {
        opened.close();
        return;
      }
      this.#opened = opened;
      this.#state = 'open';
    } catch {
      if (call !== this.#call) return;
      this.#state = 'failed';
    }
    this.#host.requestUpdate();
  }
}
