/** Documents that a person finds their way in: links lead somewhere, commands exist, snippets are what they claim to be. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { readOptions } from '../../src/options.ts';
import { blocksOf, commandsOf, dockerRuns } from '../support/readme.ts';
import { listFiles, readText, ROOT } from './repository.ts';

const documents = listFiles().filter((path) => path.endsWith('.md'));
const config = parseYaml(readText('config.yaml')) as { url: string; schema: object; ports: object };

/** As GitHub names headings. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    (heading ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('every document', () => {
  it.each(documents)('%s has links that lead somewhere', (path) => {
    // Home Assistant shows DOCS.md far from the others, so that names them whole.
    const text = readText(path).replaceAll(`](${config.url}#`, '](README.md#');
    const links = [...text.matchAll(/\]\((?!https?:|\/)([^)\s]*)\)/g)].map(([, link]) => link ?? '');
    if (path === 'DOCS.md') expect(readText(path)).not.toMatch(/\]\(\w+\.md/);
    const broken = links.filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : join(dirname(path), file);
      if (!existsSync(join(ROOT, target))) return true;
      return anchor !== undefined && !anchorsOf(readText(target)).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it.each(documents)('%s names scripts that exist', (path) => {
    const { scripts } = JSON.parse(readText('package.json')) as { scripts: Record<string, string> };
    const named = [...readText(path).matchAll(/npm (?:run |(?=start|test))([\w:-]+)/g)].map(([, name]) => name ?? '');
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  it('adds this repository to the store, not another', () => {
    const encoded = [...documents.flatMap((path) => [...readText(path).matchAll(/repository_url=([^)&\s]+)/g)])];
    expect(encoded.length).toBeGreaterThan(1);
    expect(new Set(encoded.map(([, url]) => decodeURIComponent(url ?? '')))).toEqual(new Set([config.url]));
  });
});

describe('README.md', () => {
  it('lists every setting', () => {
    const listed = [...readText('README.md').matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(([, name]) => name ?? '');
    const { warnings } = readOptions({ DATA_DIR: '/data' }, () => JSON.stringify({ no_option: 1 }));
    const known = /the options are (.*)\.$/.exec(warnings[0] ?? '')?.[1]?.split(', ') ?? [];
    expect(listed.sort()).toEqual([...known.map((name) => name.toUpperCase()), 'DATA_DIR'].sort());
  });

  it('has a compose file that says the same as its command', () => {
    const { services } = parseYaml(blocksOf('README.md', 'yaml')[0] ?? '') as {
      services: Record<string, Record<string, unknown>>;
    };
    expect(Object.keys(services)).toEqual(['voice-streaming']);
    const bridge = dockerRuns('voice-streaming').find((args) => !args.includes('--network')) ?? [];
    const valuesOf = (flag: string): string[] => bridge.filter((_, index) => bridge[index - 1] === flag);
    expect(services['voice-streaming']).toEqual({
      build: '.',
      container_name: valuesOf('--name')[0],
      restart: valuesOf('--restart')[0],
      read_only: bridge.includes('--read-only'),
      cap_drop: valuesOf('--cap-drop'),
      security_opt: valuesOf('--security-opt'),
      ports: valuesOf('-p'),
      environment: Object.fromEntries(valuesOf('-e').map((pair) => pair.split('=') as [string, string])),
      volumes: valuesOf('-v'),
    });
  });

  it('builds the image with a command that needs nothing else', () => {
    expect(commandsOf('README.md')).toContain('docker build -t voice-streaming .');
  });
});

interface Automation {
  alias?: string;
  triggers?: { trigger: string; event_type: string }[];
  actions?: Record<string, unknown>[];
}

describe('DOCS.md', () => {
  const snippets = blocksOf('DOCS.md', 'yaml').map((block) => ({ block, parsed: parseYaml(block) as Automation }));

  it('explains every option and every port of the add-on', () => {
    const section =
      readText('DOCS.md')
        .split(/^## /m)
        .find((part) => part.startsWith('Options and ports')) ?? '';
    const { configuration } = parseYaml(readText('translations/en.yaml')) as {
      configuration: Record<string, { name: string }>;
    };
    const names = Object.values(configuration).map(({ name }) => name);
    expect(names).toHaveLength(Object.keys(config.schema).length);
    const ports = Object.keys(config.ports).map((port) => port.split('/')[0] ?? '');
    expect([...names, ...ports].filter((name) => !new RegExp(`^\\| ${name} +\\|`, 'm').test(section))).toEqual([]);
  });

  it('shows automations that Home Assistant can read, about events and fields that exist', () => {
    const automations = snippets.filter(({ parsed }) => parsed.alias !== undefined);
    expect(automations.length).toBeGreaterThan(2);
    const source = ['talk-events', 'announce-events']
      .map((name) => readText(`addon/src/homeassistant/${name}.ts`))
      .join('');
    for (const { block, parsed } of automations) {
      expect(parsed.triggers?.length, parsed.alias).toBe(1);
      expect(parsed.actions?.length, parsed.alias).toBeGreaterThan(0);
      for (const { trigger, event_type } of parsed.triggers ?? []) {
        if (trigger === 'event') expect(source).toContain(`'${event_type}'`);
      }
      if (/event_type: voice_streaming_announced/.test(block)) continue;
      for (const [, field = ''] of block.matchAll(/trigger\.event\.data\.(\w+)/g)) {
        expect(source, field).toMatch(new RegExp(`^ {2}${field}\\??: `, 'm'));
      }
    }
  });

  it('lists the fields of an announcement, all of them', () => {
    const section =
      readText('DOCS.md')
        .split(/^`voice_streaming_announce` is/m)[1]
        ?.split(/^When it is over/m)[0] ?? '';
    const listed = [...section.matchAll(/^\| `(\w+)` +\|/gm)].map(([, name]) => name ?? '');
    const source = /v\.strictObject\(\{([\s\S]*?)^\}\)/m.exec(readText('addon/src/speakers/announce-request.ts'))?.[1];
    const fields = [...(source ?? '').matchAll(/^ {2}(\w+): /gm)].map(([, name]) => name ?? '');
    expect(fields.length).toBeGreaterThan(5);
    expect(listed.sort()).toEqual(fields.sort());
  });

  it('lists the fields of the events, all of them', () => {
    const section =
      readText('DOCS.md')
        .split(/^## /m)
        .find((part) => part.startsWith('Automations'))
        ?.split(/^`voice_streaming_announce` is/m)[0] ?? '';
    const listed = [...section.matchAll(/^\| ((?:`\w+`(?:, )?)+) +\|/gm)].flatMap(([, names]) =>
      [...(names ?? '').matchAll(/\w+/g)].map(([name]) => name),
    );
    const source = /export interface TalkEvent \{([\s\S]*?)^\}/m.exec(
      readText('addon/src/homeassistant/talk-events.ts'),
    )?.[1];
    const fields = [...(source ?? '').matchAll(/^ {2}(\w+)\??: /gm)].map(([, name]) => name ?? '');
    expect(listed.sort()).toEqual(fields.sort());
  });
});
