/**
 * What a session plays on speakers, from the asking to the end, and what went wrong. One for all cards of a page: it is there
 * again when somebody comes back to the dashboard.
 */
import type { Announcement, Requests } from '@voice-streaming/shared/protocol';
import { Emitter } from '../emitter.ts';
import type { Session } from '../session.ts';
import type { SenderState } from '../sender.ts';

export type AnnouncingSession = Pick<Session, 'client' | 'sender' | 'whenIntroduced'>;

/** What became of a press that is over stays to be read for so long, or until the next one. */
const REMEMBERED_MS = 60_000;
/** The connection is gone, and nothing more is told of what plays; by then it has ended, as its talk has. What has not is asked for. */
const LOST_MS = 20_000;
/** More at once is nobody's wish; the oldest is not shown any more. */
const MAX_SHOWN = 8;

export class Announcements {
  readonly changed = new Emitter();
  readonly #session: AnnouncingSession;
  /** Those of presses, by id, in order of asking. */
  readonly #asked = new Map<string, Announcement>();
  /** The last test of each speaker, by entity id. */
  readonly #tests = new Map<string, Announcement>();
  readonly #testErrors = new Map<string, unknown>();
  #error: unknown = null;
  #pressing = false;
  #isReady = false;
  #forgetTimer: ReturnType<typeof setTimeout> | undefined;
  #lostTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(session: AnnouncingSession) {
    this.#session = session;
    session.client.events.subscribe((event) => {
      if (event.type === 'announcement') this.#update(event.announcement);
    });
    session.client.changed.subscribe(() => this.#onConnection());
    // This page may have been loaded anew while something plays.
    this.#onConnection();
  }

  /** Of presses: those that play, and the last ones that are over. */
  get shown(): readonly Announcement[] {
    return [...this.#asked.values()];
  }

  /** Asked for, and no answer yet. */
  get isAsking(): boolean {
    return this.#pressing;
  }

  get talk(): SenderState {
    return this.#session.sender.state;
  }

  /** Why the last press, or stopping, was refused as a whole. */
  get error(): unknown {
    return this.#error;
  }

  testOf(entityId: string): { announcement: Announcement | undefined; error: unknown } {
    return { announcement: this.#tests.get(entityId), error: this.#testErrors.get(entityId) };
  }

  /** Call it when a talk has begun: what is refused before a word is on the air is taken back. */
  announce(args: Requests['announce']['args']): void {
    this.#forgetOver();
    this.#error = null;
    this.#pressing = true;
    this.changed.emit();
    const asked = this.#ask(args);
    const { sender } = this.#session;
    let wasOnAir: boolean = sender.state === 'onAir';
    const unfollow = sender.changed.subscribe(() => {
      if (sender.state === 'onAir') wasOnAir = true;
      if (sender.state !== 'idle') return;
      unfollow();
      if (!wasOnAir) void asked.then((id) => this.#takeBack(id));
    });
  }

  stop(): void {
    for (const { id, over } of this.#asked.values()) if (!over) void this.#stop(id);
  }

  async test(entityId: string, volume: number | undefined): Promise<void> {
    this.#tests.delete(entityId);
    this.#testErrors.delete(entityId);
    try {
      const { announcement } = await this.#session.client.request('testSpeaker', { entityId, volume });
      this.#tests.set(entityId, announcement);
    } catch (error) {
      this.#testErrors.set(entityId, error);
    }
    this.changed.emit();
  }

  async #ask(args: Requests['announce']['args']): Promise<string | null> {
    try {
      await this.#session.whenIntroduced();
      // Behind startTalk, where that can go out at once: the press to other cards waits for nothing.
      await new Promise((resolve) => setTimeout(resolve));
      const { announcement } = await this.#session.client.request('announce', args);
      this.#asked.set(announcement.id, announcement);
      for (const id of this.#asked.keys()) {
        if (this.#asked.size <= MAX_SHOWN) break;
        this.#asked.delete(id);
      }
      return announcement.id;
    } catch (error) {
      this.#error = error;
      return null;
    } finally {
      this.#pressing = false;
      this.#settle();
    }
  }

  /** Nobody spoke: no chime is to go on, and nothing is to be said of it. */
  async #takeBack(id: string | null): Promise<void> {
    if (id === null) return;
    this.#asked.delete(id);
    this.changed.emit();
    await this.#session.client.request('stopAnnouncement', { announcementId: id }).catch(() => undefined);
  }

  async #stop(announcementId: string): Promise<void> {
    try {
      await this.#session.client.request('stopAnnouncement', { announcementId });
    } catch (error) {
      if ((error as { code?: unknown }).code === 'announcement_not_found') this.#asked.delete(announcementId);
      else this.#error = error;
      this.changed.emit();
    }
  }

  #update(announcement: Announcement): void {
    const { id, targets } = announcement;
    if (this.#asked.has(id)) this.#asked.set(id, announcement);
    const [target] = targets;
    if (target && this.#tests.get(target.entityId)?.id === id) this.#tests.set(target.entityId, announcement);
    this.#settle();
  }

  #onConnection(): void {
    const { state } = this.#session.client.connection;
    const isBack = state === 'ready' && !this.#isReady;
    this.#isReady = state === 'ready';
    if (isBack) void this.#resume();
    if (state === 'ready') return;
    clearTimeout(this.#lostTimer);
    if (state === 'closed') this.#forget();
    else this.#lostTimer = setTimeout(() => this.#forget(), LOST_MS);
  }

  /** What still plays of what this device asked for; what is not among it has ended meanwhile. */
  async #resume(): Promise<void> {
    try {
      await this.#session.whenIntroduced();
      const before = [...this.#asked.values()].filter(({ over }) => !over);
      const { announcements } = await this.#session.client.request('getAnnouncements', {});
      clearTimeout(this.#lostTimer);
      this.#tests.clear();
      for (const { id } of before) this.#asked.delete(id);
      for (const announcement of announcements) this.#asked.set(announcement.id, announcement);
      this.#settle();
    } catch {
      // A server that is older, or has no speakers, or is gone again.
    }
  }

  #forget(): void {
    this.#asked.clear();
    this.#tests.clear();
    clearTimeout(this.#forgetTimer);
    this.changed.emit();
  }

  #forgetOver(): void {
    for (const [id, { over }] of this.#asked) if (over) this.#asked.delete(id);
  }

  #settle(): void {
    clearTimeout(this.#forgetTimer);
    const isSomethingToRead = this.#error !== null || [...this.#asked.values()].some(({ over }) => over);
    if (isSomethingToRead) {
      this.#forgetTimer = setTimeout(() => {
        this.#error = null;
        this.#forgetOver();
        this.changed.emit();
      }, REMEMBERED_MS);
    }
    this.changed.emit();
  }
}

const ofSessions = new WeakMap<AnnouncingSession, Announcements>();

export function announcementsOf(session: AnnouncingSession): Announcements {
  let found = ofSessions.get(session);
  if (!found) ofSessions.set(session, (found = new Announcements(session)));
  return found;
}
