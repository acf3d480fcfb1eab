import { beforeEach, expect, test } from 'vitest';
import { cardUrl, registerCard } from '../../../src/homeassistant/card-resource.ts';
import { CoreError } from '../../../src/homeassistant/core.ts';
import { FakeCore } from '../../fakes/fake-core.ts';

const URL_NOW = '/local/voice-streaming/voice-streaming-card.js?v=1.2.3&app=0123abcd_voice_streaming';
const URL_BEFORE = URL_NOW.replace('1.2.3', '1.2.2');
const OTHER = { id: 'other', type: 'module', url: '/local/other/voice-streaming-card.js?v=1' };

let core: FakeCore;
let list: { id?: string; type: string; url: string }[];

beforeEach(() => {
  core = new FakeCore();
  list = [OTHER];
  core.answers['lovelace/resources'] = () => list;
  core.answers['lovelace/info'] = { resource_mode: 'storage' };
  for (const verb of ['create', 'update', 'delete']) core.answers[`lovelace/resources/${verb}`] = null;
});

const changes = (): unknown[] => core.requests.filter(({ type }) => /(?:create|update|delete)$/.test(type));

test('the URL has version and slug', () => {
  expect(cardUrl('1.2.3', '0123abcd_voice_streaming')).toBe(URL_NOW);
});

test('where there is none it is created', async () => {
  expect(await registerCard(core, URL_NOW)).toEqual({ kind: 'registered', changed: true });
  expect(changes()).toEqual([{ type: 'lovelace/resources/create', res_type: 'module', url: URL_NOW }]);
});

test('one that is right is left alone', async () => {
  list.push({ id: 'ours', type: 'module', url: URL_NOW });
  expect(await registerCard(core, URL_NOW)).toEqual({ kind: 'registered', changed: false });
  expect(changes()).toEqual([]);
});

test.each([
  ['of another version', { id: 'ours', type: 'module', url: URL_BEFORE }],
  ['without a version', { id: 'ours', type: 'module', url: URL_NOW.split('?')[0] ?? '' }],
  ['of another type', { id: 'ours', type: 'js', url: URL_NOW }],
])('one %s is updated', async (_, before) => {
  list.push(before);
  expect(await registerCard(core, URL_NOW)).toEqual({ kind: 'registered', changed: true });
  expect(changes()).toEqual([
    { type: 'lovelace/resources/update', resource_id: 'ours', res_type: 'module', url: URL_NOW },
  ]);
});

test('of several all but one are deleted', async () => {
  list.push({ id: 'a', type: 'module', url: URL_NOW }, { id: 'b', type: 'module', url: URL_BEFORE }, OTHER);
  expect(await registerCard(core, URL_NOW)).toEqual({ kind: 'registered', changed: true });
  expect(changes()).toEqual([{ type: 'lovelace/resources/delete', resource_id: 'b' }]);
});

test.each<[string, () => void]>([
  ['says so', () => (core.answers['lovelace/info'] = { resource_mode: 'yaml' })],
  ['said it otherwise', () => (core.answers['lovelace/info'] = { mode: 'yaml' })],
  [
    'only refuses the command',
    () => {
      delete core.answers['lovelace/info'];
      delete core.answers['lovelace/resources/create'];
    },
  ],
])('a Core with resources in YAML that %s', async (_, prepare) => {
  prepare();
  expect(await registerCard(core, URL_NOW)).toEqual({ kind: 'yaml', url: URL_NOW });
});

test('an entry in YAML that is right is enough', async () => {
  core.answers['lovelace/info'] = { resource_mode: 'yaml' };
  list = [{ type: 'module', url: URL_NOW }];
  expect(await registerCard(core, URL_NOW)).toEqual({ kind: 'registered', changed: false });
});

test('dashboards in YAML with resources in storage are no YAML', async () => {
  core.answers['lovelace/info'] = { mode: 'yaml', resource_mode: 'storage' };
  expect(await registerCard(core, URL_NOW)).toEqual({ kind: 'registered', changed: true });
});

test('any other refusal is told', async () => {
  core.answers['lovelace/resources/create'] = new CoreError('unauthorized', 'Unauthorized');
  await expect(registerCard(core, URL_NOW)).rejects.toMatchObject({ code: 'unauthorized' });
});

test('garbage in place of the list is told', async () => {
  core.answers['lovelace/resources'] = { resources: [] };
  await expect(registerCard(core, URL_NOW)).rejects.toMatchObject({ code: 'garbage' });
});
