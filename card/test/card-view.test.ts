import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { SpeakersFacts } from '../src/card-speakers.ts';
import { viewOf, type CardFacts } from '../src/card-view.ts';
import type { TalkerRow } from '../src/talker-rows.ts';

const hall: TalkerRow = { id: 'hall', name: 'Hall', live: true, volume: 1, muted: false };
const attic: TalkerRow = { ...hall, id: 'attic', name: 'Attic' };

const facts = (overrides: Partial<CardFacts> = {}): CardFacts => ({
  mode: 'intercom',
  talkMode: 'both',
  preview: false,
  connecting: false,
  sessionTrouble: null,
  talkTrouble: null,
  talk: 'idle',
  latched: false,
  heardBy: 0,
  onAirMs: 12_000,
  leftMs: null,
  howling: false,
  microphoneOpenMs: 0,
  listen: 'latest',
  needsTap: false,
  elsewhere: false,
  talkers: [],
  chosenName: null,
  chosenIsHere: true,
  alone: false,
  outdated: false,
  ownId: 'kitchen',
  monitor: null,
  watched: null,
  alarm: null,
  speakers: null,
  ...overrides,
});

const speakers: SpeakersFacts = {
  state: 'playing',
  sign: 'Playing on Kitchen',
  count: 1,
  playing: 1,
  note: null,
  stop: null,
  trouble: null,
};

describe('viewOf, with speakers', () => {
  it('counts who hears by them, and tells what went wrong while one talks', () => {
    expect(viewOf(facts({ talk: 'onAir', speakers })).hint).toBe('Heard by 1 · Let go to end');
    const failed = { ...speakers, note: 'Not played on Bath: it is off.' };
    expect(viewOf(facts({ talk: 'onAir', speakers: failed }))).toMatchObject({
      hint: 'Not played on Bath: it is off. · Let go to end',
      urgent: true,
    });
  });

  it('offers to stop them once nobody talks, unless a voice is heard', () => {
    const still = { ...speakers, stop: 'Stop the speakers', note: 'Still playing on Kitchen…' };
    expect(viewOf(facts({ speakers: still }))).toMatchObject({
      state: 'idle',
      headline: 'Stop the speakers',
      hint: 'Still playing on Kitchen…',
      stops: true,
    });
    expect(viewOf(facts({ mode: 'sender', speakers: still })).stops).toBe(true);
    expect(viewOf(facts({ talkers: [hall], speakers: still })).state).toBe('receiving');
  });

  it('says what went wrong once all is over', () => {
    const trouble = { what: 'Not played on Bath', next: 'It is off.' };
    expect(viewOf(facts({ speakers: { ...speakers, state: 'failed', trouble } }))).toMatchObject({
      state: 'trouble',
      headline: 'Not played on Bath',
      hint: 'It is off.',
    });
  });
});

beforeAll(() => {
  // `sayTrouble` reads the page's address for the https hint.
  vi.stubGlobal('location', new URL('http://house:8080/'));
});

afterAll(() => vi.unstubAllGlobals());

