/**
 * Of the tabs of one browser only one plays, or the same voice would come twice, a little apart. They agree over a
 * BroadcastChannel, as Web Locks are for secure pages only and many homes open Home Assistant by plain http. A tab plays
 * until another one says that it does already, so that the only tab there is waits for nobody.
 */
import { Emitter } from './emitter.ts';

/** What PlayingTab needs of a BroadcastChannel. */
export interface Channel {
  onmessage: ((event: MessageEvent<unknown>) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

type Word =
  /** Does anybody play? */
  | 'ask'
  /** I do. */
  | 'mine'
  /** I do from now on: somebody asked for it here. */
  | 'take'
  /** I no longer do. */
  | 'free';

export interface PlayingTabOptions {
  /** The server, as each may play in another tab. */
  name: string;
  /** Null where there is no BroadcastChannel: then each tab is for itself. */
  openChannel?: (name: string) => Channel | null;
  /** Which of two that began at the same moment goes on: the smaller. */
  id?: string;
  /** Tabs of this browser answer within it, even busy ones. */
  answerMs?: number;
  /** A tab that plays may crash or freeze without a word. */
  askAgainMs?: number;
}

export class PlayingTab {
  readonly changed = new Emitter();
  readonly #id: string;
  readonly #channel: Channel | null;
  readonly #answerMs: number;
  readonly #askAgainMs: number;
  #wanted = false;
  #elsewhere = false;
  /** Has asked, and nobody has had the time to answer. */
  #asking = false;
  #left = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: PlayingTabOptions) {
    this.#id = options.id ?? Math.random().toString(36).slice(2);
    this.#answerMs = options.answerMs ?? 300;
    this.#askAgainMs = options.askAgainMs ?? 2_000;
    this.#channel = (options.openChannel ?? openBroadcastChannel)(`voice-streaming.playing ${options.name}`);
    if (this.#channel) this.#channel.onmessage = ({ data }) => this.#hear(data);
  }

  /** Another tab plays, and this one would. */
  get elsewhere(): boolean {
    return this.#elsewhere;
  }

  /** Whether this tab has anything to play. */
  setWanted(wanted: boolean): void {
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    if (wanted) {
      this.#ask();
    } else {
      this.#stopAsking();
      if (!this.#elsewhere) this.#say('free');
      this.#set(false);
    }
  }

  /** A person wants the sound here. */
  takeOver(): void {
    if (!this.#wanted) return;
    this.#stopAsking();
    this.#say('take');
    this.#set(false);
  }

  /** The page is left: another tab may play at once. It may come back as it was, see `check`. */
  leave(): void {
    if (!this.#wanted || this.#elsewhere) return;
    this.#left = true;
    this.#say('free');
  }

  /** After a freeze or a leave, in which another tab may have begun. */
  check(): void {
    if (this.#wanted && !this.#elsewhere && !this.#asking) this.#ask();
  }

  close(): void {
    this.setWanted(false);
    this.#channel?.close();
  }

  #hear(data: unknown): void {
    const { word, from } = (typeof data === 'object' ? (data ?? {}) : {}) as { word?: Word; from?: string };
    if (!this.#wanted || this.#left || typeof from !== 'string' || from === this.#id) return;
    if (word === 'ask') {
      // Of two that ask at once only one may answer.
      if (!this.#elsewhere && (!this.#asking || this.#id < from)) this.#say('mine');
    } else if (word === 'take') {
      this.#yield();
    } else if (word === 'mine') {
      if (this.#elsewhere || this.#asking || from < this.#id) this.#yield();
      else this.#say('mine');
    } else if (word === 'free' && this.#elsewhere) {
      this.#askAgain(Math.random() * this.#answerMs);
    }
  }

  /** When nobody answers, this tab plays. */
  #ask(): void {
    this.#stopAsking();
    this.#left = false;
    this.#asking = true;
    this.#say('ask');
    this.#timer = setTimeout(() => {
      this.#asking = false;
      this.#say('mine');
      this.#set(false);
    }, this.#answerMs);
  }

  #stopAsking(): void {
    clearTimeout(this.#timer);
    this.#asking = false;
  }

  #yield(): void {
    this.#set(true);
    this.#askAgain(this.#askAgainMs);
  }

  #askAgain(inMs: number): void {
    this.#stopAsking();
    this.#timer = setTimeout(() => this.#ask(), inMs);
  }

  #say(word: Word): void {
    this.#channel?.postMessage({ word, from: this.#id });
  }

  #set(elsewhere: boolean): void {
    if (elsewhere === this.#elsewhere) return;
    this.#elsewhere = elsewhere;
    this.changed.emit();
  }
}

export function openBroadcastChannel(name: string): Channel | null {
  return typeof BroadcastChannel === 'function' ? new BroadcastChannel(name) : null;
}
