/**
 * One session per page and server URL, shared by all cards of the page; it stays a while after the last card is gone, so
 * that sound survives a change of dashboard view.
 */
import type { ListenTarget } from '@voice-streaming/shared/protocol';
import type { Needs } from './needs.ts';
import { Session, type SessionOptions } from './session.ts';

/** What a card needs of the session while it is there. */
export interface Lease {
  readonly session: Session;
  /** Of the session. */
  readonly url: string;
  release(): void;
}

/** A change of view takes the card away for less than this. */
const LINGER_MS = 60_000;

interface Entry {
  session: Session;
  leases: number;
  /** While nobody holds a lease: ends what the last card used, then the session. */
  lingering: { timer: ReturnType<typeof setInterval>; stopUse: () => void } | null;
}

const entries = new Map<string, Entry>();
/** What a person chose to hear stays for as long as the page does. */
const choices = new Map<string, ListenTarget | undefined>();

/** The page's session with this server; made by the first card, closed a while after the last. */
export function leaseSession(options: SessionOptions, needs: Needs): Lease {
  const { url } = options;
  let entry = entries.get(url);
  if (!entry) {
    const session = new Session({ choice: choices.get(url), ...options });
    entries.set(url, (entry = { session, leases: 0, lingering: null }));
  } else {
    entry.session.setConfigName(options.name);
    if (options.token !== undefined) entry.session.client.setToken(options.token);
  }
  const held = entry;
  const { session } = held;
  held.leases += 1;
  const stopUse = session.use(needs);
  if (held.lingering) {
    clearInterval(held.lingering.timer);
    held.lingering.stopUse();
    held.lingering = null;
  }
  let released = false;
  return {
    session,
    url,
    release: () => {
      if (released) return;
      released = true;
      held.leases -= 1;
      if (!session.monitor.wanted) session.sender.end();
      if (held.leases > 0) {
        stopUse();
        return;
      }
      const timer = setInterval(() => {
        // Home Assistant takes the dashboard out of a page that is hidden for five minutes, and puts it back.
        if (document.hidden && session.staysAwake) return;
        // Whoever looks at something else relies on the monitor all the more.
        if (session.monitoring.reliedOn) return;
        clearInterval(timer);
        choices.set(url, session.receiver.choice);
        session.close();
        entries.delete(url);
      }, LINGER_MS);
      held.lingering = { timer, stopUse };
    },
  };
}
