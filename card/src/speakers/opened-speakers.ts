/** The page "Speakers in the house" while it is open: the list, fetched again as long as somebody looks at it. */
import type { TemplateResult } from 'lit';
import type { Speaker } from '@voice-streaming/shared/protocol';
import { adoptStyles } from '../adopt-styles.ts';
import type { OpenedPage, PageHost, SpeakersModel } from '../fetched-page.ts';
import type { FetchedTools } from '../fetched-words.ts';
import { fieldStyles } from '../field-styles.ts';
import type { Session } from '../session.ts';
import { announcementsOf, type Announcements } from './announcements.ts';
import { speakersPage, type SpeakerRow, type SpeakersPageModel } from './page.ts';
import { sayFailed, sayRefused } from './say-speakers.ts';
import { speakersStyles } from './styles.ts';

/** Players come and go. */
const REFRESH_MS = 5_000;

export function openSpeakers(host: PageHost, tools: FetchedTools): OpenedSpeakers {
  return new OpenedSpeakers(host, tools);
}

export class OpenedSpeakers implements OpenedPage<SpeakersModel> {
  readonly #host: PageHost;
  readonly #tools: FetchedTools;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #forgetChoice: () => void;
  #session: Session | null = null;
  #unfollow: () => void = () => undefined;
  #speakers: readonly Speaker[] | null = null;
  #chimes: readonly string[] = [];
  #error: unknown = null;
  #fetching = false;
  /** Chosen ones that are not there stand where they stood: no row moves under a finger. */
  #names = new Map<string, string>();

  constructor(host: PageHost, tools: FetchedTools) {
    this.#host = host;
    this.#tools = tools;
    adoptStyles(host.renderRoot, fieldStyles);
    adoptStyles(host.renderRoot, speakersStyles);
    this.#timer = setInterval(() => void this.#fetch(), REFRESH_MS);
    this.#forgetChoice = tools.speakerChoice.changed.subscribe(() => host.requestUpdate());
  }

  page(model: SpeakersModel): TemplateResult {
    return speakersPage(this.model(model));
  }

  update({ session }: SpeakersModel): void {
    if (session === this.#session) return;
    this.#unfollow();
    this.#session = session;
    if (!session) return;
    const followed = [
      announcementsOf(session).changed.subscribe(() => this.#host.requestUpdate()),
      session.client.changed.subscribe(() => void this.#fetch()),
    ];
    this.#unfollow = () => followed.forEach((step) => step());
    void this.#fetch();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#forgetChoice();
    this.#unfollow();
  }

  model({ config, session }: SpeakersModel): SpeakersPageModel {
    const { speakerChoice } = this.#tools;
    const { value } = speakerChoice;
    const announcements = session && announcementsOf(session);
    const fixed = config.speakers !== undefined;
    const volume = config.announce_volume ?? value.volume;
    return {
      tools: this.#tools,
      rows: this.#speakers && this.#rows(this.#speakers, config.speakers ?? value.targets, fixed, announcements),
      error: this.#speakers ? null : this.#error,
      fixed,
      choose: (entityId, chosen) => {
        const others = value.targets.filter((one) => one !== entityId);
        speakerChoice.set({ ...value, targets: chosen ? [...others, entityId] : others });
      },
      test: (entityId) => void this.#test(entityId, volume),
      volume: {
        value: volume,
        fixed: config.announce_volume !== undefined,
        choose: (chosen) => speakerChoice.set({ ...value, volume: chosen }),
      },
      chime: {
        value: config.announce_chime ?? value.chime,
        fixed: config.announce_chime !== undefined,
        names: this.#chimes,
        choose: (chosen) => speakerChoice.set({ ...value, chime: chosen }),
      },
      stop: announcements?.shown.some(({ over }) => !over) ? () => announcements.stop() : null,
      wrong: this.#wrong(announcements),
    };
  }

  #rows(
    speakers: readonly Speaker[],
    chosen: readonly string[],
    fixed: boolean,
    announcements: Announcements | null,
  ): SpeakerRow[] {
    const gone = chosen.filter((id) => !speakers.some(({ entityId }) => entityId === id));
    const all = [...speakers, ...gone.map((entityId) => this.#absent(entityId))];
    return all
      .filter(({ entityId }) => !fixed || chosen.includes(entityId))
      .map((speaker) => ({
        ...speaker,
        chosen: chosen.includes(speaker.entityId),
        gone: gone.includes(speaker.entityId),
        test: announcements?.testOf(speaker.entityId) ?? { announcement: undefined, error: null },
      }));
  }

  #absent(entityId: string): Speaker {
    const name = this.#names.get(entityId) ?? entityId;
    return { entityId, name, area: null, platform: null, available: false, startDelayMs: null };
  }

  #wrong(announcements: Announcements | null): SpeakersPageModel['wrong'] {
    if (!announcements) return null;
    if (announcements.error !== null) return sayRefused(this.#tools, announcements.error);
    const targets = announcements.shown.flatMap(({ targets }) => targets);
    const failed = targets.filter(({ state }) => state === 'failed');
    return failed.length > 0 ? sayFailed(this.#tools, failed) : null;
  }

  async #test(entityId: string, volume: number | undefined): Promise<void> {
    if (!this.#session) return;
    await announcementsOf(this.#session).test(entityId, volume);
  }

  async #fetch(): Promise<void> {
    const session = this.#session;
    if (!session || this.#fetching || session.client.connection.state !== 'ready') return;
    this.#fetching = true;
    try {
      const { speakers, chimes } = await session.client.request('getSpeakers', {});
      this.#speakers = speakers;
      this.#chimes = chimes;
      this.#error = null;
      for (const { entityId, name } of speakers) this.#names.set(entityId, name);
    } catch (error) {
      this.#error = error;
    } finally {
      this.#fetching = false;
    }
    this.#host.requestUpdate();
  }
}
