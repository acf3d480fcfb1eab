/** Every word a person reads, by key, in the language that is spoken; English until another one is loaded, and where it lacks a key. */
import { Emitter } from './emitter.ts';
import { en } from './translations/en.ts';
import type { Trouble, TroubleCode } from './trouble.ts';

type Texts = typeof en.texts;
export type TextKey = keyof Texts;

/** What depends on `count`: one form for each plural category of the language, `other` always. */
export type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

/** One language: a file in translations/. */
export interface Translation {
  texts: { [K in TextKey]?: Texts[K] extends string ? string : Forms };
  /** What is wrong, and what to do next. */
  troubles: Partial<Record<TroubleCode, readonly [what: string, next: string]>>;
}

export type Values = Record<string, string | number>;

const RIGHT_TO_LEFT = ['ar'];
/** Letters that are written from right to left. */
const RTL_LETTER = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/;

let table: Translation = en;
let tag = 'en';
let plural = new Intl.PluralRules(tag);
let whole = new Intl.NumberFormat(tag);
let twoDigits = new Intl.NumberFormat(tag, { minimumIntegerDigits: 2 });

export const spoken = {
  /** The words are others now. */
  changed: new Emitter(),
  get tag(): string {
    return tag;
  },
  get dir(): 'ltr' | 'rtl' {
    return RIGHT_TO_LEFT.includes(tag) ? 'rtl' : 'ltr';
  },
};

/** From now on this language is spoken. */
export function use(language: string, translation: Translation): void {
  table = translation;
  tag = language;
  plural = new Intl.PluralRules(tag);
  whole = new Intl.NumberFormat(tag);
  twoDigits = new Intl.NumberFormat(tag, { minimumIntegerDigits: 2 });
  spoken.changed.emit();
}

export function say(key: TextKey, values: Values = {}): string {
  const text = table.texts[key] ?? en.texts[key];
  if (typeof text === 'string') return fill(text, values);
  const forms: Forms = text;
  return fill(forms[plural.select(Number(values['count']))] ?? forms.other, values);
}

export function sayHeardBy(count: number): string {
  return count === 0 ? say('talk.nobody') : say('talk.heardBy', { count });
}

export function sayTrouble(trouble: Trouble): { what: string; next: string; link: string | undefined } {
  const { code, detail = '' } = trouble;
  const [what, next] = table.troubles[code] ?? en.troubles[code];
  const httpsUrl = `https://${location.host}${location.pathname}`;
  const said = fill(next, { detail, httpsUrl });
  return {
    what,
    next: (code === 'microphoneBusy' ? `${said} ${say(likelyHolder())}` : said).trim(),
    link: [httpsUrl, ...(/^https?:/.test(detail) ? [detail] : [])].find((url) => said.includes(url)),
  };
}

/** Who else has the microphone, most often. */
function likelyHolder(): 'busy.android' | 'busy.windows' | 'busy.tab' {
  if (/Android/.test(navigator.userAgent)) return 'busy.android';
  return /Windows/.test(navigator.userAgent) ? 'busy.windows' : 'busy.tab';
}

/** 75 s -> "1:15". */
export function sayDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${whole.format(Math.floor(seconds / 60))}:${twoDigits.format(seconds % 60)}`;
}

/** 300 s -> "5 minutes". */
export function sayPeriod(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const [value, unit] = seconds % 60 === 0 ? [seconds / 60, 'minute'] : [seconds, 'second'];
  return new Intl.NumberFormat(tag, { style: 'unit', unit, unitDisplay: 'long' }).format(value);
}

/** 75 s -> "1 min ago". */
export function sayAgo(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const format = new Intl.RelativeTimeFormat(tag, { style: 'narrow' });
  if (seconds < 60) return format.format(-seconds, 'second');
  if (seconds < 3_600) return format.format(-Math.floor(seconds / 60), 'minute');
  return format.format(-Math.floor(seconds / 3_600), 'hour');
}

/** Anna, Hall -> "Anna and Hall". */
export function sayNames(names: readonly string[]): string {
  return new Intl.ListFormat(tag, { type: 'conjunction' }).format(names.map(isolated));
}

/** `{name}` -> its value; numbers as the language writes them. */
export function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (placeholder, name: string) => {
    const value = values[name];
    if (typeof value === 'number') return whole.format(value);
    return value === undefined ? placeholder : isolated(value);
  });
}

/** A name of the other direction does not turn the sentence around it (Unicode's isolates). */
function isolated(value: string): string {
  return RTL_LETTER.test(value) === (spoken.dir === 'rtl') ? value : `\u2068${value}\u2069`;
}
