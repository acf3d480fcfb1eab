/**
 * The words of what is in `pages.js`, in the language of the card: they travel with it, and not with the card. What the card
 * says itself is said by it here, too; English where a language lacks a key or cannot be had.
 */
import type { PageTools } from './page-tools.ts';
import type { Forms, TextKey, Values } from './texts.ts';
import en from './translations/more/en.ts';

type Words = typeof en;
export type MoreKey = keyof Words;
/** One language: a file in translations/more/. */
export type MoreWords = { [K in MoreKey]: Words[K] extends string ? string : Forms };

export type FetchedTools = Omit<PageTools, 'say'> & { say: (key: MoreKey | TextKey, values?: Values) => string };

export async function fetchWords({ language, importBeside }: PageTools): Promise<Partial<MoreWords>> {
  if (language === 'en') return en;
  const module = await importBeside(`./translations/more-${language}.js`).catch(() => null);
  return (module as { default?: MoreWords } | null)?.default ?? en;
}

/** The card's tools, which say these words as well. */
export function withWords(tools: PageTools, words: Partial<MoreWords>): FetchedTools {
  const plural = new Intl.PluralRules(tools.language);
  const say: FetchedTools['say'] = (key, values = {}) => {
    if (!isMoreKey(key)) return tools.say(key, values);
    const text: string | Forms = words[key] ?? en[key];
    if (typeof text === 'string') return tools.fill(text, values);
    return tools.fill(text[plural.select(Number(values['count']))] ?? text.other, values);
  };
  return Object.assign(Object.create(tools) as PageTools, { say });
}

/** An opener of a page gets the card's tools with these words. */
export function speaking<Host, Page>(open: (host: Host, tools: FetchedTools) => Page) {
  return async (host: Host, tools: PageTools): Promise<Page> => open(host, withWords(tools, await fetchWords(tools)));
}

function isMoreKey(key: string): key is MoreKey {
  return Object.hasOwn(en, key);
}
