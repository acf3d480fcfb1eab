import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PlayTickets } from '../../../src/http/play-tickets.ts';

const HOUR_MS = 3_600_000;
let generation = '0.0';
const source = { mediaSecret: randomBytes(32), generationOf: () => generation };
const tickets = new PlayTickets({ source, lifetimeMs: HOUR_MS });

const ticketOf = (path: string): string => /^play\/([^/]+)\/nursery\.mp3$/.exec(path)![1]!;

beforeEach(() => {
  generation = '0.0';
  vi.useFakeTimers();
});

afterEach(() => vi.useRealTimers());

describe('a ticket', () => {
  it('opens the one stream it was made for, until its time is up', () => {
    const ticket = ticketOf(tickets.pathOf('nursery'));
    expect(tickets.verify(ticket, 'nursery')).toBe(true);
    expect(tickets.verify(ticket, 'kitchen')).toBe(false);
    expect(tickets.verify(ticket, 'latest')).toBe(false);
    vi.advanceTimersByTime(HOUR_MS - 1);
    expect(tickets.verify(ticket, 'nursery')).toBe(true);
    vi.advanceTimersByTime(1);
    expect(tickets.verify(ticket, 'nursery')).toBe(false);
  });

  it('for a talk that is over opens that talk alone, and dies with the keys of its stream', () => {
    const owners: string[] = [];
    const watched = { ...source, generationOf: (id: string) => (owners.push(id), generation) };
    const book = new PlayTickets({ source: watched });
    const [, ticket = ''] = book.replayPathOf({ talkId: 'dinner-talk', streamId: 'kitchen' }).split('/');
    expect(book.verify(ticket, 'dinner-talk', 'replay', 'kitchen')).toBe(true);
    expect(book.verify(ticket, 'dinner-talk')).toBe(false);
    expect(book.verify(ticket, 'lunch-talk', 'replay', 'kitchen')).toBe(false);
    expect(owners).toContain('kitchen');
    generation = '0.1';
    expect(book.verify(ticket, 'dinner-talk', 'replay', 'kitchen')).toBe(false);
  });

  it('cannot be made to last longer, nor made up', () => {
    const [endsAt, mac] = ticketOf(tickets.pathOf('nursery')).split('.') as [string, string];
    const later = (Number.parseInt(endsAt, 36) + HOUR_MS).toString(36);
    const forged = [
      `${later}.${mac}`,
      `0${endsAt}.${mac}`,
      `${endsAt.toUpperCase()}.${mac}`,
      `${endsAt}.${mac.slice(1)}`,
      `${endsAt}.${'x'.repeat(22)}`,
      `${endsAt}.${mac}x`,
      `${endsAt}.${'é'.repeat(22)}`,
      endsAt,
      mac,
      `.${mac}`,
      '',
      '.',
      `zzzzzzzzzzzz.${mac}`,
    ];
    for (const ticket of forged) expect(tickets.verify(ticket, 'nursery'), ticket).toBe(false);
  });

  it('dies with the media keys of its stream', () => {
    const ticket = ticketOf(tickets.pathOf('nursery'));
    generation = '1.0';
    expect(tickets.verify(ticket, 'nursery')).toBe(false);
  });
});
