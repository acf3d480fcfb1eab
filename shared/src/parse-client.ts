/** Untrusted text of a client: a typed message or a ProtocolError. */
import * as v from 'valibot';
import { ProtocolError } from './errors.ts';
import { parseJson } from './parse-json.ts';
import type { ClientMessage, RequestType } from './protocol.ts';
import { STREAM_ID } from './stream-id.ts';

const direction = v.picklist(['sender', 'receiver'], 'must be "sender" or "receiver"');

/** Characters of SDP; a browser's audio offer with four sections has about 8,000. */
export const MAX_OFFER_CHARS = 64 * 1024;
/** Names are cut to this by `introduce`, never refused for their length below MAX_NAME_INPUT_CHARS. */
export const MAX_NAME_CHARS = 64;
export const MAX_NAME_INPUT_CHARS = 1024;
export const MAX_LISTEN_STREAMS = 16;
/** Speakers of one announcement; a group counts as one. */
export const MAX_ANNOUNCEMENT_TARGETS = 32;

const streamId = v.pipe(v.string(), v.regex(STREAM_ID, 'is no stream id (a-z, 0-9 and -, at most 48 characters)'));
const offer = v.pipe(
  v.string(),
  v.nonEmpty('is empty'),
  v.maxLength(MAX_OFFER_CHARS, `is longer than ${MAX_OFFER_CHARS} characters`),
);
// Home Assistant's own rule: core/homeassistant/core.py VALID_ENTITY_ID, and no entity id of it is this long.
const entityId = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9_]+\.[a-z0-9_]+$/, 'is no entity id like media_player.kitchen'),
  v.maxLength(255, 'is longer than 255 characters'),
);
const randomId = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/, 'is no id that this server gave out'));
const volume = v.pipe(v.number(), v.minValue(0, 'must be 0 to 1'), v.maxValue(1, 'must be 0 to 1'));
const nothing = v.strictObject({});

const argsSchemas = {
  authenticate: v.strictObject({ token: v.pipe(v.string(), v.maxLength(256, 'is longer than 256 characters')) }),
  introduce: v.strictObject({
    deviceKey: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{22,64}$/, 'must be at least 128 random bits as base64url')),
    name: v.pipe(v.string(), v.maxLength(MAX_NAME_INPUT_CHARS, `is longer than ${MAX_NAME_INPUT_CHARS} characters`)),
  }),
  connectSender: v.strictObject({ offer }),
  connectReceiver: v.strictObject({ offer }),
  disconnect: v.strictObject({ direction }),
  startTalk: v.strictObject({ private: v.optional(v.boolean()), echo: v.optional(v.boolean()) }),
  stopTalk: nothing,
  listen: v.strictObject({
    to: v.union(
      [
        v.literal('latest'),
        v.literal('all'),
        v.null(),
        v.pipe(
          v.array(streamId),
          v.nonEmpty('is an empty list: to hear nobody, say null'),
          v.maxLength(MAX_LISTEN_STREAMS, `lists more than ${MAX_LISTEN_STREAMS} streams`),
        ),
      ],
      `must be "latest", "all", null or a list of 1 to ${MAX_LISTEN_STREAMS} stream ids`,
    ),
  }),
  endTalk: v.strictObject({ streamId }),
  setMonitor: v.strictObject({
    state: v.picklist(['on', 'needsTap', 'off'], 'must be "on", "needsTap" or "off"'),
  }),
  forgetMonitor: v.strictObject({ streamId }),
  getPlayUrl: v.strictObject({ streamId }),
  getReplays: nothing,
  getMediaUrls: nothing,
  rotateMediaKeys: v.strictObject({ streamId: v.optional(streamId) }),
  getDoctor: nothing,
  getDiagnostics: nothing,
  getSpeakers: nothing,
  announce: v.strictObject({
    targets: v.pipe(
      v.array(entityId),
      v.nonEmpty('is an empty list: name at least one speaker'),
      v.maxLength(MAX_ANNOUNCEMENT_TARGETS, `lists more than ${MAX_ANNOUNCEMENT_TARGETS} speakers`),
    ),
    streamId: v.optional(streamId),
    talkId: v.optional(randomId),
    volume: v.optional(volume),
    chime: v.optional(v.pipe(v.string(), v.maxLength(64, 'is longer than 64 characters'))),
    restore: v.optional(v.boolean()),
  }),
  getAnnouncements: nothing,
  stopAnnouncement: v.strictObject({ announcementId: randomId }),
  testSpeaker: v.strictObject({ entityId, volume: v.optional(volume) }),
} satisfies Record<RequestType, v.GenericSchema>;

const envelope = v.object({
  id: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  type: v.string(),
  args: v.optional(v.unknown(), {}),
});

/** Parses what a client said. Throws ProtocolError only, with the request's id where it could be read. */
export function parseClientMessage(text: string): ClientMessage {
  const json = parseJson(text);
  const outer = v.safeParse(envelope, json);
  if (!outer.success) {
    throw new ProtocolError(
      'bad_message',
      'A message must be an object with "id" (a whole number), "type" and "args".',
      readId(json),
    );
  }
  const { id, type, args } = outer.output;
  if (!isRequestType(type)) {
    throw new ProtocolError('unknown_type', `There is no request of type ${quote(type)}.`, id);
  }
  // A list is an object to valibot, and an empty one has no wrong field.
  if (Array.isArray(args)) throw new ProtocolError('bad_arguments', `${type}: "args" must be an object.`, id);
  const inner = v.safeParse<v.GenericSchema>(argsSchemas[type], args);
  if (!inner.success) {
    throw new ProtocolError('bad_arguments', `${type}: ${describe(inner.issues)}.`, id, limitOf(inner.issues));
  }
  return { id, type, args: inner.output } as ClientMessage;
}

function isRequestType(type: string): type is RequestType {
  return Object.hasOwn(argsSchemas, type);
}

function readId(json: unknown): number | null {
  const id = typeof json === 'object' && json !== null && 'id' in json ? json.id : null;
  return typeof id === 'number' && Number.isSafeInteger(id) && id >= 0 ? id : null;
}

/** Of what is too long, the two that are limits of the server rather than of the format. */
function limitOf(issues: readonly v.BaseIssue<unknown>[]): string | undefined {
  const issue = issues[0];
  if (issue?.type !== 'max_length') return undefined;
  return { offer: 'offer_bytes', targets: 'targets' }[v.getDotPath(issue) ?? ''];
}

/** The first issue as `"path" what is wrong`; valibot's own messages would quote what was received, tokens too. */
function describe(issues: readonly v.BaseIssue<unknown>[]): string {
  const issue = issues[0];
  if (!issue) return 'is wrong';
  const path = v.getDotPath(issue);
  const message = /^Invalid (?:type|key): /.test(issue.message) ? describeType(issue) : issue.message;
  return path === null ? message : `${quote(path)} ${message}`;
}

function describeType({ expected, received }: v.BaseIssue<unknown>): string {
  if (expected === 'never') return 'is no field of it';
  return received === 'undefined' ? 'is missing' : `must be of type ${expected ?? 'unknown'}`;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
