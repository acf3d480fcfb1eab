/** The URLs for speakers, for administrators: copied by a press, and made useless by new keys after a second question. */
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import type { HostAddress, MediaUrls } from '@voice-streaming/shared/protocol';
import { icons } from './icons.ts';
import { copyText } from './page-clipboard.ts';
import { panelStyles } from './page-panel-styles.ts';
import { pageStyles } from './page-styles.ts';
import { pageWordsChanged, sayPage } from './page-texts.ts';
import { rotationDialog, type Rotation } from './page-rotation.ts';
import type { Session } from './session.ts';
import { say } from './texts.ts';
import { tokens } from './tokens.ts';

const COPIED_MS = 2_000;

class VoiceStreamingUrls extends LitElement {
  static override styles = [tokens, pageStyles, panelStyles];

  session: Session | null = null;
  /** Null: not asked yet; `forbidden`: this user may not see them. */
  #urls: readonly MediaUrls[] | 'forbidden' | null = null;
  #host: HostAddress | null = null;
  /** What the URLs depend on, to ask again only when it changed. */
  #urlsOf = '';
  #copied: string | null = null;
  /** What is being asked about. */
  #rotation: Rotation | null = null;
  /** How the last renewal went. */
  #said = '';
  #unsubscribe: (() => void)[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    const changed = this.session?.changed.subscribe(() => {
      this.#ask();
      this.requestUpdate();
    });
    this.#unsubscribe = [pageWordsChanged.subscribe(() => this.requestUpdate()), ...(changed ? [changed] : [])];
    // Another administrator may have made new keys, or the machine another address.
    document.addEventListener('visibilitychange', this.#askAnew);
    this.#ask();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('visibilitychange', this.#askAnew);
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  protected override updated(): void {
    const dialog = this.renderRoot.querySelector('dialog');
    if (dialog && !dialog.open) dialog.showModal();
  }

  protected override render(): TemplateResult | typeof nothing {
    const urls = this.#urls;
    if (urls === null) return nothing;
    if (urls === 'forbidden') return html`<section class="panel"><p>${sayPage('urls.forbidden')}</p></section>`;
    if (urls.length === 0) {
      return html`<section class="panel" aria-labelledby="urls">
        <h2 id="urls">${sayPage('urls')}</h2>
        <p data-closed>${sayPage('media.label')}: ${sayPage('media.failed')}</p>
      </section>`;
    }
    const latest = urls.find(({ id }) => id === 'latest');
    const others = urls.filter(({ id }) => id !== 'latest');
    return html`<section class="panel" aria-labelledby="urls">
        <h2 id="urls">${sayPage('urls')}</h2>
        <p>${sayPage('urls.hint')}</p>
        ${latest ? this.#rows(latest, sayPage('urls.latest')) : nothing}
        ${
          others.length > 0
            ? html`<details>
                <summary>${sayPage('urls.more')}</summary>
                ${others.map((entry) => this.#rows(entry, this.#nameOf(entry.id)))}
              </details>`
            : nothing
        }
        ${this.#hostSection()}
        <p role="status" data-rotated>${this.#said}</p>
        <button
          type="button"
          class="below"
          data-rotate="all"
          @click=${() => this.#askToRotate({ id: undefined, dead: urls })}
        >
          ${sayPage('rotate.all')}
        </button>
      </section>
      ${
        this.#rotation
          ? rotationDialog(this.#rotation, {
              nameOf: (id) => this.#nameOf(id),
              confirm: () => void this.#rotate(),
              close: () => this.#askToRotate(null),
            })
          : nothing
      }`;
  }

  #hostSection(): TemplateResult | typeof nothing {
    if (!this.#host) return nothing;
    const { address, source } = this.#host;
    return html`<p class="below" data-host-source=${source}>
      ${sayPage(`host.${source}`, { address })} ${source === 'option' ? nothing : sayPage('host.change')}
    </p>`;
  }

  #rows(entry: MediaUrls, name: string): TemplateResult {
    return html`<div class="heading">
        <h3>${name}</h3>
        <button
          type="button"
          class="small"
          data-rotate=${entry.id}
          aria-label=${sayPage('rotate.label', { name })}
          @click=${() => this.#askToRotate({ id: entry.id, dead: [entry] })}
        >
          ${sayPage('rotate')}
        </button>
      </div>
      ${this.#row(`${entry.id}.mp3`, entry.mp3Url, 'MP3', name)}
      ${this.#row(`${entry.id}.wav`, entry.wavUrl, 'WAV', name)}
      ${
        entry.channelMp3Url === undefined
          ? nothing
          : this.#row(`${entry.id} channel`, entry.channelMp3Url, 'Radio', name)
      }`;
  }

  #row(key: string, url: string, format: string, name: string): TemplateResult {
    const copied = this.#copied === key;
    return html`<div class="url">
      <span class="format">${format}</span>
      <a href=${url} data-url=${key} target="_blank" rel="noreferrer">${url}</a>
      <button
        type="button"
        data-copy=${key}
        aria-label=${copied ? say('page.copied') : sayPage('copy.label', { format, name })}
        @click=${() => void this.#copy(key, url)}
      >
        ${copied ? icons.check : icons.copy}<span>${copied ? say('page.copied') : sayPage('copy')}</span>
      </button>
    </div>`;
  }

  #nameOf(id: string): string {
    if (id === 'latest') return sayPage('urls.latest');
    return this.session?.streams.find((stream) => stream.id === id)?.name ?? id;
  }

  #askToRotate(rotation: Rotation | null): void {
    this.#rotation = rotation;
    this.requestUpdate();
  }

  async #rotate(): Promise<void> {
    const { session } = this;
    const id = this.#rotation?.id;
    this.#askToRotate(null);
    try {
      await session?.client.request('rotateMediaKeys', id === undefined ? {} : { streamId: id });
      this.#said = sayPage('rotate.done');
    } catch (error) {
      this.#said = sayPage('rotate.failed', { reason: error instanceof Error ? error.message : String(error) });
    }
    this.#askAnew();
    this.requestUpdate();
  }

  readonly #askAnew = (): void => {
    if (document.hidden) return;
    this.#urlsOf = '';
    this.#ask();
  };

  #ask(): void {
    const { session } = this;
    if (session?.client.connection.state !== 'ready') {
      this.#urlsOf = '';
      return;
    }
    if (!session.isAdmin) {
      this.#set('forbidden', null);
      return;
    }
    const of = ['latest', ...session.streams.map(({ id }) => id).sort()].join(' ');
    if (of === this.#urlsOf) return;
    this.#urlsOf = of;
    Promise.all([session.client.request('getMediaUrls', {}), session.client.request('getDoctor', {})]).then(
      ([{ urls }, { hostAddress }]) => this.#set(urls, hostAddress),
      // Gone: asked again when the connection is back.
      () => (this.#urlsOf = ''),
    );
  }

  #set(urls: readonly MediaUrls[] | 'forbidden', host: HostAddress | null): void {
    this.#urls = urls;
    this.#host = host;
    this.requestUpdate();
  }

  async #copy(key: string, url: string): Promise<void> {
    if (!(await copyText(url))) {
      this.#select(key);
      return;
    }
    this.#copied = key;
    this.requestUpdate();
    setTimeout(() => {
      if (this.#copied !== key) return;
      this.#copied = null;
      this.requestUpdate();
    }, COPIED_MS);
  }

  /** The browser lets no page copy: marked, it takes one keystroke. */
  #select(key: string): void {
    const link = this.renderRoot.querySelector(`[data-url="${CSS.escape(key)}"]`);
    if (link) getSelection()?.selectAllChildren(link);
  }
}

customElements.define('voice-streaming-urls', VoiceStreamingUrls);
