/** All that the page "Details" shows and the report says, as it is now. */
import { sumDelay, type DelaySum } from './delay-sum.ts';
import type { EchoState } from './echo-test.ts';
import type { PathStats } from './path-stats.ts';
import type { Connection } from '../signaling-client.ts';
import type { Trouble } from '../trouble.ts';
import type { VoiceQuality } from './voice-window.ts';

export interface PathFacts extends PathStats {
  quality: VoiceQuality | null;
}

export interface DetailsFacts {
  signaling: Connection['state'];
  serverVersion: string | null;
  trouble: Trouble | null;
  /** Null: not open. */
  receiving: PathFacts | null;
  sending: PathFacts | null;
  /** A request's way there and back; only where no transport tells its own. */
  signalingMs: number | null;
  /** Null: the browser does not tell. */
  outputMs: number | null;
  onAir: boolean;
  heardBy: number;
  /** Names. */
  hearing: readonly string[];
  echo: EchoState;
}

export function roundTripOf({ receiving, sending, signalingMs }: DetailsFacts): number | null {
  return receiving?.roundTripMs ?? sending?.roundTripMs ?? signalingMs;
}

export function delayOf(facts: DetailsFacts): DelaySum {
  const { bufferMs = null, frameMs = null } = facts.receiving?.quality ?? {};
  return sumDelay({ roundTripMs: roundTripOf(facts), bufferMs, frameMs, outputMs: facts.outputMs });
}

/** The worse of both ways, 0 to 1; null: no voice yet. */
export function lossOf({ receiving, sending }: DetailsFacts): number | null {
  const known = [receiving, sending].flatMap((path) => path?.quality?.loss ?? []);
  return known.length > 0 ? Math.max(...known) : null;
}

/** `partly`: the server answers, but no way for sound is open. */
export function connectedOf({ signaling, receiving, sending }: DetailsFacts): 'yes' | 'no' | 'partly' {
  if (signaling !== 'ready') return 'no';
  return [receiving, sending].some((path) => path?.state === 'connected') ? 'yes' : 'partly';
}
