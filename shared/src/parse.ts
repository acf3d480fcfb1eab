/**
 * The only trusted door: unknown text in, a typed message or a ProtocolError out. Both ends parse here, the add-on
 * what cards say and the card what the add-on says. valibot, as it is small enough to ship in the card.
 */
import * as v from 'valibot';
import { ProtocolError } from './errors.ts';
import type { ClientMessage, RequestType, ServerMessage } from './protocol.ts';

/** Characters of SDP; a browser's audio offer with four sections has about 8,000. */
export const MAX_OFFER_CHARS = 64 * 1024;
/** Names are cut to this by `introduce`, never refused for their length below MAX_NAME_INPUT_CHARS. */
export const MAX_NAME_CHARS = 64;
export const MAX_NAME_INPUT_CHARS = 1024;
export const MAX_LISTEN_STREAMS = 16;

/** Words that mean something else in URLs and in `listen`, and keys that no JSON record may carry safely. */
export const RESERVED_STREAM_IDS: ReadonlySet<string> = new Set([
  'latest',
  'all',
  'status',
  'constructor',
  'prototype',
]);

const STREAM_ID = /^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$/;
const streamId = v.pipe(v.string(), v.regex(STREAM_ID, 'is no stream id (a-z, 0-9 and -, at most 48 characters)'));
const direction = v.picklist(['sender', 'receiver'], 'must be "sender" or "receiver"');
const offer = v.pipe(
  v.string(),
  v.nonEmpty('is empty'),
  v.maxLength(MAX_OFFER_CHARS, `is longer than ${MAX_OFFER_CHARS} characters`),
);
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
  getMediaUrls: nothing,
} satisfies Record<RequestType, v.GenericSchema>;

const envelope = v.object({
  id: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  type: v.string(),
  args: v.optional(v.unknown(), {}),
});

const user = v.object({ name: v.nullable(v.string()), isAdmin: v.boolean() });
const streamInfo = v.object({
  id: v.string(),
  name: v.string(),
  live: v.boolean(),
  since: v.nullable(v.number()),
  receivers: v.number(),
  listeners: v.number(),
  monitor: v.optional(
    v.object({ state: v.picklist(['live', 'needsTap', 'lost']), lastSoundAt: v.nullable(v.number()) }),
  ),
});

const serverMessage = v.variant('type', [
  v.object({ type: v.literal('result'), id: v.number(), result: v.unknown() }),
  v.object({ type: v.literal('error'), id: v.nullable(v.number()), code: v.string(), message: v.string() }),
  v.object({
    type: v.literal('hello'),
    protocolVersion: v.number(),
    minProtocolVersion: v.number(),
    serverVersion: v.string(),
    auth: v.picklist(['none', 'required']),
    user: v.optional(user),
    time: v.optional(v.number()),
    limits: v.object({
      maxMessageBytes: v.number(),
      maxMessagesPerSecond: v.number(),
      slots: v.number(),
      maxEchoMs: v.number(),
    }),
  }),
  v.object({ type: v.literal('streams'), streams: v.array(streamInfo) }),
  v.object({ type: v.literal('onAir'), talkId: v.string() }),
  v.object({
    type: v.literal('talkEnded'),
    talkId: v.string(),
    reason: v.picklist(['stopped', 'takenOver', 'endedByAdmin', 'echoOver', 'disconnected', 'closing']),
  }),
  v.object({ type: v.literal('levels'), levels: v.record(v.string(), v.number()) }),
  v.object({ type: v.literal('slots'), slots: v.record(v.string(), v.nullable(v.string())) }),
  v.object({ type: v.literal('disconnected'), direction, reason: v.string() }),
  v.object({ type: v.literal('alive') }),
  v.object({
    type: v.literal('bye'),
    reason: v.picklist(['closing', 'unauthorized', 'tooManyErrors', 'tooSlow', 'serverFull']),
  }),
]);

/** Whether a text is a well-formed stream id; says nothing about a stream of that id being there. */
export function isStreamId(text: string): boolean {
  return STREAM_ID.test(text);
}

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
  if (!inner.success) throw new ProtocolError('bad_arguments', `${type}: ${describe(inner.issues)}.`, id);
  return { id, type, args: inner.output } as ClientMessage;
}

/** Parses what the server said; an event of a newer server is a ProtocolError that a client may ignore. */
export function parseServerMessage(text: string): ServerMessage {
  const parsed = v.safeParse(serverMessage, parseJson(text));
  if (!parsed.success) throw new ProtocolError('bad_message', `Server message: ${describe(parsed.issues)}.`);
  return parsed.output;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ProtocolError('bad_message', 'The message is not JSON.');
  }
}

function isRequestType(type: string): type is RequestType {
  return Object.hasOwn(argsSchemas, type);
}

function readId(json: unknown): number | null {
  const id = typeof json === 'object' && json !== null && 'id' in json ? json.id : null;
  return typeof id === 'number' && Number.isSafeInteger(id) && id >= 0 ? id : null;
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
