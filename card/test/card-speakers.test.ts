/** Which speakers a press goes to, and what must be seen before the code for them is there. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { CardSpeakers, type AnnounceArgs, type SpeakersFacts, type SpeakersPart } from '../src/card-speakers.ts';
import type { PagesModule } from '../src/fetched-page.ts';
import type { Session } from '../src/session.ts';
import { speakerChoice } from '../src/speaker-choice.ts';

const CONFIG = { mode: 'intercom', always_on: false, speakers: ['media_player.hall'] } as const;
const FROM_PART = { sign: 'from the part' } as SpeakersFacts;

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

let loads: { come: () => void; fail: () => void }[];
let announced: AnnounceArgs[];
let sender: { state: string };
let session: Session;
let speakers: CardSpeakers;

beforeAll(() => {
  vi.stubGlobal('location', new URL('http://house:8080/'));
});

afterAll(() => vi.unstubAllGlobals());

beforeEach(() => {
  [loads, announced, sender] = [[], [], { state: 'opening' }];
  session = { sender } as unknown as Session;
  speakerChoice.set({ targets: [] });
  const part: SpeakersPart = {
    announce: (_session, args) => void announced.push(args),
    facts: () => FROM_PART,
    stop: () => undefined,
    watch: () => () => undefined,
  };
  const host = {
    addController: () => undefined,
    removeController: () => undefined,
    requestUpdate: () => undefined,
    updateComplete: Promise.resolve(true),
  };
  speakers = new CardSpeakers(host, () => {
    return new Promise((resolve, reject) => {
      const module = { speakersPart: () => part } as unknown as PagesModule;
      loads.push({ come: () => resolve(module), fail: () => reject(new Error('offline')) });
    });
  });
});

describe('CardSpeakers', () => {
  it('fetches nothing and shows nothing for a card that has none', () => {
    expect(speakers.facts({ ...CONFIG, speakers: undefined }, session)).toBeNull();
    expect(speakers.facts({ ...CONFIG, mode: 'receiver' }, session)).toBeNull();
    speakers.pressed({ ...CONFIG, speakers: undefined }, session);
    expect(loads).toHaveLength(0);
  });

  it('shows how many before anything is fetched', async () => {
    expect(speakers.facts(CONFIG, session)).toMatchObject({ state: 'chosen', sign: '+ 1 speaker' });
    speakers.facts(CONFIG, session);
    expect(loads).toHaveLength(1);
    loads[0]?.come();
    await settle();
    expect(speakers.facts(CONFIG, session)).toBe(FROM_PART);
  });

  it('announces as soon as it can, to those of the config before those of this browser', async () => {
    speakerChoice.set({ targets: ['media_player.attic'], volume: 0.3, chime: 'gong' });
    speakers.pressed(CONFIG, session);
    expect(announced).toEqual([]);
    loads[0]?.come();
    await settle();
    expect(announced).toEqual([{ targets: ['media_player.hall'], volume: 0.3, chime: 'gong' }]);
    speakers.pressed({ ...CONFIG, speakers: undefined, announce_volume: 0.5, announce_chime: 'none' }, session);
    await settle();
    expect(announced[1]).toEqual({ targets: ['media_player.attic'], volume: 0.5, chime: 'none' });
  });

  it('announces nothing of a press that is over by then', async () => {
    speakers.pressed(CONFIG, session);
    sender.state = 'idle';
    loads[0]?.come();
    await settle();
    expect(announced).toEqual([]);
  });

  it('says that the speakers were not reached when their code cannot be fetched, and tries again at the next press', async () => {
    speakers.pressed(CONFIG, session);
    loads[0]?.fail();
    await settle();
    expect(speakers.facts(CONFIG, session)).toMatchObject({ state: 'failed', trouble: { what: 'Connection lost' } });
    speakers.pressed(CONFIG, session);
    loads.at(-1)?.come();
    await settle();
    expect(announced).toHaveLength(1);
  });
});

describe('speakerChoice', () => {
  it('keeps what is a media player, and nothing strange', () => {
    speakerChoice.set({ targets: ['media_player.a', 'light.b', 3 as unknown as string], volume: 7, chime: 'gong' });
    expect(speakerChoice.value).toEqual({ targets: ['media_player.a'], volume: undefined, chime: 'gong' });
  });
});
