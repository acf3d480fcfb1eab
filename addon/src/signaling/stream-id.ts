/** Stream ids: human and stable slugs of names. */
import { isStreamId, RESERVED_STREAM_IDS } from '@voice-streaming/shared/parse';
import { slugify } from 'transliteration';

const MAX_ID_CHARS = 48;

/** `Kitchen tablet` -> `kitchen-tablet`; taken or reserved -> `-2`, `-3`; nothing sayable in it -> `stream-<n>`. */
export function makeStreamId(name: string, isTaken: (id: string) => boolean): string {
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
