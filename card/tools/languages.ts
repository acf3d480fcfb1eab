/** Every language in one bundle, for the sheet and its tests. */
import { use, type Translation } from '../src/texts.ts';
import ar from '../src/translations/ar.ts';
import de from '../src/translations/de.ts';
import { en } from '../src/translations/en.ts';
import es from '../src/translations/es.ts';
import fr from '../src/translations/fr.ts';
import it from '../src/translations/it.ts';
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
