import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TalkCues } from '../src/talk-cues.ts';

describe('TalkCues', () => {
  let heard: string[];
  let sounds: boolean;
  let cues: TalkCues;

  beforeEach(() => {
    vi.useFakeTimers();
    heard = [];
    sounds = true;
    cues = new TalkCues({
      blips: { prepare: () => heard.push('prepare'), play: (blip) => heard.push(blip), rest: () => heard.push('rest') },
      sounds: () => sounds,
      haptic: (type) => heard.push(type),
    });
  });

  afterEach(() => vi.useRealTimers());

  it('sounds on air and at the end, then lets the sound card rest', () => {
    cues.pressed();
    cues.update('opening', false);
    expect(heard).toEqual(['prepare']);
    cues.update('onAir', false);
    cues.update('onAir', false);
    cues.update('closing', false);
    cues.update('idle', false);
    cues.update('idle', false);
    expect(heard).toEqual(['prepare', 'on', 'medium', 'off', 'light']);
    vi.advanceTimersByTime(1_000);
    expect(heard.at(-1)).toBe('rest');
  });

  it('does not sound again when pressed during the tail', () => {
    cues.pressed();
    for (const state of ['opening', 'onAir', 'closing', 'onAir'] as const) cues.update(state, false);
    expect(heard.filter((one) => one === 'on')).toHaveLength(1);
  });

  it('says that it was refused, at once or in the middle', () => {
    cues.pressed();
    cues.update('idle', true);
    expect(heard).toEqual(['prepare', 'refused', 'failure']);
    cues.pressed();
    cues.update('opening', false);
    cues.update('onAir', false);
    cues.update('idle', true);
    expect(heard.slice(-2)).toEqual(['refused', 'failure']);
  });

  it('is silent about a press that was let go before it was on air', () => {
    cues.pressed();
    cues.update('opening', false);
    cues.update('idle', false);
    expect(heard).toEqual(['prepare']);
  });

  it('is silent about a talk of another card of the page', () => {
    cues.update('opening', false);
    cues.update('onAir', false);
    cues.update('idle', true);
    expect(heard).toEqual([]);
  });

  it('is felt but not heard without sounds', () => {
    sounds = false;
    cues.pressed();
    cues.update('opening', false);
    cues.update('onAir', false);
    cues.update('idle', false);
    expect(heard).toEqual(['medium', 'light']);
  });
});
