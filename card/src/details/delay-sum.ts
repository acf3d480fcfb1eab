/** Mouth to ear as a sum of what is known. A part that nobody knows is null, and the sum then says "at least". */

export interface DelayFacts {
  /** Of our transport; null: not known. */
  roundTripMs: number | null;
  bufferMs: number | null;
  /** Sound in one packet, which leaves when its last sample has been spoken; null: not known, so as our server asks for it. */
  frameMs: number | null;
  outputMs: number | null;
}

export type DelayPart = 'frame' | 'talker' | 'relay' | 'network' | 'buffer' | 'output';

export interface DelaySum {
  parts: readonly { part: DelayPart; ms: number | null }[];
  ms: number;
  /** A part is missing: it is more than that. */
  atLeast: boolean;
}

/** ptime in the server's answer. */
const USUAL_FRAME_MS = 10;
/** `npm run bench -- relay`: below one millisecond at twenty receivers, so this is rather too much. */
const RELAY_MS = 1;

export function sumDelay({ roundTripMs, bufferMs, frameMs, outputMs }: DelayFacts): DelaySum {
  const oneWayMs = roundTripMs === null ? null : roundTripMs / 2;
  const parts: DelaySum['parts'] = [
    { part: 'frame', ms: frameMs ?? USUAL_FRAME_MS },
    // The server, being ICE-lite, checks nobody and knows no round trip: the talker's is taken to be like ours.
    { part: 'talker', ms: oneWayMs },
    { part: 'relay', ms: RELAY_MS },
    { part: 'network', ms: oneWayMs },
    { part: 'buffer', ms: bufferMs },
    { part: 'output', ms: outputMs },
  ];
  return {
    parts,
    ms: parts.reduce((sum, { ms }) => sum + (ms ?? 0), 0),
    atLeast: parts.some(({ ms }) => ms === null),
  };
}
