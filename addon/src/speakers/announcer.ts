/**
 * Announcer: brings voices to the speakers of the house. It knows all announcements that are under way, which speaker is
 * whose, and the plays that the media server is asked for. Two on one speaker: the newer one takes it over, and puts back
 * what was before the older one.
 */
import { RequestError } from '@voice-streaming/shared/errors';
import type { Announcement as AnnouncementInfo, Requests } from '@voice-streaming/shared/protocol';
import type { Closeable } from '../closeable.ts';
import type { Log } from '../log.ts';
import type { SpeakerOptions, SpeakerOverride } from '../options.ts';
import type { BreachCounter } from '../media/limit-breaches.ts';
import type { Prelude } from '../media/ports.ts';
import { parseAnnounceRequest } from './announce-request.ts';
import { ANNOUNCED, announcedData } from './announced-event.ts';
import { Announcement, type Asker } from './announcement.ts';
import { AnnouncementBook } from './announcement-book.ts';
import { NO_CHIME, type ChimeBook } from './chime-book.ts';
import { DEFAULT_LIMITS, type AnnouncerLimits } from './limits.ts';
import { messageOf } from './message.ts';
import type { Play } from './play.ts';
import { PlayBook } from './play-book.ts';
import { rowOf, type PlatformRow } from './platforms.ts';
import { can, isReachable } from './player-watch.ts';
import type { House, HousePlayer, PlayUrlBook } from './ports.ts';
import { takeApart } from './groups.ts';
import { Target } from './target.ts';
import type { TalkSource, TalkWish } from './talk-choice.ts';
import { emptyTalk } from './test-talk.ts';

export interface AnnouncerOptions {
  log: Log;
  house: House;
  talks: TalkSource;
  urls: PlayUrlBook;
  chimes: ChimeBook;
  delays: { of(entityId: string): number | null; learn(entityId: string, delayMs: number): void };
  options: SpeakerOptions;
  /** Whether the device that speaks as this stream is at this address. */
  isAt?: ((streamId: string, address: string) => boolean) | undefined;
  limits?: Partial<AnnouncerLimits> | undefined;
  breaches?: BreachCounter | undefined;
}

export type AnnounceWish = Requests['announce']['args'] & { maxSeconds?: number | undefined };

export interface AnnouncerStats {
  announcements: number;
  underWay: number;
  /** Targets by how they ended: `done`, `stopped` or the fault. */
  endings: Readonly<Record<string, number>>;
  /** As too many were under way. */
  refused: number;
}

/** As the events on Home Assistant's bus say it. */
const NO_PORT = "No speaker can play this: give port 8081 a number in the add-on's network settings.";

