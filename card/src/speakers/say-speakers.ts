/** What is said of speakers, of a list of them, and why one did not play. */
import type { AnnouncementTarget, SpeakerFault } from '@voice-streaming/shared/protocol';
import type { FetchedTools } from '../fetched-words.ts';

type Tools = Pick<FetchedTools, 'say' | 'sayNames' | 'sayTrouble' | 'troubleOf' | 'language'>;

export interface Said {
  what: string;
  next: string;
}

/** By name as far as these are read at a glance. */
const NAMED = 2;

const FAULTS: Record<SpeakerFault, true> = {
  notFound: true,
  notAPlayer: true,
  unavailable: true,
  ownDevice: true,
  refused: true,
  neverFetched: true,
  stalled: true,
  displaced: true,
  noTalk: true,
  failed: true,
};

export function sayTargets({ say, sayNames }: Tools, targets: readonly { name: string }[]): string {
  if (targets.length > NAMED) return say('speakers.count', { count: targets.length });
  return sayNames(targets.map(({ name }) => name));
}

/** Who did not play, why, and what to do next. */
export function sayFailed(tools: Tools, targets: readonly AnnouncementTarget[]): Said {
  const reasons = [...new Set(targets.map((target) => sayFault(tools, target)))];
  const isOne = reasons.length === 1;
  return {
    what: tools.say('speakers.failed', { names: tools.sayNames(targets.map(({ name }) => name)) }),
    next: isOne ? (reasons[0] ?? '') : targets.map((target) => `${target.name}: ${sayFault(tools, target)}`).join(' '),
  };
}

export function sayFault({ say }: Tools, { fault = 'failed', why = '' }: AnnouncementTarget): string {
  // One of a newer server.
  const known = Object.hasOwn(FAULTS, fault) ? fault : 'failed';
  return say(`fault.${known}`, { why }).trim();
}

/** The request as a whole was refused, or got no answer. */
export function sayRefused({ say, sayTrouble, troubleOf }: Tools, error: unknown): Said {
  const { code, message } = error as { code?: string; message?: string };
  const what = say('speakers.refused');
  if (code === 'no_speakers') return { what, next: say('speakers.none.reason') };
  if (code === 'unknown_type') return { what, next: sayTrouble({ code: 'serverTooOld' }).next };
  if (code === 'server_full') return { what, next: message ?? '' };
  const trouble = sayTrouble(troubleOf(error));
  return { what, next: trouble.next };
}

/** 2100 ms -> "about 2s behind". */
export function sayBehind({ say, language }: Tools, ms: number): string {
  const seconds = ms / 1_000;
  if (seconds < 0.5) return say('speakers.atOnce');
  const digits = seconds < 2 ? 1 : 0;
  const unit = { style: 'unit', unit: 'second', unitDisplay: 'narrow' } as const;
  const format = new Intl.NumberFormat(language, { ...unit, maximumFractionDigits: digits });
  return say('speakers.behind', { time: format.format(seconds) });
}
