/**
 * How a language travels: its words in English's order, without their keys, which would be a fifth of it. The bundler
 * packs, a browser unpacks; a mark of the keys tells a file that belongs to another version.
 */
import type { Translation } from './texts.ts';

export interface PackedTranslation {
  keys: number;
  /** Null where English is said. */
  texts: unknown[];
  troubles: unknown[];
}

interface Words {
  texts: object;
  troubles: object;
}

export function pack(english: Words, translation: Words): PackedTranslation {
  const inOrder = (keys: object, words: object): unknown[] =>
    Object.keys(keys).map((key) => (words as Record<string, unknown>)[key] ?? null);
  return {
    keys: markOf(english),
    texts: inOrder(english.texts, translation.texts),
    troubles: inOrder(english.troubles, translation.troubles),
  };
}

/** Null where it was packed for other keys, or is nothing of the kind. */
export function unpack(english: Words, packed: Partial<PackedTranslation> | undefined): Translation | null {
  if (packed?.keys !== markOf(english)) return null;
  const byKey = (keys: object, words: unknown[] = []): object =>
    Object.fromEntries(Object.keys(keys).flatMap((key, index) => (words[index] ? [[key, words[index]]] : [])));
  return {
    texts: byKey(english.texts, packed.texts),
    troubles: byKey(english.troubles, packed.troubles),
  };
}

function markOf({ texts, troubles }: Words): number {
  const keys = [...Object.keys(texts), ...Object.keys(troubles)].join();
  let mark = 7;
  for (let at = 0; at < keys.length; at += 1) mark = (Math.imul(mark, 31) + keys.charCodeAt(at)) | 0;
  return mark;
}
