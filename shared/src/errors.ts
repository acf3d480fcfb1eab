/**
 * Every way a request can fail, as it stands on the wire. Codes are for programs and never change their meaning; the
 * sentence beside a code is for a person and may.
 */
export const ERROR_CODES = [
  /** Not JSON, not an object, or a binary frame. */
  'bad_message',
  /** `type` names no request of this protocol version. */
  'unknown_type',
  /** A field is missing, of the wrong type or out of its range. */
  'bad_arguments',
  /** The message has more bytes than `hello.limits.maxMessageBytes`. */
  'message_too_large',
  /** More messages a second than `hello.limits.maxMessagesPerSecond`. */
  'rate_limited',
  /** The session must `authenticate` first, or the token is wrong. */
  'unauthorized',
  /** Only an administrator may do this. */
  'forbidden',
  /** The owner's lists let this user not talk. */
  'may_not_talk',
  /** The owner's lists let this user not listen, or not to this. */
  'may_not_listen',
  /** The session must `introduce` itself first. */
  'not_introduced',
  /** The session must `connectSender` before `startTalk`, or `connectReceiver` before an echo. */
  'not_connected',
  /** The offer is no SDP, has no audio, or asks for what the server refuses. */
  'bad_offer',
  /** The offer's audio section has no Opus at 48 kHz. */
  'no_opus',
  /** Another client has a live stream of this id. */
  'stream_busy',
  /** As many hear this stream as may; it is heard as soon as one of them leaves. */
  'stream_full',
  /** No stream of this id is live. */
  'stream_not_found',
  /** `stopTalk` while no talk is running. */
  'not_talking',
  /** Speakers are Home Assistant's, and there is none, it does not answer, or the port they play from is closed. */
  'no_speakers',
  /** No announcement of this id is under way, or it is another's. */
  'announcement_not_found',
  /** A limit of the server is reached: clients, streams or UDP ports. */
  'server_full',
  /** The disk did not take it: nothing has changed. */
  'not_stored',
  /** The server is closing. */
  'closing',
  /** Ours: logged on the server, no detail on the wire. */
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export interface RequestErrorOptions extends ErrorOptions {
  /** The limit that was reached, by its name in PROTOCOL.md. */
  limit?: string | undefined;
}

/** A request that was understood and refused: `code` for programs, `message` a sentence for a person. */
export class RequestError extends Error {
  readonly code: ErrorCode;
  readonly limit: string | undefined;

  constructor(code: ErrorCode, message: string, options?: RequestErrorOptions) {
    super(message, options);
    this.name = 'RequestError';
    this.code = code;
    this.limit = options?.limit;
  }
}

/** Untrusted text that is no message of this protocol. `requestId` is known when at least the id could be read. */
export class ProtocolError extends RequestError {
  readonly requestId: number | null;

  constructor(code: ErrorCode, message: string, requestId: number | null = null, limit?: string) {
    super(code, message, { limit });
    this.name = 'ProtocolError';
    this.requestId = requestId;
  }
}
