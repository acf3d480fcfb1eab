/** Every language says what English says, with the same blanks to fill, and is small. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { LANGUAGES } from '../src/language.ts';
import type { Forms, Translation } from '../src/texts.ts';
import { en } from '../src/translations/en.ts';

const MAX_BYTES = 3_000;
const folder = fileURLToPath(new URL('../src/translations/', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.ts') && name !== 'en.ts');

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

it('has no file that nobody asks for', () => {
  const names = files.map((name) => name.replace(/\.ts$/, ''));
  expect(names.filter((name) => !(LANGUAGES as readonly string[]).includes(name))).toEqual([]);
});

describe.each(files)('%s', (file) => {
  const language = file.replace(/\.ts$/, '');
  const load = async (): Promise<Translation> =>
    ((await import(`../src/translations/${file}`)) as { default: Translation }).default;

  it('has no key that English has not', async () => {
    const { texts, troubles } = await load();
    expect(Object.keys(texts).filter((key) => !(key in en.texts))).toEqual([]);
    expect(Object.keys(troubles).filter((key) => !(key in en.troubles))).toEqual([]);
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

  it(`is at most ${MAX_BYTES} bytes over the network`, async () => {
    const { outputFiles } = await build({
      entryPoints: [`${folder}${file}`],
      bundle: true,
      minify: true,
      format: 'esm',
      charset: 'utf8',
      write: false,
    });
    expect(gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length).toBeLessThanOrEqual(MAX_BYTES);
  });
});
