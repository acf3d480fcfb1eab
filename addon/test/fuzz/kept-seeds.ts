/** Seeds of former failures: every campaign tries them first. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KeptSeed } from './campaign.ts';

export function keptSeeds(target: string): KeptSeed[] {
  const all = JSON.parse(readFileSync(join(import.meta.dirname, 'seeds.json'), 'utf8')) as KeptSeed[];
  return all.filter((kept) => kept.target === target);
}
