/**
 * The page at `/`, which is Home Assistant's panel, too: the card, this device's name, the URLs for speakers, the doctor, and
 * the token form when the server wants one.
 */
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { signalingUrl } from './config.ts';
import './main.ts';
import './page-doctor.ts';
import { pageStyles } from './page-styles.ts';
import { followLanguage, pageWordsChanged, sayPage } from './page-texts.ts';
import { followParentTheme } from './page-theme.ts';
import { keepToken, takeToken } from './page-token.ts';
import './page-urls.ts';
import { LanguageController } from './language-controller.ts';
import { leaseSession, type Lease } from './session-lease.ts';
import { sayTrouble, spoken } from './texts.ts';
import { tokens } from './tokens.ts';
import type { VoiceStreamingCard } from './voice-streaming-card.ts';

class VoiceStreamingPage extends LitElement {
  static override styles = [tokens, pageStyles];

  protected readonly language = new LanguageController(this);
  #lease: Lease | null = null;
  #unsubscribe: (() => void)[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    const token = takeToken();
    const url = signalingUrl(undefined, document.baseURI);
    this.#lease = leaseSession({ url, token }, { sender: false, receiver: false });
    this.#unsubscribe = [
      this.#lease.session.changed.subscribe(() => this.requestUpdate()),
      pageWordsChanged.subscribe(() => this.requestUpdate()),
      followLanguage(),
      followParentTheme(),
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
        ${
          session && connection?.state !== 'needsToken'
            ? html`<voice-streaming-urls .session=${session}></voice-streaming-urls>
                <voice-streaming-doctor .session=${session}></voice-streaming-doctor>`
            : nothing
        }
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
}

customElements.define('voice-streaming-page', VoiceStreamingPage);
