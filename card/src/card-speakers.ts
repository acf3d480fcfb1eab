/**
 * The speakers of the house that a press on this card goes to, too. What is done with them is in `pages.js`, fetched by
 * cards that have some; here is only what must be there at first sight, so that nobody speaks to the house by accident.
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Requests } from '@voice-streaming/shared/protocol';
import type { CardConfig } from './config.ts';
import { fetchPages } from './fetched-page.ts';
import { pageTools } from './page-tools.ts';
import type { Session } from './session.ts';
import { speakerChoice } from './speaker-choice.ts';
import { say, sayTrouble } from './texts.ts';

export interface SpeakersFacts {
  /** For themes and tests. */
  state: 'chosen' | 'starting' | 'playing' | 'failed';
  /** Beside the words, always: how many, or what they do. */
  sign: string;
  /** Those of `sign`. */
  count: number;
  /** How many take the sound now. */
  playing: number;
  /** What goes on though nobody talks, or went wrong while one talks. */
  note: string | null;
  /** One's talk is over and they still play: words of the button that ends it. */
  stop: string | null;
  /** Went wrong, and is over. */
  trouble: { what: string; next: string } | null;
}

export type AnnounceArgs = Requests['announce']['args'];

/** What `pages.js` does for a card. */
export interface SpeakersPart {
  /** A talk has begun: it goes to these, too. */
  announce(session: Session, args: AnnounceArgs): void;
  /** `count`: those that the next press goes to. */
  facts(session: Session, count: number): SpeakersFacts | null;
  /** All of them, at once. */
  stop(session: Session): void;
  /** Calls when there may be other facts, until the returned function is called. */
  watch(session: Session, changed: () => void): () => void;
}

type Config = Pick<CardConfig, 'mode' | 'always_on' | 'speakers' | 'announce_volume' | 'announce_chime'>;

export class CardSpeakers implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #load: typeof fetchPages;
  #part: SpeakersPart | null = null;
  #fetching: Promise<SpeakersPart> | null = null;
  #asked = false;
  /** The last press found no `pages.js`. */
  #failed = false;
  #watched: Session | null = null;
  #unwatch: () => void = () => undefined;
  #forgetChoice: () => void = () => undefined;

  constructor(host: ReactiveControllerHost, load = fetchPages) {
    this.#host = host;
    this.#load = load;
    host.addController(this);
  }

  hostConnected(): void {
    this.#forgetChoice = speakerChoice.changed.subscribe(() => this.#host.requestUpdate());
  }

  hostDisconnected(): void {
    this.#forgetChoice();
    this.#unwatch();
    this.#watched = null;
  }

  /** Null: a press goes to none, and none plays. */
  facts(config: Config, session: Session | null): SpeakersFacts | null {
    const count = targetsOf(config).length;
    if (count > 0 && session && !this.#asked) {
      this.#asked = true;
      this.#fetch().catch(() => undefined); // A press tries again.
    }
    if (this.#part && session) {
      this.#follow(this.#part, session);
      return this.#part.facts(session, count);
    }
    if (count === 0) return null;
    const { what, next } = sayTrouble({ code: 'connectionLost' });
    const sign = say('speakers.more', { count });
    const trouble = this.#failed ? { what, next } : null;
    return {
      state: trouble ? 'failed' : 'chosen',
      sign,
      count,
      playing: 0,
      note: trouble && what,
      stop: null,
      trouble,
    };
  }

  /** A talk has begun here. */
  pressed(config: Config, session: Session): void {
    const targets = targetsOf(config);
    if (targets.length === 0) return;
    const { volume, chime } = speakerChoice.value;
    const args = { targets, volume: config.announce_volume ?? volume, chime: config.announce_chime ?? chime };
    this.#failed = false;
    this.#fetch().then(
      (part) => {
        if (session.sender.state !== 'idle') part.announce(session, args);
      },
      () => {
        this.#failed = true;
        this.#host.requestUpdate();
      },
    );
  }

  stop(session: Session | null): void {
    if (session) this.#part?.stop(session);
  }

  async #fetch(): Promise<SpeakersPart> {
    this.#fetching ??= this.#load().then(({ speakersPart }) => speakersPart(pageTools));
    try {
      const part = await this.#fetching;
      if (!this.#part) this.#host.requestUpdate();
      return (this.#part = part);
    } catch (error) {
      this.#fetching = null;
      throw error;
    }
  }

  #follow(part: SpeakersPart, session: Session): void {
    if (session === this.#watched) return;
    this.#unwatch();
    this.#watched = session;
    this.#unwatch = part.watch(session, () => this.#host.requestUpdate());
  }
}

function targetsOf({ mode, always_on: alwaysOn, speakers }: Config): string[] {
  if (mode === 'receiver' || alwaysOn) return [];
  return [...(speakers ?? speakerChoice.value.targets)];
}
