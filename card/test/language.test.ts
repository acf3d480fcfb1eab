import { afterEach, describe, expect, it, vi } from 'vitest';
import { pickLanguage, speak, type Fetch } from '../src/language.ts';
import { pack } from '../src/packed-translation.ts';
import { say, sayDuration, sayHeardBy, sayNames, sayPeriod, spoken, use } from '../src/texts.ts';
import ar from '../src/translations/ar.ts';
import de from '../src/translations/de.ts';
import { en } from '../src/translations/en.ts';

const german = { default: pack(en, de) };
/** The files as a browser would get them. */
const files: Fetch = (file) =>
  file === './translations/de.js' ? Promise.resolve(german) : Promise.reject(new Error(`no ${file}`));

afterEach(async () => {
  await speak(['en']);
  use('en', en);
});

describe('pickLanguage', () => {
  it.each([
    ['de-AT', 'de'],
    ['pt', 'pt-BR'],
    ['pt-PT', 'pt-BR'],
    ['zh-CN', 'zh-Hans'],
    ['zh', 'zh-Hans'],
    ['es-419', 'es'],
    ['en-GB', 'en'],
    // Written in other letters than those that there are.
    ['zh-TW', 'en'],
    ['sv', 'en'],
    ['not a tag', 'en'],
    ['', 'en'],
  ])('%s is read in %s', (wanted, expected) => {
    expect(pickLanguage([wanted])).toBe(expected);
  });

  it('takes the first that there is', () => {
    expect(pickLanguage(['sv', 'nl-BE', 'en'])).toBe('nl');
    expect(pickLanguage([])).toBe('en');
  });
});

describe('speak', () => {
  it('loads a language and tells everybody', async () => {
    const changed = vi.fn();
    const unsubscribe = spoken.changed.subscribe(changed);
    await speak(['de-CH'], files);
    expect(say('talk.hold')).toBe(de.texts['talk.hold']);
    expect(spoken.tag).toBe('de');
    await speak(['de'], files);
    expect(changed).toHaveBeenCalledTimes(1);
    unsubscribe();
  });

  it('stays with what it speaks when a file is missing, and asks again later', async () => {
    const fetch = vi.fn(files);
    await speak(['fr'], fetch);
    expect(say('talk.hold')).toBe(en.texts['talk.hold']);
    await speak(['fr'], fetch);
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  it('takes no file that is none of ours', async () => {
    await speak(['de'], () => Promise.resolve({ default: 'hello' }));
    const older = pack({ texts: { gone: 'x', ...en.texts }, troubles: en.troubles }, de);
    await speak(['de'], () => Promise.resolve({ default: older }));
    expect(spoken.tag).toBe('en');
  });

  it('speaks the language that was asked for last', async () => {
    let arrive = (_module: unknown): void => undefined;
    const slow = speak(['de'], () => new Promise((resolve) => (arrive = resolve)));
    await speak(['en']);
    arrive(german);
    await slow;
    expect(spoken.tag).toBe('en');
  });
});

describe('say', () => {
  it('says in English what a language lacks', () => {
    use('de', { texts: { title: 'Sprache' }, troubles: {} });
    expect(say('title')).toBe('Sprache');
    expect(say('talk.hold')).toBe('Hold to talk');
  });

  it('counts as the language does', () => {
    expect([0, 1, 3].map(sayHeardBy)).toEqual(['Nobody hears you yet', 'Heard by 1', 'Heard by 3']);
    use('ar', ar);
    expect(new Set([1, 2, 3, 11, 100].map(sayHeardBy)).size).toBe(5);
    expect(spoken.dir).toBe('rtl');
  });

  it('writes times and names as the language does', () => {
    expect(sayDuration(75_000)).toBe('1:15');
    expect(sayPeriod(300_000)).toBe('5 minutes');
    expect(sayPeriod(5_000)).toBe('5 seconds');
    expect(sayNames(['Anna', 'Hall', 'Attic'])).toBe('Anna, Hall, and Attic');
    use('de', de);
    expect(sayPeriod(60_000)).toBe('1 Minute');
    expect(sayNames(['Anna', 'Flur'])).toBe('Anna und Flur');
  });

  it('isolates a name that is written the other way', () => {
    expect(say('list.silence', { name: 'דנה' })).toBe('Silence \u2068דנה\u2069');
    use('ar', ar);
    expect(say('list.silence', { name: 'Hall' })).toContain('\u2068Hall\u2069');
  });
});
