import { describe, expect, it } from 'vitest';
import type { StreamInfo } from '@voice-streaming/shared/protocol';
import { viewOf, type CardFacts } from '../src/card-view.ts';

const hall: StreamInfo = { id: 'hall', name: 'Hall', live: true, since: 1, receivers: 1, listeners: 0 };

const facts = (overrides: Partial<CardFacts> = {}): CardFacts => ({
  mode: 'intercom',
  connecting: false,
  sessionTrouble: null,
  talkTrouble: null,
  talk: 'idle',
  latched: false,
  heardBy: 0,
  listen: 'latest',
  needsTap: false,
  talkers: [],
  chosenName: null,
  ...overrides,
});

describe('viewOf', () => {
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
    ['idle', { mode: 'sender', talkers: [hall], needsTap: true }],
    ['idle', { mode: 'receiver', talk: 'onAir' }],
  ] as [string, Partial<CardFacts>][])('%s for %j', (state, overrides) => {
    // `sayTrouble` reads the page's address for the https hint.
    Object.assign(globalThis, { location: new URL('http://house:8080/') });
    expect(viewOf(facts(overrides)).state).toBe(state);
  });

  it('names the talker and how many hear oneself', () => {
    expect(viewOf(facts({ talkers: [hall] }))).toMatchObject({ headline: 'Hall', hint: 'is speaking' });
    expect(viewOf(facts({ talk: 'onAir', heardBy: 0 })).hint).toBe('Nobody hears you yet');
    expect(viewOf(facts({ talk: 'onAir', heardBy: 3 })).hint).toBe('Heard by 3');
  });
});
