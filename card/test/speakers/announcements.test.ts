/** Announcements of a session: asked beside the talk, taken back without one, stopped, and forgotten. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Announcement, ServerEvent } from '@voice-streaming/shared/protocol';
import { RequestError } from '@voice-streaming/shared/errors';
import { Emitter } from '../../src/emitter.ts';
import type { SenderState } from '../../src/sender.ts';
import { Announcements, type AnnouncingSession } from '../../src/speakers/announcements.ts';

const ARGS = { targets: ['media_player.kitchen'], volume: undefined, chime: 'gong' };

const announcement = (over = false, state: Announcement['targets'][number]['state'] = 'playing'): Announcement => ({
  id: 'a1',
  targets: [{ entityId: 'media_player.kitchen', name: 'Kitchen', state }],
  over,
});

const client = {
  events: new Emitter<ServerEvent>(),
  changed: new Emitter(),
  connection: { state: 'ready' },
  request: vi.fn<(type: string, args: object) => Promise<unknown>>(),
};
const sender = { changed: new Emitter(), state: 'idle' as SenderState };
let introduced: Promise<unknown>;
let announcements: Announcements;

const settle = (ms = 1): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const tell = (told: Announcement): void => client.events.emit({ type: 'announcement', announcement: told });
const requests = (): string[] => client.request.mock.calls.map(([type]) => type);
const connect = (state: string): void => {
  client.connection.state = state;
  client.changed.emit();
};
const become = (state: SenderState): void => {
  sender.state = state;
  sender.changed.emit();
};

beforeEach(async () => {
  vi.useFakeTimers();
  client.connection.state = 'ready';
  client.events = new Emitter();
  client.changed = new Emitter();
  client.request.mockReset().mockResolvedValueOnce({ announcements: [] });
  client.request.mockResolvedValue({ announcement: announcement(false, 'starting') });
  introduced = Promise.resolve();
  sender.state = 'opening';
  const session = { client, sender, whenIntroduced: () => introduced };
  announcements = new Announcements(session as unknown as AnnouncingSession);
  await settle();
  client.request.mockClear();
});

afterEach(() => vi.useRealTimers());

describe('Announcements', () => {
  it('asks while the microphone still opens, behind what goes out in the same turn', async () => {
    announcements.announce(ARGS);
    expect([requests(), announcements.isAsking]).toEqual([[], true]);
    await settle();
    expect(client.request.mock.calls).toEqual([['announce', ARGS]]);
    expect(announcements.isAsking).toBe(false);
    expect(announcements.shown.map(({ id }) => id)).toEqual(['a1']);
  });

  it('follows what the server tells of it, and of nothing that others asked for', async () => {
    announcements.announce(ARGS);
    await settle();
    become('onAir');
    tell(announcement());
    tell({ ...announcement(), id: 'foreign' });
    expect(announcements.shown).toEqual([announcement()]);
    become('idle');
    expect(requests()).toEqual(['announce']);
    tell(announcement(true, 'done'));
    expect(announcements.shown).toEqual([announcement(true, 'done')]);
    await settle(60_000);
    expect(announcements.shown).toEqual([]);
  });

  it('takes back what nobody spoke for, also when the answer comes later', async () => {
    announcements.announce(ARGS);
    become('idle');
    await settle();
    expect(requests()).toEqual(['announce', 'stopAnnouncement']);
    expect([announcements.shown, announcements.error]).toEqual([[], null]);
  });

  it('stops all that plays', async () => {
    announcements.announce(ARGS);
    await settle();
    become('onAir');
    become('idle');
    announcements.stop();
    await settle();
    expect(client.request.mock.calls.at(-1)).toEqual(['stopAnnouncement', { announcementId: 'a1' }]);
    client.request.mockRejectedValueOnce(new RequestError('announcement_not_found', 'None.'));
    announcements.stop();
    await settle();
    expect([announcements.shown, announcements.error]).toEqual([[], null]);
  });

  it('keeps why it was refused until the next press, or for a minute', async () => {
    const refusal = new RequestError('no_speakers', 'None here.');
    client.request.mockRejectedValueOnce(refusal);
    announcements.announce(ARGS);
    await settle();
    expect(announcements.error).toBe(refusal);
    announcements.announce(ARGS);
    expect(announcements.error).toBeNull();
    client.request.mockRejectedValueOnce(refusal);
    await settle();
    expect(announcements.error).toBe(refusal);
    await settle(60_000);
    expect(announcements.error).toBeNull();
  });

  it('says no more of what plays when the server cannot be asked for long', async () => {
    announcements.announce(ARGS);
    await settle();
    connect('away');
    await settle(10_000);
    expect(announcements.shown).toHaveLength(1);
    await settle(10_000);
    expect(announcements.shown).toHaveLength(0);
  });

  it('asks again what plays when the server is back, however long it was away, and can stop it', async () => {
    announcements.announce(ARGS);
    await settle();
    for (const awayMs of [1_000, 60_000]) {
      connect('away');
      await settle(awayMs);
      client.request.mockResolvedValueOnce({ announcements: [announcement()] });
      connect('ready');
      await settle(30_000);
      expect(client.request.mock.lastCall).toEqual(['getAnnouncements', {}]);
      expect(announcements.shown).toEqual([announcement()]);
    }
    tell(announcement(false, 'finishing'));
    expect(announcements.shown).toEqual([announcement(false, 'finishing')]);
    announcements.stop();
    expect(client.request.mock.lastCall).toEqual(['stopAnnouncement', { announcementId: 'a1' }]);
    tell(announcement(true, 'stopped'));
    expect(announcements.shown).toEqual([announcement(true, 'stopped')]);
  });

  it('forgets what ended while the server was away, and nothing where it does not know the question', async () => {
    announcements.announce(ARGS);
    await settle();
    connect('away');
    client.request.mockRejectedValueOnce(new RequestError('unknown_type', 'Older.'));
    connect('ready');
    await settle();
    expect(announcements.shown).toHaveLength(1);
    connect('away');
    client.request.mockResolvedValueOnce({ announcements: [] });
    connect('ready');
    await settle();
    expect(announcements.shown).toEqual([]);
  });

  it('finds what plays when its page was loaded anew', async () => {
    client.request.mockReset().mockResolvedValue({ announcements: [announcement()] });
    const session = { client, sender, whenIntroduced: () => introduced };
    const anew = new Announcements(session as unknown as AnnouncingSession);
    await settle();
    expect([requests(), anew.shown]).toEqual([['getAnnouncements'], [announcement()]]);
  });

  it('tests one speaker, and keeps what became of it apart from presses', async () => {
    client.request.mockResolvedValueOnce({ announcement: { ...announcement(false, 'starting'), id: 't1' } });
    await announcements.test('media_player.kitchen', 0.4);
    expect(client.request.mock.calls).toEqual([['testSpeaker', { entityId: 'media_player.kitchen', volume: 0.4 }]]);
    tell({ ...announcement(true, 'done'), id: 't1' });
    expect(announcements.testOf('media_player.kitchen').announcement?.over).toBe(true);
    expect(announcements.shown).toEqual([]);
    client.request.mockRejectedValueOnce(new RequestError('no_speakers', 'None here.'));
    await announcements.test('media_player.kitchen', undefined);
    expect(announcements.testOf('media_player.kitchen')).toMatchObject({
      announcement: undefined,
      error: { code: 'no_speakers' },
    });
  });
});
