/** Ten thousand inputs, always the same, and the seeds of former failures; `npm run fuzz` tries a million others. */
import { expect, test } from 'vitest';
import { runCampaign } from '../fuzz/campaign.ts';
import { keptSeeds } from '../fuzz/kept-seeds.ts';
import { TARGETS } from '../fuzz/targets.ts';

const INPUTS = 10_000;
const SEED = 20_261_123;

const shares = TARGETS.reduce((sum, { share }) => sum + share, 0);

test.each(TARGETS)('$name holds whatever comes', { timeout: 120_000 }, async (target) => {
  const inputs = Math.ceil((INPUTS * target.share) / shares);
  const paths = keptSeeds(target.name);
  const { failure } = await runCampaign({ target, inputs, seed: SEED, batchRuns: 50, paths });
  expect(failure).toBeUndefined();
});
