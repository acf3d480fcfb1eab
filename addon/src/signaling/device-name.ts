/** What people type as a name, made fit to be shown, logged and made an id of. */
import { MAX_NAME_CHARS } from '@voice-streaming/shared/parse';

export const DEFAULT_NAME = 'Unnamed';

/** Control characters, line and paragraph separators, bidirectional overrides, lone surrogates. */
const UNSHOWABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** What takes no ink: soft hyphens, joiners, fillers, tags, the empty Braille cell. Fine within a name, none by itself. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\s\u2800]/gu;

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** NFC, one space between words, at most MAX_NAME_CHARS UTF-16 units; empty when nothing visible is left. */
export function normalizeName(input: string): string {
  const text = input.normalize('NFC').replace(UNSHOWABLE, ' ').replace(/\s+/gu, ' ').trim();
  if (text.replace(INVISIBLE, '') === '') return '';
  return cut(text, MAX_NAME_CHARS).trimEnd();
}

/** Never cuts a character in two, as flags and families of emoji are several code points. */
function cut(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  let kept = '';
  for (const { segment } of segmenter.segment(text)) {
    if (kept.length + segment.length > maxChars) break;
    kept += segment;
  }
  if (kept !== '') return kept;
  // One character of more than `maxChars` combining marks: cut between code points.
  for (const codePoint of text) {
    if (kept.length + codePoint.length > maxChars) break;
    kept += codePoint;
  }
  return kept;
}
