/** What a card does that speaks to speakers: asks for announcements, and says how they are in its language. */
import type { SpeakersFacts, SpeakersPart } from '../card-speakers.ts';
import { Emitter } from '../emitter.ts';
import { fetchWords, withWords, type FetchedTools } from '../fetched-words.ts';
import type { PageTools } from '../page-tools.ts';
import type { Session } from '../session.ts';
import { announcementsOf } from './announcements.ts';
import { speakersFacts } from './facts.ts';

let part: Part | undefined;

/** One for all cards: it has no more of them than their language. */
export function speakersPart(tools: PageTools): SpeakersPart {
  return (part ??= new Part(tools));
}

class Part implements SpeakersPart {
  readonly #tools: PageTools;
  readonly #worded = new Emitter();
  #says: FetchedTools;
  #language = 'en';

  constructor(tools: PageTools) {
    this.#tools = tools;
    this.#says = withWords(tools, {});
    tools.spoken.changed.subscribe(() => void this.#learn());
    void this.#learn();
  }

  announce(session: Session, args: Parameters<SpeakersPart['announce']>[1]): void {
    announcementsOf(session).announce(args);
  }

  facts(session: Session, count: number): SpeakersFacts | null {
    const { talk, isAsking, shown, error } = announcementsOf(session);
    return speakersFacts(this.#says, { count, talk, isAsking, shown, error });
  }

  stop(session: Session): void {
    announcementsOf(session).stop();
  }

  watch(session: Session, changed: () => void): () => void {
    const undo = [announcementsOf(session).changed.subscribe(changed), this.#worded.subscribe(changed)];
    return () => undo.forEach((step) => step());
  }

  /** The card may speak another language now. */
  async #learn(): Promise<void> {
    const { language } = this.#tools;
    if (language === this.#language) return;
    this.#language = language;
    const words = await fetchWords(this.#tools);
    if (language !== this.#language) return;
    this.#says = withWords(this.#tools, words);
    this.#worded.emit();
  }
}
