/**
 * The only trusted door: unknown text in, a typed message or a ProtocolError out. Both ends parse here, the add-on
 * what cards say and the card what the add-on says. valibot, as it is small enough to ship in the card, which takes of
 * it and of this only what it needs: a file for each direction.
 */
export * from './parse-client.ts';
export * from './parse-server.ts';
export { isStreamId, RESERVED_STREAM_IDS } from './stream-id.ts';
