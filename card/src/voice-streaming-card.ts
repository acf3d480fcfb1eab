/**
 * The card: renders a session and turns gestures into talk and listen. It keeps no socket, peer or microphone itself; it
 * only holds a lease on the page's session while it is in the document and not a preview.
 */
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { ListenTarget } from '@voice-streaming/shared/protocol';
import { Announcement } from './announcement.ts';
import { Blips } from './blips.ts';
import { sessionFacts } from './card-facts.ts';
import { CardMenu } from './card-menu.ts';
import { CardSpeakers, type SpeakersFacts } from './card-speakers.ts';
import { CardServer, type FoundServer } from './card-server.ts';
import { cardStyles } from './card-styles.ts';
import { cardTemplate, type CardActions } from './card-template.ts';
import { viewOf, type CardFacts, type CardView } from './card-view.ts';
import { listenTargetOf, needsOf, parseConfig, type CardConfig } from './config.ts';
import { dialogStyles } from './dialog-styles.ts';
import { FetchedPage } from './fetched-page.ts';
import { forcedColorsStyles } from './forced-colors-styles.ts';
import { HoldGesture } from './hold-gesture.ts';
import { HowlGuard } from './howl-guard.ts';
import { LanguageController } from './language-controller.ts';
import { LevelMeters } from './level-meters.ts';
import { menuDialog, type MenuPageModel } from './menu-dialog.ts';
import { LovelaceCard } from './lovelace-card.ts';
import { menuPages } from './menu-pages.ts';
import { useMicrophone } from './monitor.ts';
import { monitorStyles } from './monitor-styles.ts';
import { ringStyles } from './ring-styles.ts';
import { leaseSession, type Lease } from './session-lease.ts';
import type { Session } from './session.ts';
import { streamListStyles } from './stream-list-styles.ts';
import { TalkCues } from './talk-cues.ts';
import { TalkGesture } from './talk-gesture.ts';
import { TalkerRows } from './talker-rows.ts';
import { tokens } from './tokens.ts';
import type { VoicesListModel } from './voices-list.ts';

const CLOCK_MS = 500;
const HAPTIC_MS = { medium: 40, light: 20, failure: 120 };

export class VoiceStreamingCard extends LovelaceCard {
  static override styles = [
    tokens,
    streamListStyles,
    ringStyles,
    cardStyles,
    monitorStyles,
    dialogStyles,
    forcedColorsStyles,
  ];

