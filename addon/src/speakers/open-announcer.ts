/** Puts the parts together: an Announcer with its chimes and what it has learned. */
import type { Closeable } from '../closeable.ts';
import { Announcer, type AnnouncerOptions } from './announcer.ts';
import { ChimeBook } from './chime-book.ts';
import { readChimeFiles } from './chime-files.ts';
import { StartDelays } from './start-delays.ts';

export interface OpenAnnouncerOptions extends Omit<AnnouncerOptions, 'chimes' | 'delays'> {
  dataDir: string;
  /** Where the house keeps chimes of its own. */
  chimeFolder: string;
}

export interface OpenedAnnouncer extends Closeable {
  readonly announcer: Announcer;
}

export async function openAnnouncer(options: OpenAnnouncerOptions): Promise<OpenedAnnouncer> {
  const delays = await StartDelays.open(options);
  const chimes = new ChimeBook();
  const log = options.log.child('speakers');
  const { chime } = options.options;
  // Nobody waits for them at the start.
  const reading = readChimeFiles({ log, folder: options.chimeFolder }).then((own) => {
    chimes.setOwn(own);
    chimes.prepare(chime);
    if (!chimes.has(chime)) log.warn(`there is no chime "${chime}", so announcements have none`);
  });
  const announcer = new Announcer({ ...options, chimes, delays });
  return {
    announcer,
    close: async () => {
      await reading;
      await announcer.close();
      await delays.close();
    },
  };
}
