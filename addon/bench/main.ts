/** Runs the benches named, or all, one after the other; prints one table and writes all numbers as JSON. */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { bundle } from '../tools/bundle.mjs';
import { arm64 } from './figures/arm64.ts';
import { join as coldJoin } from './figures/cold-join.ts';
import { container } from './figures/container.ts';
import { cpu } from './figures/cpu.ts';
import { crowd } from './figures/crowd.ts';
import { faultsIn, faultsOut } from './figures/faults.ts';
import { instructions } from './figures/instructions.ts';
import { joins } from './figures/joins.ts';
import { mouth, mouthVariants } from './figures/mouth-to-ear.ts';
import { mp3 } from './figures/mp3.ts';
import { outages } from './figures/outages.ts';
import { pi } from './figures/pi.ts';
import { press } from './figures/press-to-sound.ts';
import { relay } from './figures/relay.ts';
import { startDelay } from './figures/start-delay.ts';
import { start } from './figures/start.ts';
import { table, type Figure } from './support/figure.ts';

const BENCHES: Record<string, () => Promise<Figure[]>> = {
  start,
  relay,
  cpu,
  mp3,
  join: coldJoin,
  press,
  mouth,
};
/** Long, or of interest to few: only when named. */
const LONG: Record<string, () => Promise<Figure[]>> = {
  arm64,
  container,
  crowd,
  'faults-in': faultsIn,
  'faults-out': faultsOut,
  instructions,
  joins,
  outages,
  pi,
  'start-delay': startDelay,
  'mouth-variants': mouthVariants,
};
const ALL: Record<string, () => Promise<Figure[]>> = { ...BENCHES, ...LONG };
/** Git ignores the folder. */
const RESULTS = join(import.meta.dirname, '../../test-results/bench-results.json');

await main();

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'string', default: RESULTS } },
  });
  const names = positionals.length > 0 ? positionals : Object.keys(BENCHES);
  const unknown = names.filter((name) => !(name in ALL));
  if (unknown.length > 0) {
    process.stderr.write(`There is no bench ${unknown.join(', ')}; there are: ${Object.keys(ALL).join(' ')}.\n`);
    process.exitCode = 2;
    return;
  }
  await bundle();
  const startedAt = new Date();
  const machine = { cpu: cpus()[0]?.model ?? '', cores: cpus().length, node: process.version };
  const figures: Figure[] = [];
  const broken: string[] = [];
  const loads: Record<string, number> = {};
  for (const name of names) {
    const startedAtMs = performance.now();
    loads[name] = loadavg()[0] ?? 0;
    try {
      figures.push(...(await ALL[name]!()));
    } catch (error) {
      broken.push(name);
      process.stderr.write(`${name} is broken: ${error instanceof Error ? (error.stack ?? '') : String(error)}\n`);
    }
    process.stderr.write(`${name}: ${((performance.now() - startedAtMs) / 1000).toFixed(0)} s\n`);
  }
  const where = `${machine.cores} cores of ${machine.cpu}, Node ${machine.node}`;
  process.stdout.write(`\n${table(figures)}\n\np50 / p99 where two numbers stand. ${where}.\n`);
  await mkdir(dirname(values.json), { recursive: true });
  await writeFile(values.json, `${JSON.stringify({ startedAt, machine, loads, broken, figures }, null, 2)}\n`);
  process.stdout.write(`All numbers: ${values.json}\n`);
  if (broken.length > 0) process.exitCode = 1;
}
