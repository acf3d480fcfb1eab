/** Puts the parts together: an Announcer with its chimes and what it has learned. */
import type { Closeable } from '../closeable.ts';
import { Announcer, type AnnouncerOptions } from './announcer.ts';
import { ChimeBook } from './chime-book.ts';
import { StartDelays } from './start-delays.ts';

export interface OpenAnnouncerOptions extends Omit<AnnouncerOptions, 'chimes' | 'delays'> {
  dataDir: string;
}

export interface OpenedAnnouncer extends Closeable {
  readonly announcer: Announcer;
}

export async function openAnnouncer(options: OpenAnnouncerOptions): Promise<OpenedAnnouncer> {
  const delays = await StartDelays.open(options);
  const chimes = new ChimeBook();
  const announcer = new Announcer({ ...options, chimes, delays });
  return {
    announcer,
    close: async () => {
      await announcer.close();
      await delays.close();
    },
  };
}
