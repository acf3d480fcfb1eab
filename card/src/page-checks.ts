/** What only the browser knows of how things are, as checks beside the server's own. Reads facts, asks nobody. */
import type { Check } from '@voice-streaming/shared/protocol';

export interface PageFacts {
  secure: boolean;
  /** As the browser tells it: `granted`, `denied`, `prompt`, or anything else where it does not. */
  permission: string;
  /** Null: the browser does not tell. */
  microphones: number | null;
  connected: boolean;
  /** The state of the sound path; null: not open. */
  path: RTCPeerConnectionState | null;
  /** A try to open it failed. */
  blocked: boolean;
  /** Our clock less the server's; null: not told. */
  clockLeadMs: number | null;
}

/** `next`: what to do, by a key of its own where there are several ways. */
export type PageCheck = Check & { next?: string };

/** Within this a clock is right: an alarm of a monitor is told in seconds. */
const CLOCK_TOLERANCE_MS = 5_000;

export function pageChecks(facts: PageFacts): PageCheck[] {
  return [
    { check: 'https', state: facts.secure ? 'ok' : 'failed' },
    microphone(facts),
    { check: 'connection', state: facts.connected ? 'ok' : 'failed' },
    udp(facts),
    clock(facts),
  ];
}

function microphone({ secure, permission, microphones }: PageFacts): PageCheck {
  const check = 'microphone';
  // Without https nobody is asked, and no setting helps.
  if (!secure) return { check, state: 'waiting', next: 'https.failed' };
  if (permission === 'denied') return { check, state: 'failed' };
  if (microphones === 0) return { check, state: 'failed', next: 'microphone.none' };
  return { check, state: permission === 'granted' ? 'ok' : 'waiting' };
}

function udp({ connected, path, blocked }: PageFacts): PageCheck {
  const check = 'udp';
  if (path === 'connected') return { check, state: 'ok' };
  if (!connected) return { check, state: 'waiting', next: 'connection.failed' };
  return { check, state: blocked ? 'failed' : 'waiting' };
}

function clock({ clockLeadMs }: PageFacts): PageCheck {
  if (clockLeadMs === null) return { check: 'clock', state: 'waiting' };
  return { check: 'clock', state: Math.abs(clockLeadMs) > CLOCK_TOLERANCE_MS ? 'warning' : 'ok' };
}
