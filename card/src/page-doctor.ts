/** "Is everything all right?": what this browser knows and, for administrators, what the server knows, each with what to do. */
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import type { Check } from '@voice-streaming/shared/protocol';
import { readSurroundings, type Surroundings } from './details/surroundings.ts';
import { icons } from './icons.ts';
import { pageChecks, type PageCheck } from './page-checks.ts';
import { copyText } from './page-clipboard.ts';
import { downloadJson } from './page-download.ts';
import { pageReport } from './page-report.ts';
import { panelStyles } from './page-panel-styles.ts';
import { pageStyles } from './page-styles.ts';
import { pageWordsChanged, sayPage, sayPageIfAny } from './page-texts.ts';
import type { Session } from './session.ts';
import { say } from './texts.ts';
import { tokens } from './tokens.ts';

/** What the page knows by itself. */
const UPDATE_MS = 1_000;
/** What browser and server are asked for. */
const LOOK_MS = 5_000;
const COPIED_MS = 2_000;
const ICONS = {
  ok: icons.check,
  warning: icons.warning,
  failed: icons.close,
  off: icons.details,
  waiting: icons.details,
} satisfies Record<Check['state'], TemplateResult>;

class VoiceStreamingDoctor extends LitElement {
  static override styles = [tokens, pageStyles, panelStyles];

  session: Session | null = null;
  #surroundings: Surroundings | null = null;
  /** The server's; null: not told, or not for this user. */
  #checks: readonly Check[] | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #lookedAt = -Infinity;
  #wasAdmin: boolean | undefined;
  #unsubscribe: (() => void)[] = [];
  #copied = false;
  /** The report, where the browser lets a page copy nothing by itself. */
  #text: string | null = null;

  /** Why there are no diagnostics. */
  #refusal: string | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#unsubscribe = [
      pageWordsChanged.subscribe(() => this.requestUpdate()),
      this.session?.changed.subscribe(() => {
        // Told at once after a connection, not at the next look.
        if (this.session?.isAdmin !== this.#wasAdmin) void this.#look();
        this.requestUpdate();
      }) ?? (() => undefined),
    ];
    this.#timer = setInterval(() => {
      if (document.hidden) return;
      if (performance.now() - this.#lookedAt >= LOOK_MS) void this.#look();
      this.requestUpdate();
    }, UPDATE_MS);
    void this.#look();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  protected override render(): TemplateResult {
    return html`<section class="panel" aria-labelledby="doctor">
      <h2 id="doctor">${sayPage('doctor')}</h2>
      <ul class="checks">
        ${this.#all().map((check) => this.#row(check))}
      </ul>
      <p>${sayPage('report.hint')}</p>
      <button type="button" data-action="copyPageReport" @click=${() => void this.#copy()}>
        ${this.#copied ? icons.check : icons.copy}<span>${this.#copied ? say('page.copied') : sayPage('report')}</span>
      </button>
      ${
        this.#text === null
          ? nothing
          : html`<p role="status">${sayPage('report.failed')}</p>
              <textarea
                data-field="pageReport"
                readonly
                rows="8"
                aria-label=${sayPage('report')}
                .value=${this.#text}
              ></textarea>`
      }
      ${
        this.session?.isAdmin === true
          ? html`<p class="below">${sayPage('diagnostics.hint')}</p>
              <button type="button" data-action="downloadDiagnostics" @click=${() => void this.#download()}>
                ${icons.details}<span>${sayPage('diagnostics')}</span>
              </button>
              ${this.#refusal === null ? nothing : html`<p role="alert">${sayPage('rotate.failed', { reason: this.#refusal })}</p>`}`
          : nothing
      }
    </section>`;
  }

  #row({ check, state, why, next }: PageCheck): TemplateResult {
    const seconds = Math.round(Math.abs(this.session?.client.clockLeadMs ?? 0) / 1_000);
    const advice = state === 'ok' ? undefined : sayPageIfAny(next ?? `${check}.${state}`, { seconds });
    return html`<li data-check=${check} data-state=${state}>
      <span class="mark-of">${ICONS[state]}</span>
      <span class="what">${sayPageIfAny(`${check}.label`) ?? check}</span>
      <span class="word">${sayPage(`doctor.${state}`)}</span>
      ${why === undefined ? nothing : html`<span class="why" lang="en">${why}</span>`}
      ${advice === undefined ? nothing : html`<span class="why">${advice}</span>`}
    </li>`;
  }

  #all(): PageCheck[] {
    const { session } = this;
    if (!session) return [];
    const { peer } = session.transports.receiver;
    const devices = this.#surroundings?.devices;
    const own = pageChecks({
      secure: isSecureContext,
      permission: this.#surroundings?.microphone ?? '',
      microphones: devices ? (devices['audioinput'] ?? 0) : null,
      connected: session.client.connection.state === 'ready',
      path: peer?.connectionState ?? null,
      blocked: session.transports.receiver.trouble !== null,
      clockLeadMs: session.client.connection.state === 'ready' ? session.client.clockLeadMs : null,
    });
    return [...own, ...(session.isAdmin ? (this.#checks ?? []) : [])];
  }

  async #look(): Promise<void> {
    const { session } = this;
    this.#lookedAt = performance.now();
    this.#wasAdmin = session?.isAdmin;
    const [surroundings, told] = await Promise.all([
      readSurroundings(),
      session?.isAdmin === true ? session.client.request('getDoctor', {}).catch(() => null) : null,
    ]);
    this.#surroundings = surroundings;
    this.#checks = told?.checks ?? null;
    this.requestUpdate();
  }

  async #download(): Promise<void> {
    try {
      const told = await this.session?.client.request('getDiagnostics', {});
      this.#refusal = null;
      if (told) downloadJson(told.diagnostics, 'voice-streaming-diagnostics.json');
    } catch (error) {
      this.#refusal = error instanceof Error ? error.message : String(error);
    }
    this.requestUpdate();
  }

  async #copy(): Promise<void> {
    const { session } = this;
    if (!session) return;
    const text = await pageReport(session, this.#surroundings, this.#all());
    this.#copied = await copyText(text);
    this.#text = this.#copied ? null : text;
    this.requestUpdate();
    if (this.#copied) {
      setTimeout(() => {
        this.#copied = false;
        this.requestUpdate();
      }, COPIED_MS);
    }
  }
}

customElements.define('voice-streaming-doctor', VoiceStreamingDoctor);
