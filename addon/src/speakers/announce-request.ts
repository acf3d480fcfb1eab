/** An announcement asked for by an automation or over HTTP: untrusted data in, a wish out, or a clear complaint. */
import { RequestError } from '@voice-streaming/shared/errors';
import { isStreamId, MAX_ANNOUNCEMENT_TARGETS } from '@voice-streaming/shared/parse';
import * as v from 'valibot';
import type { AnnounceWish } from './announcer.ts';

const MAX_SECONDS = 600;

const entityId = v.pipe(
  v.string('must be a text'),
  v.trim(),
  v.regex(/^[a-z0-9_]+\.[a-z0-9_]+$/, 'must be like media_player.kitchen'),
  v.maxLength(255, 'is too long'),
);
/** Templates of automations make texts of numbers, and numbers of texts. */
const number = v.union(
  [v.number(), v.pipe(v.string(), v.trim(), v.regex(/^\d+(?:\.\d+)?$/), v.transform(Number))],
  'must be a number',
);
const name = v.union(
  [
    v.string(),
    v.pipe(
      v.number(),
      v.transform((value) => String(value)),
    ),
  ],
  'must be a text',
);
const list = v.union(
  [
    v.array(v.unknown()),
    v.pipe(
      v.string(),
      v.transform((text): unknown[] => text.split(',')),
    ),
  ],
  'must be an entity id, or a list of them',
);

const schema = v.strictObject({
  targets: v.pipe(
    list,
    v.array(entityId),
    v.nonEmpty('is empty: name at least one media player'),
    v.maxLength(MAX_ANNOUNCEMENT_TARGETS, `lists more than ${MAX_ANNOUNCEMENT_TARGETS} media players`),
  ),
  /** Or `latest`. */
  stream: v.optional(v.pipe(name, v.check(isStreamId, 'must be the id of a stream, like kitchen-tablet, or latest'))),
  talk_id: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be the id of a talk'))),
  volume: v.optional(v.pipe(number, v.minValue(0, 'must be 0 to 1'), v.maxValue(1, 'must be 0 to 1'))),
  chime: v.optional(v.pipe(name, v.maxLength(64, 'is too long'))),
  restore: v.optional(v.boolean('must be true or false')),
  max_seconds: v.optional(
    v.pipe(
      number,
      v.minValue(1, `must be 1 to ${MAX_SECONDS}`),
      v.maxValue(MAX_SECONDS, `must be 1 to ${MAX_SECONDS}`),
    ),
  ),
});

/** Throws RequestError. */
export function parseAnnounceRequest(data: unknown): AnnounceWish {
  const given = isRecord(data) ? withoutNulls(data) : data;
  const parsed = v.safeParse(schema, given);
  if (!parsed.success) throw new RequestError('bad_arguments', `${complaintOf(parsed.issues[0])}.`);
  const { targets, stream, talk_id, volume, chime, restore, max_seconds } = parsed.output;
  return { targets, streamId: stream ?? 'latest', talkId: talk_id, volume, chime, restore, maxSeconds: max_seconds };
}

function complaintOf(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  if (path === null) return 'An announcement is an object with "targets", a list of media players';
  const field = JSON.stringify(path.slice(0, 60));
  if (issue.expected === 'never') {
    return `${field} is no field of an announcement; there are ${Object.keys(schema.entries).join(', ')}`;
  }
  return issue.received === 'undefined' ? `${field} is missing` : `${field} ${issue.message}`;
}

/** Templates leave null where there is nothing. */
function withoutNulls(data: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
