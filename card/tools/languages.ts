/** Every language in one bundle, for the sheet and its tests. */
import type { MoreWords } from '../src/fetched-words.ts';
import { spoken, use, type Translation } from '../src/texts.ts';
import ar from '../src/translations/ar.ts';
import de from '../src/translations/de.ts';
import { en } from '../src/translations/en.ts';
import es from '../src/translations/es.ts';
import fr from '../src/translations/fr.ts';
import it from '../src/translations/it.ts';
import moreAr from '../src/translations/more/ar.ts';
import moreDe from '../src/translations/more/de.ts';
import moreEs from '../src/translations/more/es.ts';
import moreFr from '../src/translations/more/fr.ts';
import moreIt from '../src/translations/more/it.ts';
import moreNl from '../src/translations/more/nl.ts';
import morePl from '../src/translations/more/pl.ts';
import morePtbr from '../src/translations/more/pt-BR.ts';
import moreZhhans from '../src/translations/more/zh-Hans.ts';
import nl from '../src/translations/nl.ts';
import pl from '../src/translations/pl.ts';
import ptBR from '../src/translations/pt-BR.ts';
import zhHans from '../src/translations/zh-Hans.ts';

const translations: Record<string, Translation> = {
  en,
  ar,
  de,
  es,
  fr,
  it,
  nl,
  pl,
  'pt-BR': ptBR,
  'zh-Hans': zhHans,
};

export const languages = Object.keys(translations);

export function speakStill(language: string): void {
  const translation = translations[language];
  if (translation) use(language, translation);
  document.documentElement.lang = language;
}

const more: Record<string, MoreWords> = {
  ar: moreAr,
  de: moreDe,
  es: moreEs,
  fr: moreFr,
  it: moreIt,
  nl: moreNl,
  pl: morePl,
  'pt-BR': morePtbr,
  'zh-Hans': moreZhhans,
};

/** What pages.js says, in the language that is spoken; English where there is none. */
export function moreWords(): Partial<MoreWords> {
  return more[spoken.tag] ?? {};
}
