/** AnnouncementBook: all announcements under way, no more than may be, and those that are over for as long as one can ask about them. */
import { RequestError } from '@voice-streaming/shared/errors';
import type { Log } from '../log.ts';
import { DropCounter } from '../media/drop-counter.ts';
import type { Announcement, Asker } from './announcement.ts';
import type { AnnouncerLimits } from './limits.ts';

export interface AnnouncementBookOptions {
  log: Log;
  limits: Pick<AnnouncerLimits, 'maxAnnouncements' | 'maxOfDevice' | 'keepMs' | 'maxKept'>;
  onForgotten: (announcement: Announcement) => void;
}

export class AnnouncementBook {
  readonly #options: AnnouncementBookOptions;
  /** Oldest first. */
  readonly #announcements = new Map<string, Announcement>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #refused: DropCounter;
  #closed = false;

  constructor(options: AnnouncementBookOptions) {
    this.#options = options;
    this.#refused = new DropCounter({
      log: options.log,
      what: 'announcements refused: too many are under way',
    });
  }

  get underWay(): Announcement[] {
    return [...this.#announcements.values()].filter(({ over }) => !over);
  }

  /** Of the same device. */
  underWayOf(asker: Asker): Announcement[] {
    return this.underWay.filter((announcement) => isOf(asker, announcement));
  }

  /** For want of room. */
  get refused(): number {
    return this.#refused.total;
  }

  /** Throws RequestError when there is no room for one more of his. */
  admit(asker: Asker): void {
    const { maxAnnouncements, maxOfDevice } = this.#options.limits;
    const all = this.underWay.length;
    const own = this.underWayOf(asker).length;
    if (all < maxAnnouncements && own < maxOfDevice) return;
    this.#refused.count();
    const which = own < maxOfDevice ? `${all} announcements` : `${own} announcements of this device`;
    throw new RequestError('server_full', `${which} are under way already. Try again later.`, {
      limit: 'announcements',
    });
  }

  add(announcement: Announcement): void {
    this.#announcements.set(announcement.id, announcement);
  }

  /** It is kept for some time. */
  over(announcement: Announcement): void {
    if (this.#closed) return;
    const { keepMs, maxKept } = this.#options.limits;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#forget(announcement);
    }, keepMs);
    timer.unref();
    this.#timers.add(timer);
    const kept = [...this.#announcements.values()].filter(({ over }) => over);
    if (kept.length > maxKept && kept[0]) this.#forget(kept[0]);
  }

  /** Throws RequestError when it is not there, or another's. */
  find(asker: Asker, announcementId: string): Announcement {
    const found = this.#announcements.get(announcementId);
    if (found && (asker.user.isAdmin || isOf(asker, found))) return found;
    throw new RequestError('announcement_not_found', 'No announcement of this id is under way, or it is another’s.');
  }

  close(): void {
    this.#closed = true;
    this.#refused.close();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #forget(announcement: Announcement): void {
    if (this.#announcements.delete(announcement.id)) this.#options.onForgotten(announcement);
  }
}

/** The same device asked for it. */
function isOf(asker: Asker, announcement: Announcement): boolean {
  return asker.streamId !== undefined && asker.streamId === announcement.asker.streamId;
}
