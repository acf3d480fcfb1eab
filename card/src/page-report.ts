/** The report of the page "Details", made outside the card: both paths are read once, and the checks are with it. */
import type { Check, Direction } from '@voice-streaming/shared/protocol';
import { parseConfig } from './config.ts';
import type { PathFacts } from './details/facts.ts';
import { readPath } from './details/path-stats.ts';
import { report } from './details/report.ts';
import type { Surroundings } from './details/surroundings.ts';
import { takeToken } from './page-token.ts';
import type { Session } from './session.ts';

export async function pageReport(
  session: Session,
  surroundings: Surroundings | null,
  checks: readonly Check[],
): Promise<string> {
  const path = async (direction: Direction): Promise<PathFacts | null> => {
    const { peer } = session.transports[direction];
    const stats = peer && (await readPath(peer).catch(() => null));
    return stats && { ...stats, quality: null };
  };
  const [receiving, sending] = await Promise.all([path('receiver'), path('sender')]);
  const own = session.streams.find(({ id }) => id === session.streamId);
  return report({
    facts: {
      signaling: session.client.connection.state,
      serverVersion: session.client.serverVersion,
      trouble: session.trouble,
      receiving,
      sending,
      signalingMs: null,
      outputMs: null,
      onAir: session.sender.state === 'onAir',
      heardBy: (own?.receivers ?? 0) + (own?.listeners ?? 0),
      hearing: session.receiver.talkers.map(({ name }) => name),
      echo: { state: 'idle' },
    },
    config: parseConfig({ type: 'custom:voice-streaming-card', mode: 'intercom' }),
    surroundings,
    troubles: session.troubles.entries,
    checks,
    secrets: [session.device.key, takeToken()],
  });
}
