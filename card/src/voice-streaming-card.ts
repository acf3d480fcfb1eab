/**
 * The card: renders a session and turns gestures into talk and listen. It keeps no socket, peer or microphone itself; it
 * only holds a lease on the page's session while it is in the document and not a preview.
 */
import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import type { ListenTarget } from '@voice-streaming/shared/protocol';
import { cardStyles } from './card-styles.ts';
import { viewOf, type CardView } from './card-view.ts';
import { parseConfig, signalingUrl, type CardConfig } from './config.ts';
import { icons } from './icons.ts';
import { LevelMeters } from './level-meters.ts';
import { microphoneObstacle } from './microphone.ts';
import { ringStyles } from './ring-styles.ts';
import { leaseSession, type Lease } from './session-lease.ts';
import type { Session } from './session.ts';
import { streamListStyles } from './stream-list-styles.ts';
import { streamList } from './stream-list.ts';
import { TalkGesture } from './talk-gesture.ts';
import { say, sayDuration } from './texts.ts';

const CLOCK_MS = 500;

export class VoiceStreamingCard extends LitElement {
  static override styles = [ringStyles, streamListStyles, cardStyles];

  /** Set by Home Assistant's editor: no socket, no microphone. */
  @property({ type: Boolean }) preview = false;

  readonly #meters = new LevelMeters(this);
  readonly #gesture = new TalkGesture({
    press: () => this.#press(),
    release: () => this.session?.sender.release(),
    isTalking: () => (this.session?.sender.state ?? 'idle') !== 'idle',
    changed: () => this.requestUpdate(),
  });
  #config: CardConfig | null = null;
  #insideHomeAssistant = false;
  #lease: Lease | null = null;
  #unsubscribe: (() => void)[] = [];
  #clock: ReturnType<typeof setInterval> | undefined;

  static getStubConfig(): Record<string, unknown> {
    return { mode: 'intercom' };
  }

  /** Called by Home Assistant on every state change of the house, so it does next to nothing. */
  set hass(_hass: unknown) {
    if (this.#insideHomeAssistant) return;
    this.#insideHomeAssistant = true;
    this.requestUpdate();
  }

  setConfig(config: unknown): void {
    const next = parseConfig(config);
    if (JSON.stringify(next) === JSON.stringify(this.#config)) return;
    this.#config = next;
    this.#release();
    this.requestUpdate();
  }

  /** In units of 50 px. */
  getCardSize(): number {
    return this.#config?.mode === 'intercom' ? 8 : 5;
  }

  getGridOptions(): Record<string, number | string> {
    return { columns: 12, rows: 'auto', min_columns: 6 };
  }

  /** Null while there is no reason to have one: no config, a preview, not in the document. */
  get session(): Session | null {
    return this.#lease?.session ?? null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.requestUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#release();
  }

  protected override willUpdate(_changed: PropertyValues): void {
    if (this.isConnected && this.#config && !this.preview && !this.#urlMissing) this.#acquire(this.#config);
    else this.#release();
  }

  protected override updated(_changed: PropertyValues): void {
    this.#meters.keepOnly(new Set(this.session?.streams.filter(({ live }) => live).map(({ id }) => id)));
    const onAir = this.session?.sender.state === 'onAir';
    if (onAir) this.#clock ??= setInterval(() => this.requestUpdate(), CLOCK_MS);
    else this.#stopClock();
  }

  protected override render(): TemplateResult | typeof nothing {
    const config = this.#config;
    if (!config) return nothing;
    const view = this.#view(config);
    this.dataset['state'] = view.state;
    this.dataset['connection'] = this.session?.client.connection.state ?? 'closed';
    this.dataset['mode'] = config.mode;
    const hears = config.mode !== 'sender';
    return html`<ha-card>
      <div class="layout">
        <header class="head">
          <h2 class="title" part="title">${config.title ?? say('title')}</h2>
          ${config.mode === 'intercom' ? this.#listenSwitch() : nothing}
        </header>
        <div class="stage">${this.#ring(config, view)}</div>
        <div class="status" part="status" role="status" aria-live="polite">${this.#status(view)}</div>
        ${hears ? html`<div class="voices">${this.#list()}</div>` : nothing}
      </div>
    </ha-card>`;
  }

  get #urlMissing(): boolean {
    return this.#insideHomeAssistant && this.#config?.url === undefined;
  }

  #view(config: CardConfig): CardView {
    const session = this.session;
    const listen = session?.receiver.target ?? null;
    const streams = session?.streams ?? [];
    const heard = session?.receiver.heard ?? [];
    const own = streams.find(({ id }) => id === session?.streamId);
    const canTalk = config.mode !== 'receiver' && !this.preview;
    return viewOf({
      mode: config.mode,
      connecting: session?.client.connection.state === 'connecting',
      sessionTrouble: this.#urlMissing && !this.preview ? { code: 'urlMissing' } : (session?.trouble ?? null),
      talkTrouble: canTalk ? (session?.sender.trouble ?? microphoneObstacle()) : null,
      talk: session?.sender.state ?? 'idle',
      latched: this.#gesture.latched,
      heardBy: (own?.receivers ?? 0) + (own?.listeners ?? 0),
      listen,
      needsTap: session?.receiver.needsTap ?? false,
      talkers: streams.filter(({ id }) => heard.includes(id)),
      chosenName: Array.isArray(listen) ? (streams.find(({ id }) => listen.includes(id))?.name ?? listen.join()) : null,
    });
  }

  /** The one primary action in the ring that is the voice: one's own, or the one that is heard. */
  #ring(config: CardConfig, view: CardView): TemplateResult {
    const session = this.session;
    const talking = view.state === 'onAir' || view.state === 'closing';
    const voice = talking ? session?.streamId : session?.receiver.heard[0];
    const listens = config.mode === 'receiver';
    const soundOn = (session?.receiver.target ?? null) !== null;
    const icon = view.state === 'trouble' ? icons.warning : icons.microphone;
    return html`<div class="ring" part="ring" data-level-of=${voice ?? nothing}>
      <svg class="dash" viewBox="0 0 100 100" aria-hidden="true"><circle cx="50" cy="50" r="48" /></svg>
      ${
        listens
          ? html`<button
              type="button"
              class="round"
              part="button"
              data-action="listen"
              aria-label=${say('listen.label')}
              aria-pressed=${soundOn}
              ?disabled=${!session}
              @click=${this.#toggleListen}
            >
              ${view.state === 'trouble' ? icons.warning : soundOn ? icons.sound : icons.soundOff}
            </button>`
          : html`<button
              type="button"
              class="round"
              part="button"
              data-action="talk"
              aria-label=${say('talk.label')}
              aria-pressed=${view.state === 'opening' || talking}
              ?disabled=${!session}
              @pointerdown=${this.#gesture.pointerDown}
              @pointerup=${this.#gesture.pointerUp}
              @pointercancel=${this.#gesture.pointerCancel}
              @keydown=${this.#gesture.keyDown}
              @keyup=${this.#gesture.keyUp}
              @blur=${this.#gesture.blur}
              @click=${this.#gesture.click}
              @contextmenu=${(event: Event) => event.preventDefault()}
            >
              ${icon}
            </button>`
      }
    </div>`;
  }

  #status(view: CardView): TemplateResult {
    const since = this.session?.sender.onAirSince ?? null;
    const time =
      view.state === 'onAir' && since !== null
        ? html`<span class="time" aria-hidden="true">${sayDuration(Date.now() - since)}</span>`
        : nothing;
    const headline =
      view.state === 'needsTap'
        ? html`<button type="button" class="tap" data-action="enableSound" @click=${this.#enableSound}>
            ${icons.soundOff}${view.headline}
          </button>`
        : html`<p class="headline" part="headline">${view.headline}${time}</p>`;
    const hint = this.preview ? say('card.preview') : view.hint;
    return html`${headline}
      <p class="hint" part="hint">${hint}</p>`;
  }

  #listenSwitch(): TemplateResult {
    const on = (this.session?.receiver.target ?? null) !== null;
    return html`<button
      type="button"
      class="switch"
      data-action="listen"
      aria-label=${say('listen.label')}
      aria-pressed=${on}
      title=${on ? say('listen.on') : say('listen.off')}
      ?disabled=${!this.session}
      @click=${this.#toggleListen}
    >
      ${on ? icons.sound : icons.soundOff}
    </button>`;
  }

  #list(): TemplateResult {
    const session = this.session;
    return streamList({
      streams: session?.streams ?? [],
      ownId: session?.streamId ?? null,
      listen: session?.receiver.target ?? null,
      fresh: session?.client.connection.state === 'ready',
      choose: (target) => this.#listen(target),
    });
  }

  #press(): void {
    const session = this.session;
    if (!session) return;
    session.client.poke();
    session.sender.press();
  }

  readonly #toggleListen = (): void => {
    const receiver = this.session?.receiver;
    if (!receiver) return;
    if (receiver.needsTap || receiver.justUnblocked) receiver.enableSound();
    else this.#listen(receiver.target === null ? this.#defaultTarget : null);
  };

  #listen(target: ListenTarget): void {
    this.session?.receiver.listen(target);
    this.session?.receiver.enableSound();
  }

  readonly #enableSound = (): void => this.session?.receiver.enableSound();

  get #defaultTarget(): ListenTarget {
    const listen = this.#config?.listen ?? 'latest';
    return listen === 'latest' ? 'latest' : [listen];
  }

  #acquire(config: CardConfig): void {
    if (this.#lease) return;
    const { mode, token, name } = config;
    const url = signalingUrl(config.url, document.baseURI);
    this.#lease = leaseSession({ url, token, name }, { sender: mode !== 'receiver', receiver: mode !== 'sender' });
    const { session } = this.#lease;
    if (mode !== 'sender') session.receiver.listenByDefault(this.#defaultTarget);
    this.#unsubscribe = [
      session.changed.subscribe(() => this.requestUpdate()),
      session.levels.subscribe((levels) => this.#meters.update(levels)),
    ];
  }

  #release(): void {
    this.#stopClock();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#unsubscribe = [];
    this.#lease?.release();
    this.#lease = null;
  }

  #stopClock(): void {
    clearInterval(this.#clock);
    this.#clock = undefined;
  }
}
