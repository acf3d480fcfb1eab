import { expect, test } from 'vitest';
import { Relay } from '../../../src/media/relay.ts';
import { SlotAssignment, type ListenTarget } from '../../../src/media/slot-assignment.ts';
import { Stream } from '../../../src/media/stream.ts';
import { FakeSink } from '../../fakes/fake-sink.ts';
import { quietLog } from '../../support/quiet-log.ts';

function setUp(slotCount: number, to: ListenTarget, own?: string) {
  const relay = new Relay({ log: quietLog() });
  const slots = Array.from({ length: slotCount }, (_, index) => new FakeSink(String(index)));
  const changes: (string | null)[][] = [];
  const assignment = new SlotAssignment({
    relay,
    slots,
    ownStreamId: () => own,
    onChange: (carried) => changes.push(Object.values(carried)),
  });
  assignment.listen(to);
  const start = (id: string, isPrivate = false): Stream => relay.start({ id, name: id, private: isPrivate });
  return { relay, slots, changes, assignment, start };
}

test('latest uses one slot and follows the newest', () => {
  const { relay, changes, start } = setUp(2, 'latest');
  start('a');
  const b = start('b');
  start('hidden', true);
  relay.end(b, 'stopped');
  expect(changes).toEqual([
    ['a', null],
    ['b', null],
    ['a', null],
  ]);
});

test('all: a stream keeps its slot, the newest displaces the oldest, which returns', () => {
  const { relay, changes, start } = setUp(2, 'all');
  start('a');
  const b = start('b');
  start('c');
  relay.end(b, 'stopped');
  expect(changes).toEqual([
    ['a', null],
    ['a', 'b'],
    ['c', 'b'],
    ['c', 'a'],
  ]);
});

test('a list hears what it names, private or not, and nothing else', () => {
  const { changes, start } = setUp(2, ['hidden', 'b']);
  start('a');
  start('hidden', true);
  start('b');
  expect(changes).toEqual([
    ['hidden', null],
    ['hidden', 'b'],
  ]);
});

test('never its own stream', () => {
  const { changes, slots, start } = setUp(1, 'all', 'me');
  start('me');
  start('you');
  expect(changes).toEqual([['you']]);
  expect(slots[0]?.events).toEqual(['attached you']);
});

test('listening to nothing detaches; closing detaches for ever', async () => {
  const { assignment, changes, slots, start } = setUp(1, 'latest');
  start('a');
  assignment.listen(null);
  assignment.listen('latest');
  await assignment.close();
  await assignment.close();
  start('b');
  expect(changes).toEqual([['a'], [null], ['a']]);
  expect(slots[0]?.events).toEqual(['attached a', 'detached a', 'attached a', 'detached a']);
});

test('an echo takes the first slot, whoever is there, and gives it back', () => {
  const { assignment, changes, start } = setUp(2, 'all');
  start('a');
  start('b');
  const echo = new Stream({ id: 'me', name: 'Me' });
  assignment.setEcho(echo);
  assignment.setEcho(undefined);
  expect(changes.at(-2)?.[0]).toBe('me');
  expect(changes.at(-2)).toHaveLength(2);
  expect([...(changes.at(-1) ?? [])].sort()).toEqual(['a', 'b']);
  expect(echo.sinkCount).toBe(0);
});
