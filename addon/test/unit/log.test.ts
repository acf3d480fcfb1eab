import { expect, test } from 'vitest';
import { createLog, describeError } from '../../src/log.ts';

test('lines carry level, time and the chain of prefixes; lower levels are not written', () => {
  const lines: string[] = [];
  const log = createLog('info', (_, line) => lines.push(line));
  log.child('signaling').child('session 3f2a').info('created');
  log.debug('not this');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z INFO {2}\[signaling\] \[session 3f2a\] created$/);
});

test('a name from outside cannot forge a line or colour a terminal', () => {
  const lines: string[] = [];
  createLog('info', (_, line) => lines.push(line)).info('Kitchen\n2026 ERROR forged\u001b[31m');
  expect(lines[0]?.split('\n')[1]).toMatch(/^ {4}2026 ERROR forged\?\[31m$/);
});

test.each(['85', '90', '9b', '9d', '2028', '2029', '202a', '202e', '2066', '2069', '0d', '00'])(
  'nor by U+%s, which some readers take for a new line, a command or an order to read backwards',
  (code) => {
    const lines: string[] = [];
    const trick = String.fromCodePoint(Number.parseInt(code, 16));
    createLog('info', (_, line) => lines.push(line)).info(`played by ${trick}somebody`);
    expect(lines[0]).toMatch(/ played by \?somebody$/);
  },
);

test('errors are told with their causes', () => {
  const text = describeError(new Error('outer', { cause: new Error('inner') }));
  expect(text).toContain('outer');
  expect(text).toContain('caused by Error: inner');
});
