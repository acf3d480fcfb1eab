import { readdirSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { LANGUAGES } from '../../src/language.ts';
import { loadWords, Words, type DetailsKey, type DetailsWords } from '../../src/details/words.ts';
import en from '../../src/translations/details/en.ts';

const folder = new URL('../../src/translations/details/', import.meta.url);
const others = readdirSync(folder).filter((name) => name !== 'en.ts');
const blanks = (text: string): string[] => [...(text.match(/\{\w+\}/g) ?? [])].sort();

describe.each(others)('%s', (file) => {
  it('is asked for, knows no other key than English, and has the same blanks', async () => {
    expect(LANGUAGES).toContain(file.replace(/\.ts$/, ''));
    const words = ((await import(new URL(file, folder).href)) as { default: DetailsWords }).default;
    for (const [key, text] of Object.entries(words)) {
      expect(Object.keys(en)).toContain(key);
      expect(blanks(text), key).toEqual(blanks(en[key as DetailsKey]));
    }
  });
});

describe('words', () => {
  it('are those of the language, and English where it lacks one', async () => {
    const load = vi.fn(() => Promise.resolve({ default: { connected: 'Verbonden' } }));
    const words = await loadWords('nl', load);
    expect(load).toHaveBeenCalledWith('./translations/details-nl.js');
    expect(words.say('connected')).toBe('Verbonden');
    expect(words.say('about', { value: '5 ms' })).toBe('about 5 ms');
  });

  it('are English when the file cannot be had', async () => {
    const words = await loadWords('nl', () => Promise.reject(new Error('offline')));
    expect(words.say('connected')).toBe('Connected');
  });

  it('write numbers as the language does, and nothing more exact than it was measured', () => {
    const german = new Words('de');
    expect(german.ms(4.25)).toBe('4,3 ms');
    expect(german.ms(48.4)).toBe('48 ms');
    expect(german.ms(0)).toBe('< 1 ms');
    expect(german.share(0.0042)).toMatch(/^0,4\s%$/);
    expect(german.kbps(33.4)).toBe('33 kb/s');
  });
});
