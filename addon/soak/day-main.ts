/** `npm run soak:day [-- --talks 2000 --seed 1]`: see README.md. */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { day } from './day.ts';
import { slopeOf } from './statistics.ts';

const { values } = parseArgs({
  options: { talks: { type: 'string', default: '2000' }, seed: { type: 'string', default: '1' } },
});
const talks = Number(values.talks);
const LOOKS = 20;
/** Of all talks of the second half together. */
const MOST_GROWTH_MIB = { heap: 1, outside: 1, rss: 8 };
const MIB = 2 ** 20;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
type Look = Record<keyof typeof MOST_GROWTH_MIB, number>;
const looks: Look[] = [];
const startedAtMs = performance.now();

const report = await day({
  talks,
  seed: Number(values.seed),
  looked: (talk) => {
    if ((talk + 1) % Math.max(1, Math.floor(talks / LOOKS)) !== 0) return;
    collect();
    const { rss, heapUsed, external } = process.memoryUsage();
    const look: Look = { heap: heapUsed / MIB, outside: external / MIB, rss: rss / MIB };
    looks.push(look);
    const shown = Object.entries(look).map(([name, mib]) => `${name} ${mib.toFixed(2)} MiB`);
    process.stdout.write(`${talk + 1} talks: ${shown.join(', ')}\n`);
  },
});
const broken = [...report.faults];
const half = looks.slice(Math.floor(looks.length / 2));
for (const [name, most] of Object.entries(MOST_GROWTH_MIB) as [keyof Look, number][]) {
  const grown = slopeOf(half.map((look) => look[name])) * half.length;
  process.stdout.write(`${name} grows by ${grown.toFixed(2)} MiB in the second half (at most ${most})\n`);
  if (grown > most) broken.push(`${name} grows by ${grown.toFixed(2)} MiB`);
}
const { totals, hours, wavFrames, dueFrames } = report;
const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(0);
process.stdout.write(
  `${hours} h with ${totals.talks} talks in ${seconds} s: ${totals.numbered} packets numbered, ${totals.withheld} kept by the link; cards ` +
    `were due ${totals.due}, heard ${totals.heard}, saw ${totals.seenLost} lost, ${totals.leftOut} left out; WAV ${wavFrames} of ${dueFrames} frames\n`,
);
process.stdout.write(`${broken.length === 0 ? 'All is accounted for.' : broken.slice(0, 20).join('\n')}\n`);
process.exit(broken.length === 0 ? 0 : 1);
