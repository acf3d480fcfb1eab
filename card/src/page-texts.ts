/** The words of the page around the card: no dashboard loads them. English until the language's file is there. */
import { Emitter } from './emitter.ts';
import { importBeside } from './language.ts';
import { fill, spoken, type Values } from './texts.ts';
import en from './translations/page/en.ts';

export type PageKey = keyof typeof en;

/** One language: a file in translations/page/. */
export type PageWords = Partial<Record<PageKey, string>>;

/** They are others now. */
export const pageWordsChanged = new Emitter();

let words: PageWords = {};

export function sayPage(key: PageKey, values: Values = {}): string {
  return fill(words[key] ?? en[key], values);
}

/** Undefined where there is nothing to say. */
export function sayPageIfAny(key: string, values: Values = {}): string | undefined {
  return Object.hasOwn(en, key) ? sayPage(key as PageKey, values) : undefined;
}

/** Follows the card's language from now on. */
export function followLanguage(load: (file: string) => Promise<unknown> = importBeside): () => void {
  const follow = async (): Promise<void> => {
    const { tag } = spoken;
    const module = tag === 'en' ? null : await load(`./translations/page-${tag}.js`).catch(() => null);
    if (tag !== spoken.tag) return;
    words = (module as { default?: PageWords } | null)?.default ?? {};
    pageWordsChanged.emit();
  };
  const unsubscribe = spoken.changed.subscribe(() => void follow());
  void follow();
  return unsubscribe;
}
