/** The blueprints that people import by their URL: whole, and about what there is. A real Core takes them in the tests of Core. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { ROOT, readText } from './repository.ts';

const FOLDER = 'blueprints/automation/voice_streaming';
const files = readdirSync(join(ROOT, FOLDER));

const Blueprint = v.looseObject({
  blueprint: v.strictObject({
    name: v.pipe(v.string(), v.startsWith('Voice Streaming - ')),
    description: v.string(),
    domain: v.literal('automation'),
    author: v.string(),
    source_url: v.string(),
    homeassistant: v.strictObject({ min_version: v.string() }),
    input: v.record(
      v.string(),
      v.looseObject({ name: v.string(), selector: v.record(v.string(), v.nullable(v.looseObject({}))) }),
    ),
  }),
  mode: v.string(),
  triggers: v.pipe(v.array(v.looseObject({ trigger: v.string() })), v.minLength(1)),
  actions: v.pipe(v.array(v.unknown()), v.minLength(1)),
});

/** With `!input name` as `{input: name}`. */
function read(file: string): v.InferOutput<typeof Blueprint> {
  const tag = { tag: '!input', resolve: (name: string) => `!input ${name}` };
  return v.parse(Blueprint, parseYaml(readText(`${FOLDER}/${file}`), { customTags: [tag] }));
}

it('there are four', () => {
  expect(files.sort()).toEqual([
    'announce_on_speakers.yaml',
    'flash_a_light.yaml',
    'notify_of_noise.yaml',
    'play_on_speakers.yaml',
  ]);
});

describe.each(files)('%s', (file) => {
  const text = readText(`${FOLDER}/${file}`);
  const blueprint = read(file);

  it('says where it is, and wants no older Home Assistant than the add-on', () => {
    const { source_url: url, homeassistant } = blueprint.blueprint;
    expect(url).toBe(`https://github.com/voice-streaming/voice-streaming/blob/main/${FOLDER}/${file}`);
    expect(readText('config.yaml')).toContain(`homeassistant: ${homeassistant.min_version}`);
    expect(readText('DOCS.md')).toContain(encodeURIComponent(url));
  });

  it('uses every input it asks for, and no other', () => {
    const used = [...text.matchAll(/!input (\w+)/g)].map(([, name]) => name);
    expect([...new Set(used)].sort()).toEqual(Object.keys(blueprint.blueprint.input).sort());
  });

  it('is about events and fields that exist', () => {
    const source = readText('addon/src/homeassistant/talk-events.ts');
    for (const [, event = ''] of text.matchAll(/event_type: (\w+)/g)) expect(source).toContain(`'${event}'`);
    for (const [, field = ''] of text.matchAll(/\bdata\.(\w+)/g)) {
      expect(source, field).toMatch(new RegExp(`^ {2}${field}\\??: `, 'm'));
    }
  });
});
