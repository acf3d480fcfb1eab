/** Invented speakers for the page "Speakers in the house", and what they do. */
import type { Announcement, AnnouncementTarget } from '@voice-streaming/shared/protocol';
import type { FetchedTools } from '../src/fetched-words.ts';
import type { SpeakerRow, SpeakersPageModel } from '../src/speakers/page.ts';

const nothing = (): void => undefined;

const NAMES: Record<string, string> = { kitchen: 'Kitchen', hall: 'Hall', bath: 'Bath' };

export function playing(
  states: Partial<Record<'kitchen' | 'hall' | 'bath', Partial<AnnouncementTarget>>>,
  over = false,
): Announcement {
  const targets = Object.entries(states).map(([id, more]): AnnouncementTarget => {
    return { entityId: `media_player.${id}`, name: NAMES[id] ?? id, state: 'playing', ...more };
  });
  return { id: 'a1', targets, over };
}

const row = (id: string, name: string, area: string | null, more: Partial<SpeakerRow> = {}): SpeakerRow => ({
  entityId: `media_player.${id}`,
  name,
  area,
  platform: null,
  available: true,
  startDelayMs: null,
  chosen: false,
  gone: false,
  test: { announcement: undefined, error: null },
  ...more,
});

export const rows: readonly SpeakerRow[] = [
  row('kitchen', 'Kitchen', 'Ground floor', { chosen: true, startDelayMs: 2_100 }),
  row('hall', 'Hall', null, { startDelayMs: 300 }),
  row('bath', 'Bath', 'First floor', { available: false }),
  row('den', 'Den', 'Basement', { test: { announcement: playing({ hall: { state: 'playing' } }), error: null } }),
  row('attic', 'The attic’s old radio', 'Attic', {
    chosen: true,
    test: {
      announcement: playing({ hall: { state: 'failed', fault: 'neverFetched' } }, true),
      error: null,
    },
  }),
];

export function stillSpeakers(tools: FetchedTools): SpeakersPageModel {
  return {
    tools,
    rows,
    error: null,
    fixed: false,
    choose: nothing,
    test: nothing,
    volume: { value: 0.4, fixed: false, choose: nothing },
    chime: { value: undefined, fixed: false, names: ['bell', 'gong'], choose: nothing },
    stop: null,
    wrong: null,
  };
}
