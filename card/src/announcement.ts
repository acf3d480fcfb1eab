/** What a screen reader is told: each change once and in a few words, none of the numbers that move meanwhile. */
import type { CardView, ViewState } from './card-view.ts';
import { say } from './texts.ts';

type News = Pick<CardView, 'state' | 'headline' | 'hint' | 'urgent' | 'trouble' | 'stops'>;

const TALK: readonly ViewState[] = ['onAir', 'closing'];

export class Announcement {
  #last: News | null = null;
  #text = '';

  /** Of what is shown now, after what was shown before. */
  of(view: News): string {
    const last = this.#last;
    this.#last = view;
    if (last && !sameNews(last, view)) this.#text = sentence(view, last);
    return this.#text;
  }
}

function sameNews(a: News, b: News): boolean {
  const names = (view: News): string => (view.state === 'receiving' ? view.headline : '');
  return (
    a.state === b.state &&
    a.trouble === b.trouble &&
    a.urgent === b.urgent &&
    a.stops === b.stops &&
    names(a) === names(b)
  );
}

function sentence(view: News, last: News): string {
  const { state, headline, hint, urgent } = view;
  switch (state) {
    case 'onAir':
      return urgent ? hint : headline;
    case 'receiving':
      return `${headline} ${hint}`;
    case 'trouble':
      return `${headline}. ${hint}`;
    case 'needsTap':
      return headline;
    default:
      if (view.stops) return hint;
      if (state === 'idle' && TALK.includes(last.state)) return say('talk.ended');
      // What was wrong is over.
      return state === 'idle' && last.state === 'trouble' ? headline : '';
  }
}
