/** Every language says what English says, with the same blanks to fill, and is small. */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { bundle } from '../../addon/tools/bundle.mjs';
import { LANGUAGES } from '../src/language.ts';
import { unpack, type PackedTranslation } from '../src/packed-translation.ts';
import type { Forms, Translation } from '../src/texts.ts';
import { en } from '../src/translations/en.ts';

const MAX_BYTES = 3_000;
const folder = fileURLToPath(new URL('../src/translations/', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.ts') && name !== 'en.ts');

beforeAll(() => bundle(['card']), 30_000);

const blanks = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g))].sort();
const english = (): Translation => en;

/** Each text under its key, the forms of a plural under theirs. */
function flat({ texts, troubles }: Translation): [key: string, text: string][] {
  const all: [string, string][] = [];
  for (const [key, text] of Object.entries<string | Forms>(texts)) {
    if (typeof text === 'string') all.push([key, text]);
    else for (const [form, words] of Object.entries(text)) all.push([`${key} (${form})`, words]);
  }
  for (const [code, [what, next]] of Object.entries(troubles))
    all.push([`${code}, what`, what], [`${code}, next`, next]);
  return all;
}

it.each(['.', 'page', 'editor', 'details', 'more'])('has a file for every language, and no other: %s', (part) => {
  const names = readdirSync(`${folder}${part}`).filter((name) => name.endsWith('.ts') && name !== 'en.ts');
  expect(names.map((name) => name.replace(/\.ts$/, '')).sort()).toEqual([...LANGUAGES].sort());
});

it.each(['page', 'details'])('has the same keys and blanks in every language: %s', async (part) => {
  const load = async (language: string): Promise<Record<string, string>> =>
    ((await import(`../src/translations/${part}/${language}.ts`)) as { default: Record<string, string> }).default;
  const english = await load('en');
  for (const language of LANGUAGES) {
    const words = await load(language);
    expect(Object.keys(words), language).toEqual(Object.keys(english));
    for (const [key, text] of Object.entries(words)) {
      expect([text.trim(), ...blanks(text)], `${language}: ${key}`).toEqual([text, ...blanks(english[key] ?? '')]);
      expect(text, `${language}: ${key}`).not.toBe('');
    }
  }
});

it.each(['en', ...LANGUAGES])('calls the options as the add-on does: %s', async (language) => {
  const { default: words } = (await import(`../src/translations/page/${language}.ts`)) as {
    default: Record<string, string>;
  };
  const file = fileURLToPath(new URL(`../../translations/${language}.yaml`, import.meta.url));
  const { configuration } = parse(readFileSync(file, 'utf8')) as { configuration: Record<string, { name: string }> };
  for (const [key, option] of [
    ['host.change', 'announced_address'],
    ['webrtc.failed', 'udp_ports'],
  ] as const) {
    expect(words[key], key).toContain(option);
    expect(words[key], key).toContain(configuration[option]!.name);
  }
});

it('says the words that are fetched with the pages in every language, with the same keys, blanks and its own forms', async () => {
  const load = async (language: string): Promise<Record<string, string | Forms>> =>
    ((await import(`../src/translations/more/${language}.ts`)) as { default: Record<string, string | Forms> }).default;
  const english = await load('en');
  const all = (text: string | Forms | undefined): string[] =>
    text === undefined ? [] : typeof text === 'string' ? [text] : Object.values(text);
  for (const language of LANGUAGES) {
    const words = await load(language);
    const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories as string[];
    expect(Object.keys(words).sort(), language).toEqual(Object.keys(english).sort());
    for (const [key, text] of Object.entries(words)) {
      const wanted = blanks(all(english[key]).at(-1) ?? '');
      if (typeof text !== 'string') expect(Object.keys(text).filter((form) => !categories.includes(form))).toEqual([]);
      expect(blanks(all(text).at(-1) ?? ''), `${language}: ${key}`).toEqual(wanted);
      for (const one of all(text)) {
        expect([one, one.trim()], `${language}: ${key}`).toEqual([one.trim() || 'nothing', one]);
        expect(
          blanks(one).filter((blank) => !wanted.includes(blank)),
          `${language}: ${key}`,
        ).toEqual([]);
      }
    }
    const built = readFileSync(new URL(`../dist/translations/more-${language}.js`, import.meta.url));
    expect(gzipSync(built, { level: 9 }).length, language).toBeLessThanOrEqual(MAX_BYTES);
  }
});

describe.each(files)('%s', (file) => {
  const language = file.replace(/\.ts$/, '');
  const load = async (): Promise<Translation> =>
    ((await import(`../src/translations/${file}`)) as { default: Translation }).default;

  it('has the same keys', async () => {
    const { texts, troubles } = await load();
    expect(Object.keys(texts).sort()).toEqual(Object.keys(en.texts).sort());
    expect(Object.keys(troubles).sort()).toEqual(Object.keys(en.troubles).sort());
  });

  it('says something everywhere, and nothing twice around', async () => {
    for (const [key, text] of flat(await load())) {
      expect(text.trim(), key).toBe(text);
      expect(text, key).not.toBe('');
    }
  });

  it('has the same blanks', async () => {
    const { texts, troubles } = await load();
    for (const [key, text] of Object.entries<string | Forms>(english().texts)) {
      const translated = (texts as Record<string, string | Forms>)[key];
      if (translated === undefined) continue;
      if (typeof text === 'string') {
        expect(typeof translated === 'string' ? blanks(translated) : 'forms', key).toEqual(blanks(text));
        continue;
      }
      // "1" and "2" may be words; whoever speaks must be named.
      const wanted = blanks(text.other);
      for (const [form, words] of Object.entries(translated as Forms)) {
        const optional = form === 'one' || form === 'two' || form === 'zero' ? ['{count}'] : [];
        const missing = wanted.filter((blank) => !blanks(words).includes(blank) && !optional.includes(blank));
        expect([...missing, ...blanks(words).filter((blank) => !wanted.includes(blank))], `${key} (${form})`).toEqual(
          [],
        );
      }
    }
    for (const [code, text] of Object.entries(en.troubles)) {
      const translated = (troubles as Record<string, readonly string[]>)[code];
      if (translated) expect(translated.map(blanks), code).toEqual(text.map(blanks));
    }
  });

  it('has every form that the language has, and no other', async () => {
    const { texts } = await load();
    const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    for (const [key, forms] of Object.entries<string | Forms>(texts)) {
      if (typeof forms === 'string') continue;
      const strange = Object.keys(forms).filter((form) => !(categories as string[]).includes(form));
      expect(strange, key).toEqual([]);
    }
  });

  it(`is at most ${MAX_BYTES} bytes over the network`, () => {
    const built = readFileSync(new URL(`../dist/translations/${language}.js`, import.meta.url));
    expect(gzipSync(built, { level: 9 }).length).toBeLessThanOrEqual(MAX_BYTES);
  });

  it('arrives as it was written', async () => {
    const built = new URL(`../dist/translations/${language}.js`, import.meta.url).href;
    const { default: packed } = (await import(/* @vite-ignore */ built)) as { default: PackedTranslation };
    expect(unpack(en, packed)).toEqual(await load());
  });
});
