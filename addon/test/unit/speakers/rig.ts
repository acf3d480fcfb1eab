/** An Announcer on a fake house, with fake players that take sound as a test says. Times are those of fake timers. */
import type { Announcement } from '@voice-streaming/shared/protocol';
import { vi } from 'vitest';
import { Announcer, type AnnouncerOptions, type AnnounceWish } from '../../../src/speakers/announcer.ts';
import type { Asker } from '../../../src/speakers/announcement.ts';
import { ChimeBook } from '../../../src/speakers/chime-book.ts';
import type { PlayReport } from '../../../src/speakers/play.ts';
import { FakeHouse } from '../../fakes/fake-house.ts';
import { FakeTalks } from '../../fakes/fake-talks.ts';
import { quietLog } from '../../support/quiet-log.ts';

export const KITCHEN = 'media_player.kitchen';
export const HALL = 'media_player.hall';

export class Rig {
  readonly house = new FakeHouse().add(KITCHEN);
  readonly talks = new FakeTalks();
  readonly learned: [string, number][] = [];
  readonly told: Announcement[] = [];
  readonly chimes = new ChimeBook();
  readonly announcer: Announcer;
  readonly asker: Asker = {
    user: { name: 'Ada', isAdmin: true },
    streamId: 'tablet',
    tell: (announcement) => this.told.push(announcement),
  };

  constructor(more: Partial<AnnouncerOptions> = {}) {
    this.announcer = new Announcer({
      log: quietLog(),
      house: this.house,
      talks: this.talks,
      urls: { announcementUrl: (playId, format) => `http://192.168.1.5:8081/key/announcement/${playId}.${format}` },
      chimes: this.chimes,
      delays: { of: () => null, learn: (...learned) => this.learned.push(learned) },
      options: { chime: 'none', volume: undefined, maxSeconds: 120, overrides: [] },
      ...more,
    });
  }

  announce(args: Partial<AnnounceWish> = {}, asker: Asker = this.asker): Announcement {
    return this.announcer.announce(asker, { targets: [KITCHEN], ...args });
  }

  now(id: string): Announcement {
    return this.announcer.get(this.asker, id);
  }

  /** The player asks for what it was told last. */
  fetch(entityId = KITCHEN, address = '192.168.1.50'): PlayReport {
    const told = this.house.calls.filter((call) => call.entityId === entityId && call.service === 'play_media').at(-1);
    const play = this.announcer.find(playIdOf(String(told?.data['media_content_id'])));
    if (!play || play === 'over') throw new Error(`the play of ${entityId} is ${String(play)}`);
    return play.fetched({ address, userAgent: 'player', format: 'wav' });
  }

  async close(): Promise<void> {
    const closing = this.announcer.close();
    await vi.advanceTimersByTimeAsync(10_000);
    await closing;
  }
}

export function playIdOf(url: string): string {
  return /\/announcement\/([^.]+)\./.exec(url)?.[1] ?? '';
}

export async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}
