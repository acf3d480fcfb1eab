/** What a page's browser says about the sound that came, summed over its connections: getStats. */
import type { Page } from 'playwright-core';

const COUNTERS = [
  'packetsReceived',
  'packetsLost',
  'packetsDiscarded',
  'nackCount',
  'retransmittedPacketsReceived',
  'fecPacketsReceived',
  'totalSamplesReceived',
  'concealedSamples',
  'silentConcealedSamples',
  'concealmentEvents',
  'insertedSamplesForDeceleration',
  'removedSamplesForAcceleration',
  'jitterBufferDelay',
  'jitterBufferEmittedCount',
] as const;

type Counts = Record<(typeof COUNTERS)[number], number>;

export class InboundSound {
  readonly counts: Counts;

  constructor(counts: Counts) {
    this.counts = counts;
  }

  since({ counts: before }: InboundSound): InboundSound {
    const counts = Object.fromEntries(COUNTERS.map((name) => [name, this.counts[name] - before[name]]));
    return new InboundSound(counts as Counts);
  }

  /** Of what was played, what the browser had to make up as nothing was there to play; not in silence. */
  get concealedShare(): number {
    const { concealedSamples, silentConcealedSamples, totalSamplesReceived } = this.counts;
    return (concealedSamples - silentConcealedSamples) / totalSamplesReceived;
  }

  get bufferedMs(): number {
    return (this.counts.jitterBufferDelay / this.counts.jitterBufferEmittedCount) * 1000;
  }
}

export async function inboundSound(page: Page): Promise<InboundSound> {
  const counts = await page.evaluate(async (names) => {
    const total = Object.fromEntries(names.map((name) => [name, 0])) as Record<string, number>;
    for (const connection of window.testEar.connections) {
      const report = (await connection.getStats()) as unknown as Map<string, Record<string, unknown>>;
      for (const entry of report.values()) {
        if (entry['type'] !== 'inbound-rtp') continue;
        for (const name of names) total[name]! += Number(entry[name] ?? 0);
      }
    }
    return total;
  }, COUNTERS);
  return new InboundSound(counts as Counts);
}
