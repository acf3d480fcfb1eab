/** Untrusted text of a server: a typed message or a ProtocolError. */
import * as v from 'valibot';
import { ProtocolError } from './errors.ts';
import { describe, direction, parseJson } from './parse-json.ts';
import type { ServerMessage } from './protocol.ts';

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

/** Parses what the server said; an event of a newer server is a ProtocolError that a client may ignore. */
export function parseServerMessage(text: string): ServerMessage {
  const parsed = v.safeParse(serverMessage, parseJson(text));
  if (!parsed.success) throw new ProtocolError('bad_message', `Server message: ${describe(parsed.issues)}.`);
  return parsed.output;
}
