/** What the card shows of monitors: of its own, of those it hears, and the alarm when one is missed. */
import type { CardFacts, CardView } from './card-view.ts';
import type { MonitorState } from './monitor-sender.ts';
import type { MonitorAlarm, WatchedMonitors } from './monitor-watch.ts';
import type { Session } from './session.ts';
import { say, sayAgo, sayHeardBy, sayNames, sayTrouble } from './texts.ts';
import type { Trouble, TroubleCode } from './trouble.ts';

export interface MonitorFacts {
  /** Of a card that is always on; null of any other. */
  monitor: { state: MonitorState; trouble: Trouble | null; wasShort: boolean } | null;
  /** The monitors that this card hears. */
  watched: WatchedMonitors | null;
  /** `refused`: the browser keeps it silent until somebody taps. */
  alarm: (MonitorAlarm & { refused: boolean }) | null;
}

type View = (state: CardView['state'], headline: string, hint: string, more?: Partial<CardView>) => CardView;

/** What only a person can mend; with all else it tries again by itself. */
const FOR_A_PERSON: readonly TroubleCode[] = ['insecurePage', 'noWebRtc', 'mayNot'];

/** `wasShort`: see HoldGesture. */
export function collectMonitorFacts(
  session: Session | null,
  { alwaysOn, hears, wasShort }: { alwaysOn: boolean; hears: boolean; wasShort: boolean },
): MonitorFacts {
  const monitoring = hears ? session?.monitoring : undefined;
  const alarm = monitoring?.watch.alarm;
  return {
    monitor: alwaysOn
      ? { state: session?.monitor.state ?? 'none', trouble: session?.monitor.trouble ?? null, wasShort }
      : null,
    watched: monitoring?.watch.watched ?? null,
    alarm: monitoring && alarm ? { ...alarm, refused: monitoring.alarmRefused } : null,
  };
}

/** Of a card that is always on; null: as of any other card. */
export function ownMonitorView(facts: CardFacts, make: View): CardView | null {
  const view = ownView(facts, make);
  return view && facts.monitor?.wasShort ? { ...view, hint: say('monitor.hold'), urgent: true } : view;
}

function ownView(facts: CardFacts, view: View): CardView | null {
  const { monitor, preview, heardBy, ownId, sessionTrouble } = facts;
  if (!monitor) return null;
  if (preview) return view('idle', say('monitor.title'), say('card.preview'));
  switch (monitor.state) {
    case 'live':
      return view('onAir', say('monitor.onAir'), `${say('monitor.onAir.hint')} · ${sayHeardBy(heardBy)}`, {
        voice: ownId,
      });
    case 'off':
      return view('idle', say('monitor.off'), say('monitor.off.hint'));
    case 'elsewhere':
      return view('idle', say('monitor.elsewhere'), say('monitor.elsewhere.hint'));
    case 'needsTap': {
      const hint = monitor.trouble ? sayTrouble(monitor.trouble).next : say('monitor.tap.hint');
      return view('needsTap', say('monitor.tap'), hint);
    }
    default: {
      if (sessionTrouble) return null;
      if (!monitor.trouble) return view('opening', say('talk.opening'), say('monitor.starting'));
      const { what, next } = sayTrouble(monitor.trouble);
      const hint = FOR_A_PERSON.includes(monitor.trouble.code) ? next : say('monitor.retrying');
      return view('trouble', what, hint, { trouble: monitor.trouble.code });
    }
  }
}

export function alarmView({ alarm }: CardFacts, view: View): CardView | null {
  if (!alarm) return null;
  const what = say(`alarm.${alarm.reason}`, { name: alarm.name });
  const next = alarm.acknowledged ? '' : say(alarm.refused ? 'alarm.refused' : 'alarm.tap');
  return view('alarm', say('alarm.title'), `${what} ${next}`.trim(), { urgent: true, unheard: !alarm.acknowledged });
}

/** Nothing is heard of them just now. */
export function watchedView({ watched, mode, listen, elsewhere }: CardFacts, view: View): CardView | null {
  if (!watched || mode !== 'receiver' || listen === null || elsewhere) return null;
  const names = sayNames(watched.names);
  if (watched.state === 'needsTap') {
    return view('trouble', say('monitor.needsTap', { name: names }), say('monitor.needsTap.hint'));
  }
  const warning = watchedWarning(watched);
  const hint = watched.state === 'off' ? sayLastSound(watched) : watchedHint(watched);
  if (warning !== null) return view('trouble', warning, hint);
  return view('idle', names, hint, { voice: watched.ids.at(-1) ?? null });
}

/** Why nothing will be heard of one of them, though there is no alarm: a person has it so. */
export function watchedWarning({ off, silenced }: WatchedMonitors): string | null {
  if (off.length > 0) return say('monitor.isOff', { name: sayNames(off) });
  return silenced.length > 0 ? say('monitor.silenced', { name: sayNames(silenced) }) : null;
}

/** Of all of them in one line, by name. */
export function watchedNote(watched: WatchedMonitors): string {
  return watchedWarning(watched) ?? `${sayNames(watched.names)}: ${watchedHint(watched)}`;
}

function watchedHint(watched: WatchedMonitors): string {
  if (watched.state !== 'live') return say('monitor.reconnecting');
  return watched.sounding ? say('monitor.sounding') : sayLastSound(watched);
}

function sayLastSound({ lastSoundMs }: WatchedMonitors): string {
  return lastSoundMs === null ? say('monitor.noSound') : say('monitor.lastSound', { ago: sayAgo(lastSoundMs) });
}
