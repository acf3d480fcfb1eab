/** The real card with invented facts: no session, nothing moves. For the sheet of states and for tests. */
import { html, type TemplateResult } from 'lit';
import { adoptStyles } from '../src/adopt-styles.ts';
import type { StreamInfo } from '@voice-streaming/shared/protocol';
import type { MenuPage } from '../src/card-menu.ts';
import type { CardFacts } from '../src/card-view.ts';
import type { CardConfig } from '../src/config.ts';
import type { DetailsFacts } from '../src/details/facts.ts';
import { detailsPage } from '../src/details/page.ts';
import { detailsStyles } from '../src/details/styles.ts';
import { Words } from '../src/details/words.ts';
import { devicesPage } from '../src/devices/page.ts';
import { devicesStyles } from '../src/devices/styles.ts';
import { FetchedPage, type DevicesModel } from '../src/fetched-page.ts';
import { withWords, type FetchedTools } from '../src/fetched-words.ts';
import { pageTools } from '../src/page-tools.ts';
import { moreWords } from './languages.ts';
import { voicesStyles } from '../src/voices-styles.ts';
import { voicesList, type VoicesListModel } from '../src/voices-list.ts';
import { VoiceStreamingCard } from '../src/voice-streaming-card.ts';
import { speakersFacts, type SpeakersNow } from '../src/speakers/facts.ts';
import { speakersPage, type SpeakersPageModel } from '../src/speakers/page.ts';
import { speakersStyles } from '../src/speakers/styles.ts';
import { fieldStyles } from '../src/field-styles.ts';
import { stillSpeakers } from './still-speakers.ts';
import { stillDevices, type StillDevicesFacts } from './still-devices.ts';

export interface Still {
  config?: Record<string, unknown>;
  facts?: Partial<CardFacts>;
  /** 0 to 1, by stream id. */
  levels?: Record<string, number>;
  streams?: readonly StreamInfo[];
  menu?: MenuPage;
  devices?: StillDevicesFacts;
  /** What speakers do; the card says it. */
  speakers?: Partial<SpeakersNow>;
  speakersPage?: Partial<SpeakersPageModel>;
  details?: { facts: DetailsFacts; text?: string };
}

const QUIET: Omit<CardFacts, 'mode' | 'talkMode' | 'preview'> = {
  connecting: false,
  sessionTrouble: null,
  talkTrouble: null,
  talk: 'idle',
  latched: false,
  heardBy: 0,
  onAirMs: 0,
  leftMs: null,
  howling: false,
  microphoneOpenMs: 0,
  listen: 'latest',
  needsTap: false,
  elsewhere: false,
  talkers: [],
  chosenName: null,
  chosenIsHere: true,
  alone: false,
  outdated: false,
  monitor: null,
  watched: null,
  alarm: null,
  ownId: 'kitchen-tablet',
  speakers: null,
};

const tools = (): FetchedTools => withWords(pageTools, moreWords());

/** Fetches nothing and reads nothing. */
class StillDetails extends FetchedPage<'details'> {
  still: Still = {};

  override page(): TemplateResult {
    const { details } = this.still;
    if (!details) return html``;
    const nothingToDo = (): void => undefined;
    const words = new Words(pageTools.language);
    const { facts, text = null } = details;
    const actions = { measure: nothingToDo, copy: nothingToDo };
    return detailsPage({ facts, words, tools: pageTools, copied: false, text, ...actions });
  }

  override hostUpdated(): void {
    // Nothing is opened.
  }
}

class StillDevices extends FetchedPage<'devices'> {
  still: Still = {};

  override page(does: DevicesModel): TemplateResult {
    return devicesPage(stillDevices(tools(), does, this.still.devices));
  }

  override hostUpdated(): void {
    // Nothing is opened.
  }
}

class StillSpeakers extends FetchedPage<'speakers'> {
  still: Still = {};

  override page(): TemplateResult {
    return speakersPage({ ...stillSpeakers(tools()), ...this.still.speakersPage });
  }

  override hostUpdated(): void {
    // Nothing is opened.
  }
}

class StillVoices extends FetchedPage<'voices'> {
  override page(model: VoicesListModel): TemplateResult {
    return voicesList(model, tools());
  }

  override hostUpdated(): void {
    // Nothing is opened.
  }
}

export class StillCard extends VoiceStreamingCard {
  protected override readonly voices = new StillVoices(this, 'voices');
  protected override readonly speakersPage = new StillSpeakers(this, 'speakers');
  protected override readonly details = new StillDetails(this, 'details');
  protected override readonly devices = new StillDevices(this, 'devices');
  #still: Still = {};

  set still(still: Still) {
    this.#still = still;
    this.details.still = still;
    this.devices.still = still;
    this.speakersPage.still = still;
    this.preview = true; // Never a session.
    if (still.menu) this.menu.open(still.menu);
    else this.menu.closed();
    this.setConfig({ type: 'custom:voice-streaming-card', ...still.config });
    this.requestUpdate();
  }

  protected override get isUsable(): boolean {
    return this.#still.facts?.preview !== true;
  }

  protected override collectFacts({ mode, talk }: CardConfig): CardFacts {
    const { facts, speakers } = this.#still;
    const now = { count: 0, isAsking: false, shown: [], error: null, talk: facts?.talk ?? 'idle', ...speakers };
    const said = speakers ? speakersFacts(tools(), now) : null;
    return { ...QUIET, mode, talkMode: talk, preview: false, speakers: said, ...facts };
  }

  protected override listModel(): VoicesListModel {
    return {
      streams: this.#still.streams ?? [],
      ownId: QUIET.ownId,
      listen: this.#still.facts?.listen ?? 'latest',
      fresh: true,
      choose: () => undefined,
      volumeOf: (id) => (id === 'hall' ? 0.5 : 1),
      setVolume: () => undefined,
      forget: () => undefined,
      screenOff: { on: false, toggle: () => undefined },
      session: null,
    };
  }

  protected override updated(...changed: Parameters<VoiceStreamingCard['updated']>): void {
    super.updated(...changed);
    for (const element of this.renderRoot.querySelectorAll<HTMLElement>('[style*="--level"]')) {
      element.style.removeProperty('--level');
    }
    this.renderRoot.querySelector<HTMLElement>('.meter')?.style.setProperty('--level', '0.6');
    adoptStyles(this.renderRoot, detailsStyles);
    adoptStyles(this.renderRoot, voicesStyles);
    adoptStyles(this.renderRoot, fieldStyles);
    adoptStyles(this.renderRoot, devicesStyles);
    adoptStyles(this.renderRoot, speakersStyles);
    for (const [id, level] of Object.entries(this.#still.levels ?? {})) {
      for (const element of this.renderRoot.querySelectorAll<HTMLElement>(`[data-level-of="${CSS.escape(id)}"]`)) {
        element.style.setProperty('--level', String(level));
      }
    }
  }
}

customElements.define('still-card', StillCard);
