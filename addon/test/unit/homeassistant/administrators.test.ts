import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Administrators } from '../../../src/homeassistant/administrators.ts';
import { FakeCore } from '../../fakes/fake-core.ts';
import { quietLog } from '../../support/quiet-log.ts';

const users = [
  { id: 'owner', is_owner: true, is_active: true, group_ids: ['system-admin'] },
  { id: 'admin', is_owner: false, is_active: true, group_ids: ['system-admin'] },
  { id: 'gone', is_owner: false, is_active: false, group_ids: ['system-admin'] },
  { id: 'plain', is_owner: false, is_active: true, group_ids: ['system-users'] },
];

let core: FakeCore;
let log: ReturnType<typeof quietLog>;
let administrators: Administrators;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
  core = new FakeCore();
  core.answers['config/auth/list'] = users;
  log = quietLog();
  administrators = new Administrators({ core, log, timeoutMs: 2_000 });
});

afterEach(() => vi.useRealTimers());

test('owner and members of the group are, others are not', async () => {
  const found = await Promise.all(['owner', 'admin', 'gone', 'plain', 'nobody'].map((id) => administrators.has(id)));
  expect(found).toEqual([true, true, false, false, false]);
  // All five at once asked once.
  expect(core.asked('config/auth/list')).toHaveLength(1);
});

test('a list is believed for a minute', async () => {
  expect(await administrators.has('admin')).toBe(true);
  core.answers['config/auth/list'] = users.filter(({ id }) => id !== 'admin');
  vi.advanceTimersByTime(59_000);
  expect(await administrators.has('admin')).toBe(true);
  vi.advanceTimersByTime(1_001);
  expect(await administrators.has('admin')).toBe(false);
  expect(core.asked('config/auth/list')).toHaveLength(2);
});

test('while Core is away everybody is a plain user, told once', async () => {
  expect(await administrators.has('admin')).toBe(true);
  core.connected = false;
  vi.advanceTimersByTime(60_001);
  expect(await administrators.has('admin')).toBe(false);
  expect(await administrators.has('owner')).toBe(false);
  expect(log.lines).toHaveLength(1);
  core.connected = true;
  expect(await administrators.has('admin')).toBe(true);
});

test('nobody waits for a Core that does not answer', async () => {
  core.answers['config/auth/list'] = () => new Promise(() => undefined);
  const answer = administrators.has('admin');
  vi.useRealTimers();
  const impatient = new Administrators({ core, log, timeoutMs: 20 });
  expect(await impatient.has('admin')).toBe(false);
  void answer;
});

test.each([
  ['garbage', 'no list'],
  ['a list of something else', [{ name: 'Ada' }]],
])('%s makes nobody one', async (_, answer) => {
  core.answers['config/auth/list'] = answer;
  expect(await administrators.has('admin')).toBe(false);
});
