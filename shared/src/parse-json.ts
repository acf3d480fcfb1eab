/** The first step of both directions of parsing. */
import { ProtocolError } from './errors.ts';

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ProtocolError('bad_message', 'The message is not JSON.');
  }
}
