import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { OWN_KEYS, parseConfig } from '../src/config.ts';
import { editorForm, fieldsOf, type EditorWords, type FormItem } from '../src/editor-form.ts';
import { LANGUAGES } from '../src/language.ts';
import de from '../src/translations/editor/de.ts';
import en from '../src/translations/editor/en.ts';

const MAX_BYTES = 3_000;
const folder = fileURLToPath(new URL('../src/translations/editor/', import.meta.url));
const files = readdirSync(folder);

const modules: Record<string, unknown> = { 'editor-de': { default: de }, 'editor-en': { default: en } };
const load = (file: string): Promise<unknown> => {
  const found = modules[file.replace(/^\.\/translations\/|\.js$/g, '')];
  return found === undefined ? Promise.reject(new Error('404')) : Promise.resolve(found);
};
const nothing = (): Promise<unknown> => Promise.reject(new Error('offline'));

const optionsOf = (items: readonly FormItem[]): { name: string; value: string; label: string }[] =>
  items.flatMap((item) => {
    if ('schema' in item) return optionsOf(item.schema);
    const select = item.selector['select'] as { options: { value: string; label: string }[] } | undefined;
    return (select?.options ?? []).map((option) => ({ name: item.name, ...option }));
  });

describe('editorForm', () => {
  it('has a field for every key, each once, the usual ones first', async () => {
    const fields = fieldsOf((await editorForm('en', load)).schema);
    expect([...fields].sort()).toEqual(OWN_KEYS.filter((key) => key !== 'type').sort());
    expect(fields.slice(0, 2)).toEqual(['mode', 'listen']);
  });

  it('offers only what the card takes', async () => {
    for (const { name, value } of optionsOf((await editorForm('en', load)).schema)) {
      expect(() => parseConfig({ [name]: value }), `${name}: ${value}`).not.toThrow();
    }
  });

  it('speaks the language of the card, and names what holds while nothing is chosen', async () => {
    const { schema, computeLabel, computeHelper } = await editorForm('de', load);
    expect(computeLabel({ name: 'max_talk_seconds' })).toBe('Längste Sprechzeit');
    expect(computeHelper({ name: 'url' })).toMatch(/^Nur wenn/);
    expect(computeHelper({ name: 'sounds' })).toBeUndefined();
    expect(optionsOf(schema).find(({ value }) => value === 'both')?.label).toMatch(/ \(Standard\)$/);
  });

  it('is English where a language has none, and bare keys where there is nothing', async () => {
    expect((await editorForm('pl', load)).computeLabel({ name: 'mode' })).toBe(en.labels.mode);
    const bare = await editorForm('en', nothing);
    expect(bare.computeLabel({ name: 'max_talk_seconds' })).toBe('Max talk seconds');
    expect(fieldsOf(bare.schema)).toContain('url');
  });

  it('leaves to the code editor what it cannot show, and nothing else', async () => {
    const { assertConfig } = await editorForm('en', load);
    expect(() => assertConfig({ listen: ['hall', 'attic'] })).toThrow(/"listen" holds several values/);
    // Half typed: the card says what is wrong, the form stays.
    expect(() => assertConfig({ url: 'h', listen: 'hall', grid_options: { rows: 1 }, visibility: [] })).not.toThrow();
  });
});

describe.each(files)('words of the editor in %s', (file) => {
  it('belong to a language, have the same keys, and are small', async () => {
    const language = file.replace(/\.ts$/, '');
    expect(['en', ...LANGUAGES]).toContain(language);
    const { default: translated } = (await import(`../src/translations/editor/${file}`)) as { default: EditorWords };
    for (const part of ['labels', 'helpers', 'options'] as const) {
      expect(Object.keys(translated[part]).sort()).toEqual(Object.keys(en[part]).sort());
      for (const [key, text] of Object.entries(translated[part])) expect(text.trim(), key).not.toBe('');
    }
    const options = { bundle: true, minify: true, format: 'esm', charset: 'utf8', write: false } as const;
    const { outputFiles } = await build({ entryPoints: [`${folder}${file}`], ...options });
    expect(gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length).toBeLessThanOrEqual(MAX_BYTES);
  });
});
