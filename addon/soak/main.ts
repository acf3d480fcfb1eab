/** `npm run soak [-- --seconds 1500 --seed 1 --out folder]`: see README.md. */
import { mkdir, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { bundle } from '../tools/bundle.mjs';
import { drawChart } from './chart.ts';
import { FULL_HOUSE, soak } from './soak.ts';
import { tableOf } from './table.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '1500' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    out: { type: 'string', default: join(import.meta.dirname, 'out') },
  },
});
const folder = resolve(values.out);
const say = (text: string): void => void process.stdout.write(`${text}\n`);

await bundle();
await mkdir(folder, { recursive: true });
say(
  `${values.seconds} s, seed ${values.seed}, load ${loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')}`,
);
const report = await soak({ ...FULL_HOUSE, seconds: Number(values.seconds), seed: Number(values.seed), tell: say });
await writeFile(join(folder, 'soak.json'), `${JSON.stringify(report, null, 1)}\n`);
const table = tableOf(report);
await writeFile(join(folder, 'soak.txt'), table);
await writeFile(join(folder, 'soak.svg'), drawChart(report));
say(
  `${table}\nCurves: ${join(folder, 'soak.svg')}; load ${loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')}`,
);
process.exit(report.broken.length === 0 ? 0 : 1);
