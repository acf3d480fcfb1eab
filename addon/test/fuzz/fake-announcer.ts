/** Speakers that say yes to everything and remember nothing. */
import type { Announcement } from '@voice-streaming/shared/protocol';
import { RequestError } from '@voice-streaming/shared/errors';
import type { Announcer } from '../../src/signaling/ports.ts';

export class FakeAnnouncer implements Announcer {
  speakers(): ReturnType<Announcer['speakers']> {
    return { speakers: [], chimes: ['ding'] };
  }

  announce(): Announcement {
    return { id: 'announcement-1', targets: [], over: true };
  }

  follow(): Announcement[] {
    return [this.announce()];
  }

  stop(_asker: unknown, announcementId: string): void {
    if (announcementId !== 'announcement-1') throw new RequestError('announcement_not_found', 'There is none.');
  }

  test(): Announcement {
    return this.announce();
  }
}
