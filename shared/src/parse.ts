/**
 * The only trusted door: unknown text in, a typed message or a ProtocolError out. Both ends parse here, the add-on
 * what cards say, with valibot, which has a reason for each malformed message, and the card what the add-on says, with
 * shapes of our own (shape.ts), which are light. A file for each direction, so that neither ships what it does not need.
 */
export * from './parse-client.ts';
export * from './parse-server.ts';
export { isStreamId, RESERVED_STREAM_IDS } from './stream-id.ts';
