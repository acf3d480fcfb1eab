import { afterEach, beforeEach, expect, it } from 'vitest';
import { Audit } from '../../../src/media/audit.ts';
import { createLog } from '../../../src/log.ts';
import { Relay } from '../../../src/media/relay.ts';
import { quietLog } from '../../support/quiet-log.ts';

let lines: string[];
let nowMs: number;
let wallMs: number;
let relay: Relay;
let audit: Audit;

beforeEach(() => {
  lines = [];
  nowMs = 5_000;
  wallMs = Date.parse('2030-01-01T08:00:00Z');
  relay = new Relay({ log: quietLog() });
  const log = createLog('info', (_level, line) => lines.push(line.slice(31)));
  audit = new Audit({ log, relay, now: () => nowMs, wallClock: () => wallMs });
});

afterEach(() => audit.close());

const ada = { user: 'Ada', place: 'kitchen', by: 'card' };

it('tells of each talk when it is over: who, what, from when, how long, why', () => {
  const { startedAtMs } = relay.start({ id: 'hall', name: 'Hall', user: 'Bob "the\nbuilder"', now: () => nowMs });
  nowMs += 12_340;
  relay.end(relay.get('hall')!, 'stopped');
  const from = new Date(startedAtMs).toISOString();
  expect(lines).toEqual([`[audit] talk of hall by "Bob \\"the\\nbuilder\\"", from ${from}, 12.3 s, stopped`]);
  relay.end(relay.start({ id: 'hall', name: 'Hall', private: true }), 'endedByAdmin');
  relay.end(relay.start({ id: 'nursery', name: 'Nursery', monitor: true }), 'disconnected');
  expect(lines[1]).toMatch(/^\[audit\] private talk of hall by somebody without a name, .*, endedByAdmin$/);
  expect(lines[2]).toMatch(/^\[audit\] monitor of nursery /);
});

it('tells of each listening when it is over', () => {
  const card = {};
  audit.hears(card, ada, ['hall']);
  nowMs += 1_000;
  wallMs += 1_000;
  audit.hears(card, ada, ['hall', 'attic']);
  nowMs += 2_000;
  // Somebody sets the clock.
  wallMs -= 3_600_000;
  expect(lines).toEqual([]);
  audit.hears(card, ada, ['attic']);
  expect(lines).toEqual(['[audit] hall heard by "Ada" at kitchen (card), from 2030-01-01T08:00:00.000Z, 3.0 s']);
  nowMs += 1_000;
  audit.hears(card, ada, []);
  audit.hears(card, ada, []);
  expect(lines.slice(1)).toEqual([
    '[audit] attic heard by "Ada" at kitchen (card), from 2030-01-01T08:00:01.000Z, 3.0 s',
  ]);
});

it('tells of those who still hear when it closes', async () => {
  audit.hears({}, { user: null, place: '192.168.1.9', by: 'mp3' }, ['latest']);
  await audit.close();
  await audit.close();
  expect(lines).toEqual([
    '[audit] latest heard by somebody without a name at 192.168.1.9 (mp3), from 2030-01-01T08:00:00.000Z, 0.0 s',
  ]);
});