export class Announcer implements Closeable {
  readonly #options: AnnouncerOptions;
  readonly #log: Log;
  readonly #limits: AnnouncerLimits;
  readonly #announcements: AnnouncementBook;
  readonly #plays: PlayBook;
  /** By speaker: who plays on it, or puts it back. */
  readonly #holders = new Map<string, Target>();
  readonly #endings: Record<string, number> = {};
  #begun = 0;
  #closing = false;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
    this.#log = options.log.child('speakers');
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#plays = new PlayBook(this.#limits.maxPast);
    this.#announcements = new AnnouncementBook({
      log: this.#log,
      limits: this.#limits,
      onForgotten: ({ targets }) => targets.forEach(({ play }) => this.#plays.forget(play)),
    });
  }

  speakers(): Requests['getSpeakers']['result'] {
    const { house, chimes, delays } = this.#options;
    const speakers = house
      .players()
      .filter(
        (player) => !isReachable(player) || (can(player, 'playMedia') && this.#rowOf(player).cannot === undefined),
      )
      .map((player) => ({
        entityId: player.entityId,
        name: player.name,
        area: player.area,
        platform: player.platform,
        available: house.available && isReachable(player),
        startDelayMs: delays.of(player.entityId),
      }))
      .sort((a, b) => a.name.localeCompare(b.name));
    return { speakers, chimes: chimes.names };
  }

  /** Throws RequestError. */
  announce(asker: Asker, args: AnnounceWish): AnnouncementInfo {
    const { chimes, options } = this.#options;
    // A default that is not there is told in the log when it is looked for, and keeps nobody from speaking.
    const chime = args.chime ?? (chimes.has(options.chime) ? options.chime : NO_CHIME);
    if (!chimes.has(chime)) {
      const names = [NO_CHIME, ...chimes.names].join(', ');
      throw new RequestError('bad_arguments', `There is no chime "${chime.slice(0, 64)}"; there are ${names}.`);
    }
    const wish: TalkWish = { talkId: args.talkId, streamId: args.streamId ?? asker.streamId ?? 'latest' };
    return this.#begin({
      asker,
      wish,
      entityIds: args.targets,
      preludeOf: (leadInMs) => chimes.preludeOf(chime, leadInMs),
      complaint: chimes.whyBroken(chime),
      volume: args.volume,
      restore: args.restore ?? true,
      maxSeconds: Math.min(args.maxSeconds ?? options.maxSeconds, options.maxSeconds),
    }).info;
  }

  /** The same with the fields of an automation, whatever they are. Throws RequestError. */
  announceFrom(asker: Asker, data: unknown): AnnouncementInfo {
    return this.announce(asker, parseAnnounceRequest(data));
  }

  /** An event on Home Assistant's bus, which only administrators and automations can fire. Throws RequestError. */
  announceFromEvent(data: unknown): AnnouncementInfo {
    return this.announceFrom({ user: { name: null, isAdmin: true } }, data);
  }

  /** Throws RequestError. */
  test(asker: Asker, { entityId, volume }: Requests['testSpeaker']['args']): AnnouncementInfo {
    const { chimes, options } = this.#options;
    return this.#begin({
      asker,
      wish: undefined,
      entityIds: [entityId],
      preludeOf: (leadInMs) => chimes.chirp(leadInMs),
      complaint: undefined,
      volume,
      restore: true,
      maxSeconds: options.maxSeconds,
    }).info;
  }

  /** What the same device asked for and is still under way; `asker` hears of it from now on. */
  follow(asker: Asker): AnnouncementInfo[] {
    const own = this.#announcements.underWayOf(asker).filter(({ isTest }) => !isTest);
    for (const each of own) each.follow(asker);
    return own.map(({ info }) => info);
  }

  /** Ends it; one that is over already is fine. Throws RequestError. */
  stop(asker: Asker, announcementId: string): void {
    this.#announcements.find(asker, announcementId).stop();
  }

  /** Throws RequestError. */
  get(asker: Asker, announcementId: string): AnnouncementInfo {
    return this.#announcements.find(asker, announcementId).info;
  }

  /** For the media server. */
  find(playId: string): Play | 'over' | undefined {
    return this.#plays.find(playId);
  }

  stats(): AnnouncerStats {
    const { underWay, refused } = this.#announcements;
    return { announcements: this.#begun, underWay: underWay.length, endings: this.#endings, refused };
  }

  /** All speakers silent and as they were, if Core answers quickly. */
  async close(): Promise<void> {
    this.#closing = true;
    const { underWay } = this.#announcements;
    for (const announcement of underWay) announcement.stop();
    const settled = Promise.all(underWay.map((announcement) => announcement.settled()));
    await Promise.race([settled, new Promise((resolve) => setTimeout(resolve, this.#limits.closeMs).unref())]);
    this.#announcements.close();
  }

  #begin(wish: {
    asker: Asker;
    wish: TalkWish | undefined;
    entityIds: readonly string[];
    preludeOf: (leadInMs: number) => Prelude | undefined;
    complaint: string | undefined;
    volume: number | undefined;
    restore: boolean;
    maxSeconds: number;
  }): Announcement {
    const { house, talks } = this.#options;
    this.#admit(wish.asker);
    const entityIds = takeApart(wish.entityIds, house.players());
    if (entityIds.length > this.#limits.maxTargets) {
      const { maxTargets } = this.#limits;
      const what = `Those are ${entityIds.length} speakers; at most ${maxTargets} at once.`;
      // Signaling counts those of its own clients.
      throw new RequestError('bad_arguments', what, { limit: 'targets' });
    }
    const announcement: Announcement = new Announcement({
      log: this.#log,
      asker: wish.asker,
      talks,
      wish: wish.wish,
      talkWaitMs: this.#limits.talkWaitMs,
      maxSeconds: wish.maxSeconds,
      onOver: () => this.#over(announcement),
    });
    this.#begun += 1;
    this.#announcements.add(announcement);
    const targets = entityIds.map((entityId) => this.#target(announcement, entityId, wish));
    if (wish.complaint !== undefined) targets.forEach((target) => target.remark(wish.complaint ?? ''));
    announcement.begin(targets);
    if (!wish.wish) targets.forEach((target) => target.talkBegan(emptyTalk()));
    return announcement;
  }

  #admit(asker: Asker): void {
    if (this.#closing) throw new RequestError('closing', 'The server is closing.');
    if (!this.#options.house.available) {
      throw new RequestError('no_speakers', 'Home Assistant does not answer at the moment. Try again in a minute.');
    }
    if (this.#options.urls.isReachable === false) throw new RequestError('no_speakers', NO_PORT);
    try {
      this.#announcements.admit(asker);
    } catch (error) {
      if (error instanceof RequestError) this.#options.breaches?.count('announcements', error.message);
      throw error;
    }
  }

  #target(
    announcement: Announcement,
    entityId: string,
    wish: { preludeOf: (leadInMs: number) => Prelude | undefined; volume: number | undefined; restore: boolean },
  ): Target {
    const { log, house, urls, delays, options, isAt } = this.#options;
    const player = house.players().find((each) => each.entityId === entityId);
    const override = this.#overrideOf(entityId);
    const row = player ? this.#rowOf(player) : rowOf(null, false);
    const predecessor = this.#holders.get(entityId);
    predecessor?.displace();
    const target: Target = new Target({
      log: log.child('speakers'),
      house,
      urls,
      limits: this.#limits,
      entityId,
      name: player?.name ?? entityId,
      row,
      prelude: wish.preludeOf(row.leadInMs ?? 0),
      title: 'Voice Streaming',
      volume: wish.volume ?? override?.volume ?? options.volume,
      restore: wish.restore,
      predecessor,
      isSender: (address) => {
        const { talk, asker } = announcement;
        const streamId = talk?.streamId ?? asker.streamId;
        return streamId !== undefined && (isAt?.(streamId, address) ?? false);
      },
      onStarted: (delayMs) => delays.learn(entityId, delayMs),
      onChanged: () => this.#changed(announcement, target),
    });
    this.#holders.set(entityId, target);
    this.#plays.add(target.play);
    return target;
  }

  #overrideOf(entityId: string): SpeakerOverride | undefined {
    return this.#options.options.overrides.find((each) => each.entityId === entityId);
  }

  #rowOf(player: HousePlayer): PlatformRow {
    return rowOf(player.platform, can(player, 'announce'), this.#overrideOf(player.entityId));
  }

  #changed(announcement: Announcement, target: Target): void {
    const { info, over } = target;
    if (over && this.#holders.get(info.entityId) === target) this.#holders.delete(info.entityId);
    announcement.changed();
  }

  #over(announcement: Announcement): void {
    const { info } = announcement;
    for (const { fault, state } of info.targets) {
      const ending = fault ?? state;
      this.#endings[ending] = (this.#endings[ending] ?? 0) + 1;
    }
    this.#announcements.over(announcement);
    this.#announce(announcement);
  }

  /** For automations. */
  #announce(announcement: Announcement): void {
    this.#options.house.fireEvent(ANNOUNCED, announcedData(announcement)).catch((error: unknown) => {
      this.#log.info(`${ANNOUNCED}: ${messageOf(error)}`);
    });
  }
}
