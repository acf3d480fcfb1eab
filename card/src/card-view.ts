/** What the card shows: a pure function of the facts, so that states are told apart, drawn and tested in one place. */
import type { ListenTarget } from '@voice-streaming/shared/protocol';
import type { SpeakersFacts } from './card-speakers.ts';
import type { Mode, TalkMode } from './config.ts';
import {
  alarmView,
  ownMonitorView,
  watchedNote,
  watchedView,
  watchedWarning,
  type MonitorFacts,
} from './monitor-view.ts';
import type { SenderState } from './sender.ts';
import type { TalkerRow } from './talker-rows.ts';
import { say, sayDuration, sayHeardBy, sayNames, sayTrouble } from './texts.ts';
import type { Trouble, TroubleCode } from './trouble.ts';

export type ViewState = 'idle' | 'opening' | 'onAir' | 'closing' | 'receiving' | 'needsTap' | 'trouble' | 'alarm';

export interface CardView {
  state: ViewState;
  headline: string;
  hint: string;
  /** The hint is a warning of what goes on now. */
  urgent: boolean;
  /** Of the own talk: how long, or how long still. */
  time: string;
  /** Of the last seconds of a talk that may not last longer, 1 to 0; null before. */
  countdown: number | null;
  /** The microphone is open though nobody is on air. */
  microphoneOpen: boolean;
  trouble: TroubleCode | null;
  /** Starts the add-on. */
  start?: (() => void) | undefined;
  /** The server is not there: nothing here can be done now. */
  offline: boolean;
  /** Two and more; one alone is the headline. */
  talkers: readonly TalkerRow[];
  /** The stream whose level the ring shows. */
  voice: string | null;
  /** An alarm that nobody has tapped yet. */
  unheard: boolean;
  /** The headline is a button: speakers still play. */
  stops: boolean;
}

export interface CardFacts extends MonitorFacts {
  mode: Mode;
  talkMode: TalkMode;
  /** Only to be looked at: in an editor or a picker. */
  preview: boolean;
  connecting: boolean;
  /** In the way of everything. */
  sessionTrouble: Trouble | null;
  /** In the way of talking only. */
  talkTrouble: Trouble | null;
  talk: SenderState;
  latched: boolean;
  /** Clients that hear this device's talk, by WebRTC or by URL. */
  heardBy: number;
  onAirMs: number;
  /** Until this talk has lasted as long as it may; null: no limit. */
  leftMs: number | null;
  howling: boolean;
  /** The microphone is open: for so long still, or Infinity; 0 when it is closed. */
  microphoneOpenMs: number;
  listen: ListenTarget;
  needsTap: boolean;
  /** Another tab of this browser plays. */
  elsewhere: boolean;
  /** Those who can be heard now, in order of speaking. */
  talkers: readonly TalkerRow[];
  /** The stream that was chosen, where it is one. */
  chosenName: string | null;
  /** The server knows it, as the device is connected. */
  chosenIsHere: boolean;
  /** Nobody else is connected. */
  alone: boolean;
  /** The server is of another version than this card: understood, but a reload brings the new one. */
  outdated: boolean;
  ownId: string | null;
  /** Speakers of the house that a press goes to as well, or that play still. */
  speakers: SpeakersFacts | null;
}

/** A talk's limit shows from here on. */
export const COUNTDOWN_MS = 10_000;

const AWAY: readonly TroubleCode[] = ['serverAway', 'serverFull'];

/** In order of worth: one's own talk, a monitor that is missed, what is wrong with everything, what is heard, what is wrong with talking. */
export function viewOf(facts: CardFacts): CardView {
  const { mode, talk } = facts;
  const own = ownMonitorView(facts, view);
  if (own) return own;
  if (mode !== 'receiver' && talk !== 'idle') return talkView(facts);
  const alarm = alarmView(facts, view);
  if (alarm) return alarm;
  if (facts.sessionTrouble) return troubleView(facts.sessionTrouble);
  if (mode !== 'sender') {
    const view = hearView(facts);
    if (view) return view;
  }
  const { speakers } = facts;
  if (speakers?.stop) {
    return view('idle', speakers.stop, speakers.note ?? '', { stops: true, urgent: speakers.state === 'failed' });
  }
  if (mode !== 'receiver' && facts.talkTrouble) return troubleView(facts.talkTrouble);
  if (speakers?.trouble) return view('trouble', speakers.trouble.what, speakers.trouble.next);
  return idleView(facts);
}

function view(state: ViewState, headline: string, hint: string, more: Partial<CardView> = {}): CardView {
  return {
    state,
    headline,
    hint,
    urgent: false,
    time: '',
    countdown: null,
    microphoneOpen: false,
    trouble: null,
    offline: false,
    talkers: [],
    voice: null,
    unheard: false,
    stops: false,
    ...more,
  };
}

