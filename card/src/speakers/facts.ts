/** What a card shows of its speakers: a pure function of what plays, so that all of it is tested in one place. */
import type { Announcement, AnnouncementTarget } from '@voice-streaming/shared/protocol';
import type { SpeakersFacts } from '../card-speakers.ts';
import type { FetchedTools } from '../fetched-words.ts';
import type { SenderState } from '../sender.ts';
import { sayBehind, sayFailed, sayRefused, sayTargets } from './say-speakers.ts';

export interface SpeakersNow {
  /** Those that the next press goes to. */
  count: number;
  talk: SenderState;
  /** Asked for, and no answer yet. */
  isAsking: boolean;
  shown: readonly Announcement[];
  error: unknown;
}

export function speakersFacts(
  tools: FetchedTools,
  { count, talk, isAsking, shown, error }: SpeakersNow,
): SpeakersFacts | null {
  const { say } = tools;
  const running = shown.filter(({ over }) => !over);
  // One that is over for some still plays on others: its faults are told at once.
  const targets = (running.length > 0 ? running : shown.slice(-1)).flatMap(({ targets }) => targets);
  const failed = targets.filter(({ state }) => state === 'failed');
  const playing = targets.filter(({ state }) => state === 'playing' || state === 'finishing');
  const starting = targets.filter(({ state }) => state === 'starting');
  const talks = talk !== 'idle';
  const said = error !== null ? sayRefused(tools, error) : failed.length > 0 ? sayFailed(tools, failed) : null;
  const wrong = said && `${said.what}: ${said.next}`;
  const facts: SpeakersFacts = {
    state: said ? 'failed' : playing.length > 0 ? 'playing' : starting.length > 0 || isAsking ? 'starting' : 'chosen',
    sign: say('speakers.more', { count }),
    count,
    playing: playing.length,
    note: talks ? wrong : null,
    stop: null,
    trouble: talks ? null : said,
  };
  const active = [...playing, ...starting];
  if (running.length > 0 && active.length > 0) {
    facts.sign = signOf(tools, playing, starting);
    facts.count = active.length;
    if (!talks) {
      facts.stop = say('speakers.stop');
      facts.note = wrong ?? stillOf(tools, playing, starting);
      facts.trouble = null;
    }
  }
  return facts.count > 0 || facts.trouble || facts.note !== null ? facts : null;
}

function signOf(
  tools: FetchedTools,
  playing: readonly AnnouncementTarget[],
  starting: readonly AnnouncementTarget[],
): string {
  const { say } = tools;
  if (playing.length === 0) return say('speakers.starting', { names: sayTargets(tools, starting) });
  const [only] = playing;
  const plays = say('speakers.playing', { names: sayTargets(tools, playing) });
  if (playing.length > 1 || only?.startDelayMs === undefined) return plays;
  return `${plays} · ${sayBehind(tools, only.startDelayMs)}`;
}

function stillOf(
  tools: FetchedTools,
  playing: readonly AnnouncementTarget[],
  starting: readonly AnnouncementTarget[],
): string {
  const { say } = tools;
  if (playing.length === 0) return say('speakers.soon', { names: sayTargets(tools, starting) });
  return say('speakers.still', { names: sayTargets(tools, playing) });
}
