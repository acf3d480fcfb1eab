/** What the card shows of monitors: of its own, of those it hears, and the alarm when one is missed. */
import type { CardFacts, CardView } from './card-view.ts';
import type { MonitorState } from './monitor-sender.ts';
import type { MonitorAlarm, WatchedMonitors } from './monitor-watch.ts';
import type { Session } from './session.ts';
import { say, sayAgo, sayHeardBy, sayNames, sayTrouble } from './texts.ts';
import type { Trouble, TroubleCode } from './trouble.ts';

export interface MonitorFacts {
  /** Of a card that is always on; null of any other. */
  monitor: { state: MonitorState; trouble: Trouble | null } | null;
  /** The monitors that this card hears. */
  watched: WatchedMonitors | null;
  /** `refused`: the browser keeps it silent until somebody taps. */
  alarm: (MonitorAlarm & { refused: boolean }) | null;
}

type View = (state: CardView['state'], headline: string, hint: string, more?: Partial<CardView>) => CardView;

/** What only a person can mend; with all else it tries again by itself. */
const FOR_A_PERSON: readonly TroubleCode[] = ['insecurePage', 'noWebRtc'];

export function collectMonitorFacts(session: Session | null, alwaysOn: boolean, hears: boolean): MonitorFacts {
  const monitoring = hears ? session?.monitoring : undefined;
  const alarm = monitoring?.watch.alarm;
  return {
    monitor: alwaysOn ? { state: session?.monitor.state ?? 'none', trouble: session?.monitor.trouble ?? null } : null,
    watched: monitoring?.watch.watched ?? null,
    alarm: monitoring && alarm ? { ...alarm, refused: monitoring.alarmRefused } : null,
  };
}

/** Of a card that is always on; null: as of any other card. */
export function ownMonitorView(facts: CardFacts, view: View): CardView | null {
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
export function watchedView({ watched, mode, listen }: CardFacts, view: View): CardView | null {
  if (!watched || mode !== 'receiver' || listen === null) return null;
  const names = sayNames(watched.names);
  if (watched.state === 'needsTap') {
    return view('trouble', say('monitor.needsTap', { name: names }), say('monitor.needsTap.hint'));
  }
  return view('idle', names, watchedHint(watched), { voice: watched.ids.at(-1) ?? null });
}

export function watchedHint({ state, lastSoundMs, sounding }: WatchedMonitors): string {
  if (state === 'off') return say('monitor.isOff');
  if (state !== 'live') return say('monitor.reconnecting');
  if (sounding) return say('monitor.sounding');
  return lastSoundMs === null ? say('monitor.noSound') : say('monitor.lastSound', { ago: sayAgo(lastSoundMs) });
}
