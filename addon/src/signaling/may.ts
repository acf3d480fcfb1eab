/** What the owner's lists allow a session, as refusals with codes of their own. */
import { RequestError } from '@voice-streaming/shared/errors';
import type { ListenTarget } from '@voice-streaming/shared/protocol';
import type { Rights } from './ports.ts';

export function requireTalking(rights: Rights | undefined): void {
  if (rights?.mayTalk === false) {
    throw new RequestError('may_not_talk', 'You may not talk here: an administrator chose who may.');
  }
}

/** Of several streams some are enough: the others stay silent. */
export function requireHearing(rights: Rights | undefined, to: ListenTarget): void {
  if (!rights || to === null || (Array.isArray(to) && to.length === 0)) return;
  if (Array.isArray(to) ? to.some((id) => rights.mayHear(id)) : rights.mayListen) return;
  const what = Array.isArray(to) && rights.mayListen ? `to ${to.map((id) => `"${id}"`).join(', ')}` : 'here';
  throw new RequestError('may_not_listen', `You may not listen ${what}: an administrator chose who may.`);
}
