/** What a stream's id may be. */
/** Words that mean something else in URLs and in `listen`, and keys that no JSON record may carry safely. */
export const RESERVED_STREAM_IDS: ReadonlySet<string> = new Set([
  'latest',
  'all',
  'status',
  'constructor',
  'prototype',
]);

export const STREAM_ID = /^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$/;

/** Whether a text is a well-formed stream id; says nothing about a stream of that id being there. */
export function isStreamId(text: string): boolean {
  return STREAM_ID.test(text);
}