describe('viewOf', () => {
  it('asks for a reload after an update, where nothing else is to be said', () => {
    const hint = 'The server was updated. Reload the page.';
    expect(viewOf(facts({ outdated: true }))).toMatchObject({ state: 'idle', headline: 'Hold to talk', hint });
    expect(viewOf(facts({ outdated: true, mode: 'receiver' })).hint).toBe(hint);
    expect(viewOf(facts({ outdated: true, talkers: [hall] })).hint).toMatch(/^is speaking/);
  });

  it.each([
    ['idle', {}],
    ['opening', { talk: 'opening' }],
    ['onAir', { talk: 'onAir' }],
    ['closing', { talk: 'closing' }],
    ['receiving', { talkers: [hall] }],
    ['needsTap', { needsTap: true }],
    ['trouble', { sessionTrouble: { code: 'serverFull' } }],
    ['onAir', { talk: 'onAir', talkers: [hall], needsTap: true }],
    ['needsTap', { needsTap: true, talkers: [hall] }],
    ['receiving', { talkers: [hall], talkTrouble: { code: 'noMicrophone' } }],
    ['idle', { talkers: [hall], listen: null }],
    ['idle', { talkers: [{ ...hall, live: false }] }],
    ['idle', { mode: 'sender', talkers: [hall], needsTap: true }],
    ['idle', { mode: 'receiver', talk: 'onAir' }],
  ] as [string, Partial<CardFacts>][])('%s for %j', (state, overrides) => {
    expect(viewOf(facts(overrides)).state).toBe(state);
  });

  it('names the talker and how many hear oneself', () => {
    expect(viewOf(facts({ talkers: [hall] }))).toMatchObject({
      headline: 'Hall',
      hint: 'is speaking · Hold to talk',
    });
    expect(viewOf(facts({ talk: 'onAir', heardBy: 0, latched: true })).hint).toBe('Nobody hears you yet · Tap to end');
    expect(viewOf(facts({ talk: 'onAir', heardBy: 3 })).hint).toBe('Heard by 3 · Let go to end');
  });

  it('has one talker as the headline, and from two on rows', () => {
    expect(viewOf(facts({ talkers: [hall] })).talkers).toEqual([]);
    const two = viewOf(facts({ talkers: [hall, attic] }));
    expect(two).toMatchObject({
      headline: 'Hall and Attic',
      hint: 'are speaking · Hold to talk',
      talkers: [hall, attic],
    });
    expect(two.voice).toBe('attic');
  });

  it('keeps the row of one who just stopped, but does not call them a talker', () => {
    const view = viewOf(facts({ talkers: [{ ...hall, live: false }, attic] }));
    expect(view.headline).toBe('Attic');
    expect(view.talkers).toHaveLength(2);
  });

  it('counts down the last ten seconds only', () => {
    const left = (leftMs: number | null): unknown => {
      const { time, countdown } = viewOf(facts({ talk: 'onAir', leftMs }));
      return [time, countdown];
    };
    expect(left(null)).toEqual(['0:12', null]);
    expect(left(10_001)).toEqual(['0:12', null]);
    expect(left(9_200)).toEqual(['10 s left', 0.92]);
    expect(left(-100)).toEqual(['0 s left', 0]);
  });

  it('shows the level of oneself while on air, and of nobody while opening or closing', () => {
    expect(viewOf(facts({ talk: 'onAir' })).voice).toBe('kitchen');
    expect(viewOf(facts({ talk: 'opening', talkers: [hall] })).voice).toBeNull();
    expect(viewOf(facts({ talk: 'closing' })).voice).toBeNull();
  });

  it('says that a microphone is open though nobody is on air', () => {
    expect(viewOf(facts({ microphoneOpenMs: 23_400 }))).toMatchObject({
      microphoneOpen: true,
      hint: 'Microphone open · 24 s',
    });
    expect(viewOf(facts({ microphoneOpenMs: Infinity })).hint).toBe('Microphone stays open');
  });

  it('warns of feedback instead of saying who hears', () => {
    expect(viewOf(facts({ talk: 'onAir', heardBy: 2, howling: true }))).toMatchObject({
      urgent: true,
      hint: expect.stringMatching(/^Feedback/) as string,
    });
  });

  it.each([
    [{ sessionTrouble: { code: 'serverAway' } }, true],
    [{ sessionTrouble: { code: 'tokenWrong' } }, false],
  ] as [Partial<CardFacts>, boolean][])('%j is offline: %s', (overrides, offline) => {
    expect(viewOf(facts(overrides))).toMatchObject({ state: 'trouble', offline });
  });

  it('asks for what the button can do', () => {
    expect(viewOf(facts({ talkMode: 'hold' }))).toMatchObject({
      headline: 'Hold to talk',
      hint: 'Everybody will hear you',
    });
    expect(viewOf(facts({ talkMode: 'latch' })).headline).toBe('Tap to talk');
    expect(viewOf(facts()).hint).toBe('or tap once to stay on air');
  });
});

describe('of monitors that are heard', () => {
  const watched = {
    ids: ['nursery'],
    names: ['Nursery'],
    state: 'live',
    off: [],
    silenced: [],
    lastSoundMs: 12_000,
    sounding: false,
  } as const;
  const hears = (overrides: Partial<CardFacts> = {}): CardFacts =>
    facts({ mode: 'receiver', listen: ['nursery'], chosenName: 'Nursery', watched, ...overrides });
  const nursery: TalkerRow = { ...hall, id: 'nursery', name: 'Nursery' };
  const off = { ...watched, state: 'off', off: ['Nursery'] } as const;

  it('a live one is quiet, one that is off is no quiet', () => {
    expect(viewOf(hears())).toMatchObject({ state: 'idle', headline: 'Nursery' });
    expect(viewOf(hears({ watched: off }))).toMatchObject({
      state: 'trouble',
      headline: 'Nursery’s monitor is switched off',
    });
    expect(viewOf(hears({ mode: 'intercom', watched: off }))).toMatchObject({
      hint: 'Nursery’s monitor is switched off',
      urgent: true,
    });
  });

  it('one that is off shows beside one that is live, also while that one sounds', () => {
    const both = { ...watched, ids: ['nursery', 'attic'], names: ['Nursery', 'Attic'], off: ['Attic'] };
    expect(viewOf(hears({ watched: both })).headline).toBe('Attic’s monitor is switched off');
    expect(viewOf(hears({ watched: both, talkers: [nursery] }))).toMatchObject({
      state: 'receiving',
      hint: 'Attic’s monitor is switched off',
      urgent: true,
    });
  });

  it('one whose sound is turned off here says so, also while it sounds', () => {
    const silenced = { ...watched, silenced: ['Nursery'] };
    const words = 'The sound of Nursery is turned off here';
    expect(viewOf(hears({ watched: silenced }))).toMatchObject({ state: 'trouble', headline: words });
    expect(viewOf(hears({ watched: silenced, talkers: [nursery] })).hint).toBe(words);
  });

  it('one that plays in another tab says so', () => {
    expect(viewOf(hears({ elsewhere: true })).headline).toBe('Playing in another tab');
    expect(viewOf(hears({ mode: 'intercom', elsewhere: true })).hint).toBe('Playing in another tab');
  });

  it('a chosen device that is not connected is not just quiet', () => {
    expect(viewOf(hears({ watched: null, chosenIsHere: false })).hint).toBe('not connected');
  });

  it('on the monitor itself a short touch says what to do', () => {
    const monitor = { state: 'live', trouble: null, wasShort: true } as const;
    expect(viewOf(facts({ mode: 'sender', monitor }))).toMatchObject({ hint: 'Hold to switch off', urgent: true });
  });
});
