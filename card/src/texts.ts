/** Every word a person reads, by key, in the language of the page; English until another one is loaded. */
import { en } from './translations/en.ts';
import type { Trouble, TroubleCode } from './trouble.ts';

export type TextKey = keyof typeof en.texts;

/** One language: a file in translations/. */
export interface Translation {
  texts: Record<TextKey, string>;
  /** What is wrong, and what to do next. */
  troubles: Record<TroubleCode, readonly [what: string, next: string]>;
}

const table: Translation = en;

export function say(key: TextKey, values: Record<string, string | number> = {}): string {
  return fill(table.texts[key], values);
}

export function sayHeardBy(count: number): string {
  if (count === 0) return say('talk.nobody');
  return count === 1 ? say('talk.heardBy.one') : say('talk.heardBy.many', { count });
}

export function sayTrouble(trouble: Trouble): { what: string; next: string } {
  const [what, next] = table.troubles[trouble.code];
  const { host, pathname } = location;
  return { what, next: fill(next, { detail: trouble.detail ?? '', httpsUrl: `https://${host}${pathname}` }).trim() };
}

/** 75 s -> "1:15". */
export function sayDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
