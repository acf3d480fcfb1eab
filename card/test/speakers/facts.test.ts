/** What a card shows of its speakers, from the choice to the last one that is over. */
import { describe, expect, it } from 'vitest';
import type { AnnouncementTarget, SpeakerFault } from '@voice-streaming/shared/protocol';
import { RequestError } from '@voice-streaming/shared/errors';
import { withWords } from '../../src/fetched-words.ts';
import { pageTools } from '../../src/page-tools.ts';
import { speakersFacts, type SpeakersNow } from '../../src/speakers/facts.ts';
import { sayBehind, sayFault } from '../../src/speakers/say-speakers.ts';

const tools = withWords(pageTools, {});

const target = (name: string, more: Partial<AnnouncementTarget> = {}): AnnouncementTarget => ({
  entityId: `media_player.${name.toLowerCase()}`,
  name,
  state: 'playing',
  ...more,
});
const kitchen = target('Kitchen');
const hall = target('Hall');
const bath = target('Bath', { state: 'failed', fault: 'unavailable' });

const facts = (now: Partial<SpeakersNow> = {}): ReturnType<typeof speakersFacts> =>
  speakersFacts(tools, { count: 2, talk: 'idle', isAsking: false, shown: [], error: null, ...now });
const shown = (targets: AnnouncementTarget[], over = false): SpeakersNow['shown'] => [{ id: 'a', targets, over }];

describe('speakersFacts', () => {
  it('says nothing where a press goes to none', () => {
    expect(facts({ count: 0 })).toBeNull();
  });

  it('says before a press how many it goes to, and that they are asked', () => {
    expect(facts()).toMatchObject({ state: 'chosen', sign: '+ 2 speakers', count: 2, stop: null, trouble: null });
    expect(facts({ count: 1 })?.sign).toBe('+ 1 speaker');
    expect(facts({ talk: 'opening', isAsking: true })).toMatchObject({ state: 'starting', sign: '+ 2 speakers' });
  });

  it('names those that play while one talks, with their delay where it is one', () => {
    const starting = { ...hall, state: 'starting' } as const;
    expect(facts({ talk: 'onAir', shown: shown([{ ...kitchen, state: 'starting' }, starting]) })?.sign).toBe(
      'Starting on Kitchen and Hall…',
    );
    const one = facts({ talk: 'onAir', shown: shown([{ ...kitchen, startDelayMs: 2_100 }, starting]) });
    expect(one).toMatchObject({ state: 'playing', playing: 1, note: null, stop: null });
    expect(one?.sign).toMatch(/^Playing on Kitchen · about 2s behind$/);
    const three = [kitchen, hall, target('Attic')];
    expect(facts({ talk: 'onAir', shown: shown(three) })?.sign).toBe('Playing on 3 speakers');
  });

  it('tells a failure by name, reason and what to do while the others play on', () => {
    expect(facts({ talk: 'onAir', shown: shown([kitchen, bath]) })).toMatchObject({
      state: 'failed',
      sign: 'Playing on Kitchen',
      note: 'Not played on Bath: It is switched off or not reachable. Switch it on, then press again.',
      trouble: null,
    });
  });

  it('offers to stop what still plays after the release', () => {
    const finishing = shown([
      { ...kitchen, state: 'finishing' },
      { ...hall, state: 'done' },
    ]);
    expect(facts({ shown: finishing })).toMatchObject({
      stop: 'Stop the speakers',
      note: 'Still playing on Kitchen…',
      trouble: null,
    });
    expect(facts({ shown: shown([{ ...kitchen, state: 'starting' }]) })?.note).toBe('Soon heard on Kitchen…');
    expect(facts({ shown: shown([kitchen, bath]) })).toMatchObject({ stop: 'Stop the speakers', state: 'failed' });
    expect(facts({ count: 0, shown: finishing })?.stop).not.toBeNull();
  });

  it('keeps a failure once all is over, and nothing else', () => {
    expect(facts({ shown: shown([{ ...kitchen, state: 'done' }], true) })).toMatchObject({
      state: 'chosen',
      sign: '+ 2 speakers',
      trouble: null,
    });
    const { trouble } = facts({ shown: shown([{ ...kitchen, state: 'done' }, bath], true) }) ?? {};
    expect(trouble?.what).toBe('Not played on Bath');
    const two = facts({ shown: shown([{ ...kitchen, state: 'failed', fault: 'stalled' }, bath], true) });
    expect(two?.trouble?.next).toMatch(/^Kitchen: It stopped.*Bath: It is switched off/);
  });

  it('says why nothing was asked at all', () => {
    const refused = (code: 'no_speakers' | 'server_full'): string =>
      facts({ error: new RequestError(code, 'Two announcements at most.') })?.trouble?.next ?? '';
    expect(refused('no_speakers')).toContain('Home Assistant');
    expect(refused('server_full')).toBe('Two announcements at most.');
  });
});

describe('what is said of a speaker', () => {
  it('has a sentence for each fault, in the words of the house where it has some, and for one of a newer server', () => {
    const faults: SpeakerFault[] = [
      'notFound',
      'notAPlayer',
      'unavailable',
      'ownDevice',
      'refused',
      'neverFetched',
      'stalled',
      'displaced',
      'noTalk',
      'failed',
    ];
    const said = faults.map((fault) => sayFault(tools, { ...bath, fault, why: 'It is too old.' }));
    expect(new Set(said).size).toBe(faults.length);
    expect(said[4]).toContain('It is too old.');
    expect(sayFault(tools, { ...bath, fault: 'moonstruck' as SpeakerFault })).toBe(
      sayFault(tools, { ...bath, fault: 'failed' }),
    );
  });

  it('is honest about its delay', () => {
    expect(sayBehind(tools, 120)).toBe('almost at once');
    expect(sayBehind(tools, 1_240)).toMatch(/^about 1\.2s/);
    expect(sayBehind(tools, 5_400)).toMatch(/^about 5s/);
  });
});