  protected readonly language = new LanguageController(this);
  protected config: CardConfig | null = null;
  protected readonly menu = new CardMenu(this);
  protected readonly speakers = new CardSpeakers(this);
  protected readonly voices = new FetchedPage(this, 'voices');
  protected readonly speakersPage = new FetchedPage(this, 'speakers');
  protected readonly devices = new FetchedPage(this, 'devices');
  protected readonly details = new FetchedPage(this, 'details');
  readonly #server = new CardServer(this);
  #found: FoundServer | null = null;
  readonly #meters = new LevelMeters(this);
  readonly #gesture = new TalkGesture({
    press: () => this.#press(),
    release: () => this.session?.sender.release(),
    isTalking: () => (this.session?.sender.state ?? 'idle') !== 'idle',
    changed: () => this.requestUpdate(),
    mode: () => this.config?.talk ?? 'both',
  });
  readonly #rows = new TalkerRows({ changed: () => this.requestUpdate() });
  readonly #cues = new TalkCues({
    blips: new Blips({ speaker: () => this.session?.receiver.speaker ?? '' }),
    sounds: () => this.config?.sounds ?? true,
    haptic: (type) => this.#haptic(type),
  });
  readonly #monitorGesture = new HoldGesture({
    isOn: () => this.session?.monitor.isOn ?? false,
    toggle: () => this.session?.monitor.toggle(),
    changed: () => this.requestUpdate(),
  });
  readonly #announcement = new Announcement();
  readonly #howlGuard = new HowlGuard();
  readonly #actions: CardActions = {
    gesture: this.#gesture,
    toggleListen: () => this.#toggleListen(),
    monitorGesture: this.#monitorGesture,
    startMonitor: () => {
      if (this.session?.monitor.isOn === false) this.session.monitor.toggle();
    },
    acknowledge: () => this.session?.monitoring.acknowledge(),
    enableSound: () => this.#enableSound(),
    openMenu: () => this.menu.open(),
    openSpeakers: () => this.menu.open('speakers'),
    stopSpeakers: () => this.speakers.stop(this.session),
    mute: (id, muted) => this.session?.receiver.setTalkerMuted(id, muted),
    holdRows: (held) => this.#rows.hold(held),
  };
  #howling = false;
  #lease: Lease | null = null;
  #unsubscribe: (() => void)[] = [];
  #clock: ReturnType<typeof setInterval> | undefined;

  override setConfig(config: unknown): void {
    const next = parseConfig(config);
    if (JSON.stringify(next) === JSON.stringify(this.config)) return;
    this.config = next;
    this.#release();
    this.requestUpdate();
  }

  /** Null while there is no reason to have one: no config, a preview, not in the document. */
  get session(): Session | null {
    return this.#lease?.session ?? null;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#release();
  }

  protected override willUpdate(_changed: PropertyValues): void {
    const { config } = this;
    if (!this.isConnected || !config || this.isLookedAt) {
      this.#server.leave();
      this.#found = null;
    } else this.#found = this.#server.find(config, this.insideHomeAssistant);
    const url = this.#found?.url ?? null;
    if (this.#lease && this.#lease.url !== url) this.#release();
    if (config && url !== null) this.#acquire(config, url);
  }

  protected override updated(_changed: PropertyValues): void {
    const { session } = this;
    this.#meters.keepOnly(new Set(session?.streams.filter(({ live }) => live).map(({ id }) => id)));
    const openUntil = session?.sender.microphone.openUntil ?? 0;
    const counts =
      session?.sender.state === 'onAir' ||
      (openUntil > 0 && Number.isFinite(openUntil)) ||
      session?.monitoring.watch.watched;
    if (counts) this.#clock ??= setInterval(() => this.requestUpdate(), CLOCK_MS);
    else this.#stopClock();
  }

  protected override render(): TemplateResult | typeof nothing {
    const { config } = this;
    if (!config) return nothing;
    const facts = this.collectFacts(config);
    const view = viewOf(facts);
    this.#showOnHost(
      config,
      view,
      facts.speakers,
      facts.microphoneOpenMs > 0 || facts.talk !== 'idle' || this.devices.isMicrophoneOpen,
    );
    const soundOn = facts.listen !== null;
    const { mode, title, always_on: alwaysOn } = config;
    const said = this.#announcement.of(view);
    return html`<ha-card @click=${view.unheard ? this.#actions.acknowledge : nothing}>
        ${cardTemplate({ view, mode, alwaysOn, title, soundOn, inert: !this.isUsable, speakers: facts.speakers, said }, this.#actions)}
      </ha-card>
      ${this.menu.page === null ? nothing : menuDialog(this.menu, this.#menuPages(config, facts))}`;
  }

  /** Whether anything can be pressed. */
  protected get isUsable(): boolean {
    return this.session !== null;
  }

  protected collectFacts(config: CardConfig): CardFacts {
    return sessionFacts(this.session, config, {
      preview: this.isLookedAt,
      searching: this.#found?.url === null && !this.#found.trouble,
      serverTrouble: this.#found?.trouble ?? null,
      latched: this.#gesture.latched,
      howling: this.#howling,
      talkers: this.#rows.rows,
      wasShort: this.#monitorGesture.wasShort,
      speakers: this.speakers.facts(config, this.session),
    });
  }

  protected listModel(): VoicesListModel {
    const session = this.session;
    const screenOff = session?.monitoring.screenOff?.on ?? false;
    return {
      streams: session?.streams ?? [],
      ownId: session?.streamId ?? null,
      listen: session?.receiver.target ?? null,
      fresh: session?.client.connection.state === 'ready',
      choose: (target) => this.#listen(target),
      volumeOf: (id) => session?.receiver.volumeOf(id) ?? 1,
      setVolume: (id, volume) => session?.receiver.setVolume(id, volume),
      forget: session?.isAdmin ? (id) => session.forgetMonitor(id) : null,
      screenOff: { on: screenOff, toggle: (create) => session?.monitoring.setScreenOff(!screenOff, create) },
      session,
    };
  }

  #showOnHost(config: CardConfig, view: CardView, speakers: SpeakersFacts | null, microphoneOpen: boolean): void {
    this.dataset['state'] = view.state;
    this.dataset['connection'] = this.session?.client.connection.state ?? 'closed';
    this.dataset['mode'] = config.mode;
    this.dataset['microphone'] = microphoneOpen ? 'open' : 'closed';
    if (view.trouble === null) delete this.dataset['trouble'];
    else this.dataset['trouble'] = view.trouble;
    if (speakers === null) delete this.dataset['speakers'];
    else this.dataset['speakers'] = speakers.state;
    this.toggleAttribute('data-offline', view.offline);
    this.toggleAttribute('data-alarm', view.unheard);
    this.toggleAttribute('data-countdown', view.countdown !== null);
    this.toggleAttribute('data-talkers', view.talkers.length > 0);
    this.toggleAttribute('data-fixed-height', config.fixedHeight);
  }

  #menuPages(config: CardConfig, facts: CardFacts): MenuPageModel[] {
    return menuPages(facts, {
      toggleListen: () => this.#toggleListen(),
      list: () => this.voices.page(this.listModel()),
      speakers:
        config.mode === 'receiver' || config.always_on
          ? null
          : () => this.speakersPage.page({ config, session: this.session }),
      devices: (does) => this.devices.page({ session: this.session, ...does }),
      details: () =>
        this.details.page({ config, session: this.session, trouble: facts.sessionTrouble ?? facts.talkTrouble }),
    });
  }

  #enableSound(): void {
    this.session?.receiver.enableSound();
    this.session?.monitoring.screenOff?.poke();
  }

  #press(): void {
    const { session, config } = this;
    if (!session || !config) return;
    this.#cues.pressed();
    session.client.poke();
    const talks = (): boolean => session.sender.state !== 'idle';
    const goesOn = talks();
    session.sender.press({ maxTalkMs: config.max_talk_seconds * 1000 });
    if (talks() && !goesOn) this.speakers.pressed(config, session);
  }

  #toggleListen(): void {
    const receiver = this.session?.receiver;
    if (!receiver) return;
    if (receiver.elsewhere) receiver.playHere();
    else if (receiver.needsTap || receiver.justUnblocked) this.#enableSound();
    else this.#listen(receiver.target === null && this.config ? listenTargetOf(this.config) : null);
  }

  #listen(target: ListenTarget): void {
    this.session?.receiver.listen(target);
    this.session?.receiver.enableSound();
  }

  #acquire(config: CardConfig, url: string): void {
    if (this.#lease) return;
    const { mode, token, name } = config;
    this.#lease = leaseSession({ url, token, name, openSocket: this.#found?.openSocket }, needsOf(config));
    const { session } = this.#lease;
    if (mode !== 'sender' && config.auto_listen !== false) session.receiver.listenByDefault(listenTargetOf(config));
    this.#unsubscribe = [
      session.changed.subscribe(() => this.#onChange(session)),
      session.levels.subscribe((levels) => this.#onLevels(session, levels)),
      ...(mode === 'receiver' ? [] : useMicrophone(session, config)),
    ];
    // The session may be older than the card, and in the middle of something.
    this.#onChange(session);
  }

  #onChange({ sender, receiver, monitoring }: Session): void {
    this.#cues.update(sender.state, sender.trouble !== null);
    if (sender.state !== 'onAir') this.#setHowling(false);
    const talkers = receiver.talkers.map(({ streamId, name, volume, muted }) => ({
      id: streamId,
      name,
      volume,
      muted,
    }));
    const played = monitoring.playing.map(({ id, name }) => ({ id, name, volume: 1, muted: false }));
    this.#rows.update([...talkers, ...played].filter(({ id }) => !monitoring.watch.isQuiet(id)));
    this.requestUpdate();
  }

  #onLevels({ sender, streamId, streams }: Session, levels: Record<string, number>): void {
    this.#meters.update(levels);
    const own = streamId === null ? undefined : levels[streamId];
    if (own === undefined || sender.state !== 'onAir' || this.config?.always_on === true) return;
    const { receivers = 0, listeners = 0 } = streams.find(({ id }) => id === streamId) ?? {};
    this.#setHowling(receivers + listeners > 0 && this.#howlGuard.update(own, performance.now()));
  }

  #setHowling(howling: boolean): void {
    if (this.session?.sender.state !== 'onAir') this.#howlGuard.reset();
    if (howling === this.#howling) return;
    this.#howling = howling;
    this.requestUpdate();
  }

  #haptic(type: 'medium' | 'light' | 'failure'): void {
    // Home Assistant's apps listen for it on the window; `vibrate` is missing in Safari and needs a gesture elsewhere.
    this.dispatchEvent(new CustomEvent('haptic', { detail: type, bubbles: true, composed: true }));
    (navigator as Partial<Pick<Navigator, 'vibrate'>>).vibrate?.(HAPTIC_MS[type]);
  }

  #release(): void {
    this.#stopClock();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#unsubscribe = [];
    this.#lease?.release();
    this.#lease = null;
    this.#gesture.reset();
    this.#monitorGesture.reset();
    this.#rows.clear();
    this.#howling = false;
  }

  #stopClock(): void {
    clearInterval(this.#clock);
    this.#clock = undefined;
  }
}
