/** What a card's session and config make true for `viewOf`. */
import type { CardFacts } from './card-view.ts';
import type { CardConfig } from './config.ts';
import { microphoneObstacle } from './microphone.ts';
import { collectMonitorFacts } from './monitor-view.ts';
import type { Session } from './session.ts';
import type { Trouble } from './trouble.ts';
import { VERSION } from './version.ts';

/** What the element itself knows. */
export interface ElementFacts extends Pick<CardFacts, 'preview' | 'latched' | 'howling' | 'talkers' | 'speakers'> {
  /** The server is being looked for. */
  searching: boolean;
  serverTrouble: Trouble | null;
  /** See HoldGesture. */
  wasShort: boolean;
}

export function sessionFacts(
  session: Session | null,
  config: CardConfig,
  { preview, searching, serverTrouble, latched, howling, talkers, wasShort, speakers }: ElementFacts,
): CardFacts {
  const sender = session?.sender;
  const receiver = session?.receiver;
  const listen = receiver?.target ?? null;
  const streams = session?.streams ?? [];
  const ownId = session?.streamId ?? null;
  const own = streams.find(({ id }) => id === ownId);
  const canTalk = config.mode !== 'receiver' && !preview;
  const now = Date.now();
  const connection = session?.client.connection.state;
  return {
    mode: config.mode,
    talkMode: config.talk,
    preview,
    connecting: searching || connection === 'connecting',
    sessionTrouble: serverTrouble ?? session?.trouble ?? null,
    talkTrouble: canTalk ? (sender?.trouble ?? microphoneObstacle()) : null,
    talk: sender?.state ?? 'idle',
    latched,
    heardBy: (own?.receivers ?? 0) + (own?.listeners ?? 0),
    onAirMs: now - (sender?.onAirSince ?? now),
    leftMs: sender?.endsAt ? sender.endsAt - now : null,
    howling,
    microphoneOpenMs: Math.max(0, (sender?.microphone.openUntil ?? 0) - now),
    listen,
    needsTap: (receiver?.needsTap ?? false) || (session?.monitoring.screenOff?.blocked ?? false),
    elsewhere: receiver?.elsewhere ?? false,
    talkers,
    chosenName: Array.isArray(listen) ? (streams.find(({ id }) => listen.includes(id))?.name ?? listen.join()) : null,
    outdated: connection === 'ready' && session?.client.serverVersion !== VERSION,
    alone: connection === 'ready' && streams.every(({ id }) => id === ownId),
    ownId,
    speakers,
    chosenIsHere: Array.isArray(listen) && streams.some(({ id }) => listen.includes(id)),
    ...collectMonitorFacts(session, { alwaysOn: config.always_on, hears: config.mode !== 'sender', wasShort }),
  };
}
