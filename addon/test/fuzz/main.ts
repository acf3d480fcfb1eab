/** The long run: a million inputs over all targets, or so many of some. Prints a table; the exit code tells of failures. */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { bundle } from '../../tools/bundle.mjs';
import { runCampaign, type CampaignResult } from './campaign.ts';
import { keptSeeds } from './kept-seeds.ts';
import { TARGETS } from './targets.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
});
const runs = Number(values.runs);
const seed = Number(values.seed);
const chosen = TARGETS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const unknown = positionals.filter((name) => !TARGETS.some((target) => target.name === name));
if (unknown.length > 0 || !Number.isSafeInteger(runs) || !Number.isSafeInteger(seed)) {
  process.stderr.write(`npm run fuzz -- [${TARGETS.map(({ name }) => name).join('|')} …] [--runs N] [--seed S]\n`);
  process.exit(2);
}

await bundle(['worker']);
const shares = chosen.reduce((sum, { share }) => sum + share, 0);
const results: CampaignResult[] = [];
process.stdout.write(`seed ${seed}\n`);
for (const target of chosen) {
  const inputs = Math.ceil((runs * target.share) / shares);
  const onProgress = (done: number): void => void process.stderr.write(`${target.name} ${done}\r`);
  const batchRuns = Math.max(50, Math.min(500, Math.ceil(inputs / 100)));
  const result = await runCampaign({ target, inputs, seed, batchRuns, paths: keptSeeds(target.name), onProgress });
  results.push(result);
  process.stdout.write(`${rowOf(result)}\n`);
  if (result.failure) {
    const { what, seed: failed, path = '', example } = result.failure;
    process.stdout.write(`\n${what}\nseed ${failed} path ${path}\n${example}\n\n`);
  }
}
const total = results.reduce((sum, { inputs }) => sum + inputs, 0);
const failed = results.filter(({ failure }) => failure !== undefined).length;
process.stdout.write(`${total} inputs, ${failed} targets failed\n`);
process.exit(failed === 0 ? 0 : 1);

function rowOf({
  target,
  inputs,
  runs: stories,
  seconds,
  slowestMs,
  heapGrowthBytes,
  failure,
}: CampaignResult): string {
  const columns = [
    target.padEnd(12),
    `${inputs} inputs`.padStart(16),
    `${stories} runs`.padStart(14),
    `${seconds.toFixed(0)} s`.padStart(7),
    `slowest ${slowestMs.toFixed(1)} ms`.padStart(18),
    `heap ${(heapGrowthBytes / 2 ** 20).toFixed(1)} MiB`.padStart(16),
    failure ? 'FAILED' : 'ok',
  ];
  return columns.join(' ');
}