function hearView(facts: CardFacts): CardView | null {
  const { talkers, listen, needsTap, watched } = facts;
  const live = listen === null ? [] : talkers.filter(({ live }) => live);
  const count = live.length;
  const names = sayNames(live.map(({ name }) => name));
  if (needsTap) {
    const why = count > 0 ? say('listen.tap.now', { names, count }) : say('listen.tap.hint');
    return view('needsTap', say('listen.tap'), watched ? say('alarm.muted') : why);
  }
  if (listen === null || count === 0) return watchedView(facts, view);
  const isSound = live.every(({ id }) => watched?.ids.includes(id));
  const what = isSound ? say('monitor.sounding') : say('listen.speaking', { count });
  const warning = watched && watchedWarning(watched);
  // The button still talks.
  const hint = facts.mode === 'intercom' ? `${what} · ${sayHowToTalk(facts)}` : what;
  return view('receiving', names, warning ?? hint, {
    urgent: warning !== null,
    talkers: talkers.length > 1 ? talkers : [],
    voice: live.at(-1)?.id ?? null,
  });
}

function idleView(facts: CardFacts): CardView {
  const { mode, talkMode, listen, chosenName, microphoneOpenMs } = facts;
  if (facts.connecting) return view('idle', say('talk.connecting'), '');
  if (mode === 'receiver') {
    if (facts.preview) return view('idle', say('listen.quiet'), say('card.preview'));
    if (listen === null) return view('idle', say('listen.muted'), say('listen.muted.hint'));
    if (facts.elsewhere) return view('idle', say('listen.elsewhere'), say('listen.elsewhere.hint'));
    if (facts.outdated) return view('idle', say('listen.quiet'), updatedHint());
    if (chosenName !== null)
      return view('idle', chosenName, say(facts.chosenIsHere ? 'listen.quiet.one' : 'list.absent'));
    return view('idle', say('listen.quiet'), say('listen.quiet.latest'));
  }
  const headline = sayHowToTalk(facts);
  if (facts.preview) return view('idle', headline, say('card.preview'));
  if (microphoneOpenMs > 0) {
    const hint = Number.isFinite(microphoneOpenMs)
      ? say('microphone.open', { seconds: Math.ceil(microphoneOpenMs / 1000) })
      : say('microphone.always');
    return view('idle', headline, hint, { microphoneOpen: true });
  }
  if (facts.watched && listen !== null && !facts.elsewhere) {
    return view('idle', headline, watchedNote(facts.watched), { urgent: watchedWarning(facts.watched) !== null });
  }
  if (facts.outdated) return view('idle', headline, updatedHint());
  if (facts.alone) return view('idle', headline, say('list.empty'));
  if (mode === 'intercom' && listen === null) return view('idle', headline, say('listen.muted.note'));
  if (mode === 'intercom' && facts.elsewhere) return view('idle', headline, say('listen.elsewhere'));
  return view('idle', headline, talkMode === 'both' ? say('talk.hold.hint') : say('talk.everybody'));
}

function sayHowToTalk({ talkMode }: CardFacts): string {
  return say(talkMode === 'latch' ? 'talk.tap' : 'talk.hold');
}

function updatedHint(): string {
  return sayTrouble({ code: 'cardTooOld' }).next;
}

function talkView(facts: CardFacts): CardView {
  const { talk, leftMs, ownId, speakers } = facts;
  if (talk === 'closing') return view('closing', say('talk.closing'), say('talk.closing.hint'));
  if (talk !== 'onAir') return view('opening', say('talk.opening'), say('talk.opening.hint'));
  const counting = leftMs !== null && leftMs <= COUNTDOWN_MS;
  const heardBy = sayHeardBy(Math.max(facts.heardBy, speakers?.playing ?? 0));
  const hint = `${speakers?.note ?? heardBy} · ${say(facts.latched ? 'talk.latched.hint' : 'talk.held.hint')}`;
  return view('onAir', say('talk.onAir'), facts.howling ? say('talk.howling') : hint, {
    urgent: facts.howling || Boolean(speakers?.note),
    time: counting ? say('talk.left', { seconds: Math.max(0, Math.ceil(leftMs / 1000)) }) : sayDuration(facts.onAirMs),
    countdown: counting ? Math.max(0, leftMs / COUNTDOWN_MS) : null,
    voice: ownId,
  });
}

function troubleView(trouble: Trouble): CardView {
  const { what, next } = sayTrouble(trouble);
  const { code, start } = trouble;
  return view('trouble', what, next, { trouble: code, offline: AWAY.includes(code), start });
}
