/** Every language in one bundle, for the sheet and its tests. */
import { use, type Translation } from '../src/texts.ts';
import ar from '../src/translations/ar.ts';
import de from '../src/translations/de.ts';
import { en } from '../src/translations/en.ts';

const translations: Record<string, Translation> = { en, ar, de };

export const languages = Object.keys(translations);

export function speakStill(language: string): void {
  const translation = translations[language];
  if (translation) use(language, translation);
  document.documentElement.lang = language;
}
