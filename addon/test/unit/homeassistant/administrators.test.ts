import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Administrators } from '../../../src/homeassistant/administrators.ts';
import { CoreError } from '../../../src/homeassistant/core.ts';
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

test('while Core is away the last list holds for a quarter of an hour, and a new one counts at once', async () => {
  expect(await administrators.has('admin')).toBe(true);
  core.connected = false;
  vi.advanceTimersByTime(14 * 60_000);
  expect(await Promise.all(['admin', 'plain', 'nobody'].map((id) => administrators.has(id)))).toEqual([
    true,
    false,
    false,
  ]);
  vi.advanceTimersByTime(60_001);
  expect(await administrators.has('admin')).toBe(false);
  core.connected = true;
  core.answers['config/auth/list'] = users.filter(({ id }) => id !== 'admin');
  expect(await administrators.has('admin')).toBe(false);
  expect(await administrators.has('owner')).toBe(true);
});

test('a Core that refuses makes plain users of everybody, told once', async () => {
  expect(await administrators.has('admin')).toBe(true);
  core.answers['config/auth/list'] = new CoreError('unauthorized', 'not for you');
  vi.advanceTimersByTime(60_001);
  expect(await administrators.has('admin')).toBe(false);
  expect(await administrators.has('owner')).toBe(false);
  expect(log.lines).toHaveLength(1);
});

test('who comes before Core is met is known as soon as it is, within two seconds', async () => {
  core.connected = false;
  const early = administrators.has('admin');
  await Promise.resolve();
  core.return();
  expect(await early).toBe(true);
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
