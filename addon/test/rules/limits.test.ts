/** PROTOCOL.md has a table of all limits; here it is seen that it is whole and true. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '@voice-streaming/shared/errors';
import { Metrics } from '../../src/http/metrics.ts';
import { LIMIT_NAMES, LimitBreaches } from '../../src/media/limit-breaches.ts';
import { quietLog } from '../support/quiet-log.ts';
import { ROOT, readText } from './repository.ts';

const protocol = readText('shared/PROTOCOL.md');
const rows = (protocol.split(/^## /m).find((part) => part.startsWith('Limits')) ?? '')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) =>
    line
      .slice(1, -1)
      .split(' | ')
      .map((cell) => cell.trim()),
  )
  .map(([name = '', most = '', answer = '', tests = '']) => ({ name: name.replaceAll('`', ''), most, answer, tests }));

const source = ['addon/src', 'shared/src']
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
  )
  .filter((file) => file.endsWith('.ts') && !file.includes('dist'))
  .map(readText)
  .join('\n');

const inTicks = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);

it('has every limit that is counted, and no other, in order', () => {
  expect(rows.map(({ name }) => name)).toEqual([...LIMIT_NAMES]);
});

it('has a metric for each, from the start', async () => {
  const none = { stats: () => ({}) };
  const sources = { breaches: new LimitBreaches({ log: quietLog() }), signaling: none, transcoder: none, wish: none };
  const metrics = new Metrics({ relay: { live: [] }, sources: { ...sources, listeners: {} }, status: {} } as never);
  const text = await metrics.metric('limit_breaches_total');
  expect(LIMIT_NAMES.filter((name) => !text.includes(`limit_breaches_total{limit="${name}"} 0`))).toEqual([]);
  await metrics.close();
});

describe.each(rows)('$name', ({ name, most, answer, tests }) => {
  it('is an option of the code, with the default that is told', () => {
    for (const [, option = '', value] of most.matchAll(/`(\w+)` (\d+)/g)) {
      const given = [
        ...source.matchAll(new RegExp(`\\b${option}\\b\\s*(?:\\?\\?|[:=])\\s*([\\d_ *.]+|MAX_\\w+[ *.\\d]*)`, 'g')),
      ];
      const defaults = given.map(([, text = '']) => valueOf(text));
      const isRead =
        option === 'max_talk_minutes' && source.includes(`read('${option}', parseMaxTalkMinutes, ${value})`);
      expect(isRead || defaults.includes(Number(value)), `${option} is ${defaults.join(', ')}`).toBe(true);
    }
    expect(inTicks(most).length).toBeGreaterThan(0);
  });

  it('is counted where it is reached, and its codes are in the protocol', () => {
    expect(source.replace(/LIMIT_NAMES = \[[^\]]*\]/, '')).toContain(`'${name}'`);
    const known = [...ERROR_CODES, 'tooSlow', 'tooManyErrors', 'serverFull', 'tooLong', 'notHeard', 'talkEnded'];
    expect(inTicks(answer).filter((code) => !known.includes(code))).toEqual([]);
    const rest = protocol.replace(/^## Limits[^]*?^## /m, '## ');
    expect(inTicks(answer).filter((code) => !rest.includes(`\`${code}\``))).toEqual([]);
  });

  it('has its tests', () => {
    const named = [...tests.matchAll(/`([^`]+\.test\.ts)` "([^"]+)"/g)];
    expect(named.length).toBeGreaterThan(0);
    for (const [, path = '', title = ''] of named) {
      expect(existsSync(join(ROOT, path)), path).toBe(true);
      expect(readText(path).includes(title), `${path} has no test "${title}"`).toBe(true);
    }
  });
});

/** `60 * 60_000`, `MAX_OFFER_CHARS * 1.5`. */
function valueOf(text: string): number {
  return text
    .split('*')
    .map((part) => part.trim().replaceAll('_', ''))
    .reduce((product, part) => product * (Number(part) || constant(part)), 1);
}

function constant(name: string): number {
  const text = new RegExp(`const ${name.split('').join('_?')} = ([\\d_ *.]+)`).exec(source)?.[1];
  return text === undefined ? NaN : valueOf(text);
}
