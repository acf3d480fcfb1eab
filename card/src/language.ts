/** Which language is spoken, and where its words come from: one small file each, beside the bundle, fetched when wanted. */
import { unpack, type PackedTranslation } from './packed-translation.ts';
import { spoken, use, type Translation } from './texts.ts';
import { en } from './translations/en.ts';

/** Those in translations/ beside English, which is built in. */
export const LANGUAGES = ['ar', 'de', 'es', 'fr', 'it', 'nl', 'pl', 'pt-BR', 'zh-Hans'] as const;
const BUILT_IN = 'en';

export type Fetch = (file: string) => Promise<unknown>;

/** Of the language that was asked for last; one that arrives late is not used. */
let asked: string = BUILT_IN;

/** Speaks the first of these languages that there is; English where there is none, and while or when it cannot be had. */
export async function speak(wanted: readonly string[], fetch: Fetch = importBeside): Promise<void> {
  const language = pickLanguage(wanted);
  if (language === asked) return;
  asked = language;
  if (language === BUILT_IN) {
    use(BUILT_IN, en);
    return;
  }
  const translation = await fetch(`./translations/${language}.js`).then(translationOf, () => null);
  if (language !== asked) return;
  if (translation) use(language, translation);
  else {
    // May be asked for again, when the network is back.
    asked = spoken.tag;
  }
}

/** Language and script decide: German of Austria is German, Portuguese of Portugal is Portuguese, Taiwan writes otherwise. */
export function pickLanguage(wanted: readonly string[]): string {
  for (const tag of wanted) {
    const found = [BUILT_IN, ...LANGUAGES].find((language) => written(language) === written(tag));
    if (found !== undefined) return found;
  }
  return BUILT_IN;
}

/** "zh-CN" -> "zh-Hans"; null where it is no language tag. */
function written(tag: string): string | null {
  try {
    const { language, script } = new Intl.Locale(tag).maximize();
    return `${language}-${script ?? ''}`;
  } catch {
    return null;
  }
}

/** What this browser's user reads. Home Assistant says it on the document, also to a panel inside. */
export function preferredLanguages(): readonly string[] {
  for (const view of [window, parentWindow()]) {
    const document = view?.document;
    if (document?.querySelector('home-assistant') && document.documentElement.lang !== '') {
      return [document.documentElement.lang];
    }
  }
  return navigator.languages;
}

/** Null where there is none, or of another origin. */
function parentWindow(): Window | null {
  try {
    return window.parent !== window && 'querySelector' in window.parent.document ? window.parent : null;
  } catch {
    return null;
  }
}

/** Beside this bundle, with its query: the version in it makes browsers fetch anew what they keep for a month. */
export function importBeside(file: string): Promise<unknown> {
  const url = new URL(file, import.meta.url);
  url.search = new URL(import.meta.url).search;
  return import(url.href);
}

function translationOf(module: unknown): Translation | null {
  return unpack(en, (module as { default?: Partial<PackedTranslation> }).default);
}
