/** What is heard over bad networks: a talk in virtual time through the relay's own parts, the same on every machine. */
import { beforeAll, describe, expect, test } from 'vitest';
import { compareSpeech, SAME_SPEECH } from '../support/judge.ts';
import type { Faults } from '../support/network-faults.ts';
import { encodeOpus } from '../support/opus-voice.ts';
import { hearOver } from '../support/spoilt-way.ts';
import { COUNTING, speak, type Speech } from '../support/speech.ts';

const FRAME_MS = 20;

let speech: Speech;
let packets: Buffer[];

beforeAll(async () => {
  speech = await speak(COUNTING);
  packets = await encodeOpus(speech.pcm, { fec: true });
});

/** Of all frames, in per cent, at most: missing when a browser wants them, and guessed for a player. */
interface Bounds {
  missing: number;
  concealed: number;
}

const CASES: [name: string, faults: Faults, up: Bounds, down: Bounds][] = [
  ['no fault', {}, { missing: 0, concealed: 0 }, { missing: 0, concealed: 0 }],
  ['loss of 1 %', { loss: 0.01 }, { missing: 0.1, concealed: 0.1 }, { missing: 0.1, concealed: 0 }],
  ['loss of 5 %', { loss: 0.05 }, { missing: 0.1, concealed: 0.5 }, { missing: 0.1, concealed: 0 }],
  ['loss of 20 %', { loss: 0.2 }, { missing: 2, concealed: 6 }, { missing: 2, concealed: 0 }],
  ['jitter of 60 ms', { jitterMs: 60 }, { missing: 0, concealed: 0 }, { missing: 0, concealed: 0 }],
  ['a delay of 100 ms', { delayMs: 100 }, { missing: 0, concealed: 0 }, { missing: 0, concealed: 0 }],
  ['a quarter overtaken', { reorder: 0.25 }, { missing: 0, concealed: 0 }, { missing: 0, concealed: 0 }],
  ['a tenth twice', { duplicate: 0.1 }, { missing: 0, concealed: 0 }, { missing: 0, concealed: 0 }],
  [
    'loss of 5 % and jitter of 60 ms',
    { loss: 0.05, jitterMs: 60 },
    { missing: 1, concealed: 3.5 },
    { missing: 1, concealed: 0 },
  ],
];
const SEEDS = [1, 2];

async function heardOver(way: 'up' | 'down', faults: Faults): Promise<Bounds & { samples: number }> {
  const total = { missing: 0, concealed: 0, samples: 0 };
  for (const seed of SEEDS) {
    const { browser, player } = await hearOver({ packets, [way]: faults, seed });
    total.missing += (100 * browser.missing) / packets.length / SEEDS.length;
    total.concealed += (100 * player.stats.concealedFrames) / packets.length / SEEDS.length;
    total.samples += player.pcm.length / SEEDS.length;
  }
  return total;
}

describe.each(['up', 'down'] as const)('on the way %s', (way) => {
  test.each(CASES)('%s', async (_name, faults, up, down) => {
    const promised = way === 'up' ? up : down;
    const heard = await heardOver(way, faults);
    expect(heard.missing).toBeLessThanOrEqual(promised.missing);
    expect(heard.concealed).toBeLessThanOrEqual(promised.concealed);
    // The talk, and the second of silence after it: nothing is stretched and nothing cut off.
    expect(Math.abs(heard.samples / 48 - (packets.length * FRAME_MS + 1000))).toBeLessThanOrEqual(100);
  });
});

test('at 20 % lost, up and down, every sentence is understood by both', async () => {
  const { browser, player } = await hearOver({ packets, up: { loss: 0.2 }, down: { loss: 0.2 } });
  for (const pcm of [browser.pcm, player.pcm]) {
    const verdict = compareSpeech(pcm, speech.pcm);
    expect(verdict.score, JSON.stringify(verdict)).toBeGreaterThan(SAME_SPEECH);
  }
});

test.each([4, 30])(
  'after an outage of %i s, over the wrap of the numbers, all is heard live, and nothing in a hurry',
  async (seconds) => {
    const fromMs = 5_000;
    const forMs = seconds * 1000;
    const long = Array.from({ length: (fromMs + forMs) / FRAME_MS + 250 }, (_, n) => packets[n % packets.length]!);
    const firstSequenceNumber = 65_536 - (fromMs + forMs / 2) / FRAME_MS;
    const { browser, player, stream } = await hearOver({
      packets: long,
      outage: { fromMs, forMs },
      firstSequenceNumber,
    });
    const lost = forMs / FRAME_MS;
    const afterwards = browser.latencyMs.slice(fromMs / FRAME_MS + lost + 1);
    expect(afterwards).toHaveLength(249);
    expect(afterwards.every((latencyMs) => latencyMs === 0)).toBe(true);
    expect(browser.missing).toBeLessThanOrEqual(lost + 1);
    expect(player.stats).toMatchObject({ droppedMs: 0, concealedFrames: 0 });
    expect(player.pcm.length / 48).toBe(long.length * FRAME_MS + 1000);
    expect(stream.packetsStale).toBe(0);
  },
);
