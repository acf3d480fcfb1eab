/** SECURITY.md names a test for each threat; here it is seen that they are there. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT, readText } from './repository.ts';

const section =
  readText('SECURITY.md')
    .split(/^## /m)
    .find((part) => part.startsWith('Threats')) ?? '';
const rows = section
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(2)
  .map((line) =>
    line
      .slice(1, -1)
      .split(' | ')
      .map((cell) => cell.trim()),
  );

it('has a table of threats', () => {
  expect(rows.length).toBeGreaterThan(25);
  expect(rows.filter((cells) => cells.length !== 3)).toEqual([]);
});

it.each(rows.map(([threat = '', , tests = '']) => ({ threat, tests })))('$threat: its tests are there', ({ tests }) => {
  const named = [...tests.matchAll(/`([^`]+\.test\.ts)` "([^"]+)"/g)].map(([, path = '', name = '']) => ({
    path,
    name,
  }));
  expect(named.length).toBeGreaterThan(0);
  expect(named.length).toBe(tests.split('.test.ts`').length - 1);
  for (const { path, name } of named) {
    expect(existsSync(join(ROOT, path)), path).toBe(true);
    const text = readText(path).replaceAll("\\'", "'");
    expect(text.includes(name), `${path} has no test "${name}"`).toBe(true);
  }
});
