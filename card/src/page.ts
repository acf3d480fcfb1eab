/** The page at `/`: the card, this device's name, the URLs for speakers, and the token form when the server wants one. */
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import type { MediaUrls } from '@voice-streaming/shared/protocol';
import { signalingUrl } from './config.ts';
import { icons } from './icons.ts';
import './main.ts';
import { pageStyles } from './page-styles.ts';
import { followLanguage, pageWordsChanged, sayPage } from './page-texts.ts';
import { keepToken, takeToken } from './page-token.ts';
import { LanguageController } from './language-controller.ts';
import { leaseSession, type Lease } from './session-lease.ts';
import { say, sayTrouble, spoken } from './texts.ts';
import { tokens } from './tokens.ts';
import type { VoiceStreamingCard } from './voice-streaming-card.ts';

const COPIED_MS = 2_000;

class VoiceStreamingPage extends LitElement {
  static override styles = [tokens, pageStyles];

  protected readonly language = new LanguageController(this);
  #lease: Lease | null = null;
  #unsubscribe: (() => void)[] = [];
  /** Null: not asked yet; `forbidden`: this user may not see them. */
  #urls: readonly MediaUrls[] | 'forbidden' | null = null;
  /** What the URLs depend on, to ask again only when it changed. */
  #urlsOf = '';
  #copied: string | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    const token = takeToken();
    const url = signalingUrl(undefined, document.baseURI);
    this.#lease = leaseSession({ url, token }, { sender: false, receiver: false });
    this.#unsubscribe = [
      this.#lease.session.changed.subscribe(() => {
        this.#askForUrls();
        this.requestUpdate();
      }),
      pageWordsChanged.subscribe(() => this.requestUpdate()),
      followLanguage(),
    ];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#lease?.release();
    this.#lease = null;
  }

  protected override firstUpdated(): void {
    const card = this.renderRoot.querySelector<VoiceStreamingCard>('voice-streaming-card');
    card?.setConfig({ type: 'custom:voice-streaming-card', mode: 'intercom' });
  }

  protected override render(): TemplateResult {
    document.documentElement.lang = spoken.tag;
    const session = this.#lease?.session;
    const connection = session?.client.connection;
    const version = session?.client.serverVersion;
    return html`
      <header>
        <h1><span class="mark" aria-hidden="true"></span>Voice Streaming</h1>
        ${this.#nameForm()}
      </header>
      <main>
        ${connection?.state === 'needsToken' ? this.#tokenForm(connection.refused) : nothing}
        <voice-streaming-card ?hidden=${connection?.state === 'needsToken'}></voice-streaming-card>
        ${this.#urlSection()}
      </main>
      <footer>${version ? sayPage('version', { version }) : nothing}</footer>
    `;
  }

  #nameForm(): TemplateResult {
    return html`<form class="device" @submit=${this.#rename}>
      <label for="name">${sayPage('name')}</label>
      <input
        id="name"
        name="name"
        data-field="name"
        maxlength="64"
        autocomplete="off"
        enterkeyhint="done"
        .value=${this.#lease?.session.name ?? ''}
        @change=${this.#rename}
      />
    </form>`;
  }

  #tokenForm(refused: boolean): TemplateResult {
    const { what } = sayTrouble({ code: refused ? 'tokenWrong' : 'tokenMissing' });
    return html`<form class="panel token" @submit=${this.#enterToken}>
      <h2 role="status">${what}</h2>
      <p id="token-hint">${sayPage('token.hint')}</p>
      <div class="line">
        <input
          type="password"
          name="token"
          data-field="token"
          required
          autocomplete="current-password"
          aria-label=${sayPage('token')}
          aria-describedby="token-hint"
        />
        <button type="submit">${sayPage('token.submit')}</button>
      </div>
    </form>`;
  }

  #urlSection(): TemplateResult | typeof nothing {
    const urls = this.#urls;
    if (urls === null) return nothing;
    if (urls === 'forbidden') return html`<section class="panel"><p>${sayPage('urls.forbidden')}</p></section>`;
    const latest = urls.find(({ id }) => id === 'latest');
    const others = urls.filter(({ id }) => id !== 'latest');
    return html`<section class="panel" aria-labelledby="urls">
      <h2 id="urls">${sayPage('urls')}</h2>
      <p>${sayPage('urls.hint')}</p>
      ${latest ? this.#urlRows(latest, sayPage('urls.latest')) : nothing}
      ${
        others.length > 0
          ? html`<details>
              <summary>${sayPage('urls.more')}</summary>
              ${others.map((entry) => this.#urlRows(entry, this.#nameOf(entry.id)))}
            </details>`
          : nothing
      }
    </section>`;
  }

  #urlRows(entry: MediaUrls, name: string): TemplateResult {
    return html`<h3>${name}</h3>
      ${this.#urlRow(`${entry.id}.mp3`, entry.mp3Url, 'MP3', name)}
      ${this.#urlRow(`${entry.id}.wav`, entry.wavUrl, 'WAV', name)}`;
  }

  #urlRow(key: string, url: string, format: string, name: string): TemplateResult {
    const copied = this.#copied === key;
    return html`<div class="url">
      <span class="format">${format}</span>
      <a href=${url} data-url=${key} target="_blank" rel="noreferrer">${url}</a>
      <button
        type="button"
        data-copy=${key}
        aria-label=${copied ? say('page.copied') : sayPage('copy.label', { format, name })}
        @click=${() => this.#copy(key, url)}
      >
        ${copied ? icons.check : icons.copy}<span>${copied ? say('page.copied') : sayPage('copy')}</span>
      </button>
    </div>`;
  }

  #nameOf(id: string): string {
    return this.#lease?.session.streams.find((stream) => stream.id === id)?.name ?? id;
  }

  readonly #rename = (event: Event): void => {
    event.preventDefault();
    const input = this.renderRoot.querySelector<HTMLInputElement>('#name');
    const session = this.#lease?.session;
    if (input && session && input.value.trim() !== session.name) session.rename(input.value);
    if (event.type === 'submit') input?.blur();
  };

  readonly #enterToken = (event: SubmitEvent): void => {
    event.preventDefault();
    const token = new FormData(event.target as HTMLFormElement).get('token');
    if (typeof token !== 'string' || token.trim() === '') return;
    keepToken(token.trim());
    this.#lease?.session.client.setToken(token.trim());
  };

  #askForUrls(): void {
    const session = this.#lease?.session;
    if (session?.client.connection.state !== 'ready') {
      this.#urlsOf = '';
      return;
    }
    const of = ['latest', ...session.streams.map(({ id }) => id).sort()].join(' ');
    if (of === this.#urlsOf) return;
    this.#urlsOf = of;
    session.client.request('getMediaUrls', {}).then(
      ({ urls }) => this.#setUrls(urls),
      () => {
        if (session.client.connection.state === 'ready') this.#setUrls('forbidden');
      },
    );
  }

  #setUrls(urls: readonly MediaUrls[] | 'forbidden'): void {
    this.#urls = urls;
    this.requestUpdate();
  }

  async #copy(key: string, url: string): Promise<void> {
    await copyText(url);
    this.#copied = key;
    this.requestUpdate();
    setTimeout(() => {
      if (this.#copied !== key) return;
      this.#copied = null;
      this.requestUpdate();
    }, COPIED_MS);
  }
}

/** The clipboard API is there on secure pages only; the old way works on plain http in the LAN. */
async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way without a secure context
    document.execCommand('copy');
    area.remove();
  }
}

customElements.define('voice-streaming-page', VoiceStreamingPage);
