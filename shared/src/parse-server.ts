/** Untrusted text of a server: a typed message or a ProtocolError. */
import { ProtocolError } from './errors.ts';
import { parseJson } from './parse-json.ts';
import type { AnnouncementTarget, ServerMessage, SpeakerFault, StreamInfo } from './protocol.ts';
import { anything, fields, flag, list, number, oneOf, optional, orNull, record, text, type Shape } from './shape.ts';

type Messages = { [M in ServerMessage as M['type']]: Shape<Omit<M, 'type'>> };

const streamInfo = fields<StreamInfo>({
  id: text,
  name: text,
  live: flag,
  since: orNull(number),
  receivers: number,
  listeners: number,
  monitor: optional(fields({ state: oneOf('live', 'needsTap', 'lost', 'off'), lastSoundAt: orNull(number) })),
});

const announcementTarget = fields<AnnouncementTarget>({
  entityId: text,
  name: text,
  state: oneOf('starting', 'playing', 'finishing', 'done', 'stopped', 'failed'),
  // A newer server may know more of them.
  fault: optional(text as Shape<SpeakerFault>),
  why: optional(text),
  startDelayMs: optional(number),
});

const messages: Messages = {
  result: fields({ id: number, result: anything }),
  error: fields({ id: orNull(number), code: text, message: text, limit: optional(text) }),
  hello: fields({
    protocolVersion: number,
    minProtocolVersion: number,
    serverVersion: text,
    auth: oneOf('none', 'required'),
    user: optional(fields({ name: orNull(text), isAdmin: flag })),
    time: optional(number),
    limits: fields({
      maxMessageBytes: number,
      maxMessagesPerSecond: number,
      slots: number,
      maxEchoMs: number,
    }),
  }),
  streams: fields({ streams: list(streamInfo) }),
  onAir: fields({ talkId: text }),
  talkEnded: fields({
    talkId: text,
    reason: oneOf('stopped', 'takenOver', 'endedByAdmin', 'echoOver', 'tooLong', 'disconnected', 'closing'),
  }),
  levels: fields({ levels: record(number) }),
  slots: fields({ slots: record(orNull(text)) }),
  notHeard: fields({ streamId: text, code: text, message: text, limit: optional(text) }),
  disconnected: fields({ direction: oneOf('sender', 'receiver'), reason: text }),
  announcement: fields({ announcement: fields({ id: text, targets: list(announcementTarget), over: flag }) }),
  alive: fields({}),
  bye: fields({
    reason: oneOf('closing', 'unauthorized', 'tooManyErrors', 'tooSlow', 'serverFull'),
    limit: optional(text),
  }),
};

/** Parses what the server said; an event of a newer server is a ProtocolError that a client may ignore. */
export function parseServerMessage(said: string): ServerMessage {
  const message = parseJson(said) as { type?: unknown } | null;
  const type = message?.type;
  if (!isKnown(type)) throw new ProtocolError('bad_message', 'The server’s message is of no known type.');
  return { type, ...messages[type](message) } as ServerMessage;
}

function isKnown(type: unknown): type is keyof Messages {
  return typeof type === 'string' && Object.hasOwn(messages, type);
}
