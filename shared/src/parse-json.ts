/** What both directions of parsing have in common. */
import * as v from 'valibot';
import { ProtocolError } from './errors.ts';

export const direction = v.picklist(['sender', 'receiver'], 'must be "sender" or "receiver"');

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ProtocolError('bad_message', 'The message is not JSON.');
  }
}

/** The first issue as `"path" what is wrong`; valibot's own messages would quote what was received, tokens too. */
export function describe(issues: readonly v.BaseIssue<unknown>[]): string {
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

export function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
