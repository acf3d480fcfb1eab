/** Stream ids: human and stable slugs of names. */
import { createRequire } from 'node:module';
import type * as Transliteration from 'transliteration';
import { isStreamId, RESERVED_STREAM_IDS } from '@voice-streaming/shared/parse';

/** Bundled where it is called, see bundle.mjs: the tables of all scripts take 4 MB, and few devices ever are new. */
const require = createRequire(import.meta.url);

const MAX_ID_CHARS = 48;

/** `Kitchen tablet` -> `kitchen-tablet`; taken or reserved -> `-2`, `-3`; nothing sayable in it -> `stream-<n>`. */
export function makeStreamId(name: string, isTaken: (id: string) => boolean): string {
  const { slugify } = require('transliteration') as typeof Transliteration;
  const isFree = (id: string): boolean => isStreamId(id) && !RESERVED_STREAM_IDS.has(id) && !isTaken(id);
  const slug = cut(
    slugify(name)
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+/, ''),
    MAX_ID_CHARS,
  );
  if (slug !== '' && isFree(slug)) return slug;
  for (let n = slug === '' ? 1 : 2; ; n += 1) {
    const suffix = `-${n}`;
    const id = `${slug === '' ? 'stream' : cut(slug, MAX_ID_CHARS - suffix.length)}${suffix}`;
    if (isFree(id)) return id;
  }
}

function cut(slug: string, maxChars: number): string {
  return slug.slice(0, maxChars).replace(/-+$/, '');
}
