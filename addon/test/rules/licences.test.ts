/** What users get besides our own code: every package of the lock file that is no tool, and its licence. */
import { expect, it } from 'vitest';
import { readText } from './repository.ts';

interface Locked {
  license?: string;
  dev?: boolean;
  link?: boolean;
}

/** They bind nobody who only uses us; the copyleft ones are packages of their own, unchanged and replaceable. */
const ALLOWED = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'LGPL-3.0',
  'MIT',
  'MPL-2.0',
  'Unlicense',
];
const COPYLEFT = ['LGPL-3.0', 'MPL-2.0'];

const { packages } = JSON.parse(readText('package-lock.json')) as { packages: Record<string, Locked> };
const shipped = Object.entries(packages)
  .filter(([path, { dev, link }]) => path.includes('node_modules/') && dev !== true && link !== true)
  .map(([path, { license = 'none' }]) => ({ name: path.split('node_modules/').at(-1) ?? '', license }));

it('are all on the list', () => {
  expect(shipped.length).toBeGreaterThan(50);
  expect(shipped.filter(({ license }) => !ALLOWED.includes(license))).toEqual([]);
});

it('that ask for their own source to be offered are named in NOTICE', () => {
  const copyleft = shipped.filter(({ license }) => COPYLEFT.includes(license)).map(({ name }) => name);
  const notice = readText('NOTICE');
  expect(copyleft.filter((name) => !notice.includes(name))).toEqual([]);
});
