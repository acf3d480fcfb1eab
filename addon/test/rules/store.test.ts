/** What the add-on store reads beside config.yaml, and whether it all says the same. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { readOptions } from '../../src/options.ts';
import { VERSION } from '../../src/version.ts';
import { NODE_FLAGS } from '../support/server.ts';
import { ROOT, readText } from './repository.ts';
import { AddonConfig, BuildConfig, Repository, Translation, securityRating } from './supervisor-schema.ts';

const config = v.parse(AddonConfig, parseYaml(readText('config.yaml')));
const dockerfile = readText('Dockerfile');

it('git lists exactly these files that the Supervisor searches for', () => {
  const listed = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).split('\n');
  expect(listed.filter((path) => /(?:^|\/)(?:config|build|repository)\.(?:json|ya?ml)$/.test(path)).sort()).toEqual([
    'build.yaml',
    'config.yaml',
    'repository.yaml',
  ]);
});

describe('config.yaml', () => {
  it('lets everybody use the card, and finds its ports', () => {
    expect(config).toMatchObject({ ingress: true, ingress_port: 0, panel_admin: false, host_network: true });
    expect(config.ports).toEqual({ '8081/tcp': 8081, '8080/tcp': null });
    expect(Object.keys(config.ports_description ?? {})).toEqual(Object.keys(config.ports ?? {}));
    expect(config.watchdog).toBe('http://[HOST]:[PORT:8081]/health');
  });

  it('names no image while none is published', () => {
    expect(config.image).toBeUndefined();
  });

  it('has a form whose options the add-on knows, with its own defaults', () => {
    const read = (stored: object): ReturnType<typeof readOptions> =>
      readOptions({ DATA_DIR: '/data', SUPERVISOR_TOKEN: 'x' }, () => JSON.stringify(stored));
    const examples = {
      announced_address: '192.168.1.5',
      udp_ports: '50000-50100',
      access_token: 'not-a-real-token-1',
      mqtt_url: 'mqtt://192.168.1.6:1883',
      mqtt_username: 'ada',
      mqtt_password: 'not-a-real-password',
      talk_users: 'Ada, Bob',
      listen_users: 'Ada, Bob',
      stream_listeners: 'nursery: Ada, Bob; office: Bob',
    };
    const form = Object.fromEntries(Object.keys(config.schema).map((name) => [name, '']));
    expect(read({ ...form, ...config.options, ...examples }).warnings).toEqual([]);
    expect(read(config.options)).toEqual(read({}));
    for (const [name, value] of Object.entries({ ...config.options, ...examples })) {
      if (!Array.isArray(value)) expect(allows(typeOf(name), value), name).toBe(true);
    }
  });

  it.each([
    ['announced_address', 'http://192.168.1.5'],
    ['udp_ports', '50000'],
    ['media_access', 'everyone'],
    ['mqtt_url', '192.168.1.6'],
    ['announcement_chime', '../ding'],
  ])('has a form that refuses %s %s', (name, value) => {
    expect(allows(typeOf(name), value)).toBe(false);
  });
});

/** Of an option that is no list. */
function typeOf(name: string): string {
  const type = config.schema[name];
  return typeof type === 'string' ? type : '';
}

/** Of the kinds of options that can refuse a text. */
function allows(type: string, value: string): boolean {
  const { kind, inner = '' } = /^(?<kind>\w+)(?:\((?<inner>.*)\))?\??$/.exec(type)?.groups ?? {};
  if (kind === 'list') return inner.split('|').includes(value);
  return kind === 'match' ? new RegExp(inner).test(value) : kind !== undefined;
}

describe('the security rating', () => {
  it('is 7', () => {
    expect(readText('apparmor.txt')).not.toBe('');
    expect(securityRating(config, true)).toBe(7);
  });

  it.each<[string, Partial<AddonConfig>, number]>([
    ['the API of Docker', { docker_api: true }, 1],
    ['a capability', { privileged: ['NET_ADMIN', 'SYS_ADMIN'] }, 6],
    ['the role admin', { hassio_role: 'admin' }, 5],
    ['no ingress', { ingress: false }, 5],
    ['no AppArmor', { apparmor: false }, 5],
    ['its own network', { host_network: false }, 8],
  ])('is another with %s', (_, change, rating) => {
    expect(securityRating({ ...config, ...change }, true)).toBe(rating);
  });
});

describe('apparmor.txt', () => {
  const profile = readText('apparmor.txt');

  it('has one line at which the Supervisor puts its own name', () => {
    const names = profile.split('\n').flatMap((line) => /^profile ([^ ]+).*$/.exec(line)?.[1] ?? []);
    expect(names).toEqual([config.slug]);
    expect('profile').not.toContain(config.slug);
  });

  it('allows the network, which kernels that mediate it would refuse', () => {
    for (const family of ['inet', 'inet6', 'unix']) {
      for (const kind of ['stream', 'dgram']) expect(profile).toContain(`network ${family} ${kind},`);
    }
    expect(profile).toContain('network netlink raw,');
  });
});

describe('translations', () => {
  const files = readdirSync(join(ROOT, 'translations'));

  it('are there for the languages we promise', () => {
    expect(files.sort()).toEqual(
      ['ar', 'de', 'en', 'es', 'fr', 'it', 'nl', 'pl', 'pt-BR', 'zh-Hans'].map((language) => `${language}.yaml`),
    );
  });

  it.each(files)('%s has a name and a description for every option and port', (file) => {
    const { configuration, network } = v.parse(Translation, parseYaml(readText(`translations/${file}`)));
    expect(Object.keys(configuration)).toEqual(Object.keys(config.schema));
    expect(Object.keys(network)).toEqual(Object.keys(config.ports ?? {}));
  });

  it('say in English what config.yaml says', () => {
    const { network } = v.parse(Translation, parseYaml(readText('translations/en.yaml')));
    expect(network).toEqual(config.ports_description);
  });
});

describe('the image', () => {
  const argument = (name: string): string | undefined => new RegExp(`^ARG ${name}=(\\S+)$`, 'm').exec(dockerfile)?.[1];
  const label = (name: string): string | undefined => new RegExp(` ${name}="([^"]*)"`).exec(dockerfile)?.[1];

  it('has one base, also for Supervisors that read build.yaml', () => {
    const { build_from } = v.parse(BuildConfig, parseYaml(readText('build.yaml')));
    expect(Object.keys(build_from).sort()).toEqual([...config.arch].sort());
    expect(new Set(Object.values(build_from))).toEqual(new Set([argument('BUILD_FROM')]));
    expect(dockerfile.match(/^FROM .*/gm)?.filter((line) => line.includes('docker.io'))).toEqual([]);
  });

  it('has a base by its whole name, which the Supervisor insists on', () => {
    expect(v.is(BuildConfig, { build_from: { amd64: 'node:24-alpine' } })).toBe(false);
    expect(v.is(BuildConfig, { build_from: { amd64: argument('BUILD_FROM') } })).toBe(true);
  });

  it('runs nothing but node and npm while it is built', () => {
    const commands = [...dockerfile.matchAll(/^RUN (.*)$/gm)].flatMap(([, line]) => line?.split(' && ') ?? []);
    expect(commands.length).toBeGreaterThan(2);
    expect(commands.filter((command) => !/^(?:node|npm) /.test(command))).toEqual([]);
  });

  it('is labelled as config.yaml says', () => {
    expect(label('io.hass.type')).toBe('app');
    for (const prefix of ['io.hass.', 'org.opencontainers.image.']) {
      expect(label(`${prefix}description`)).toBe(config.description);
      expect(label(`${prefix}version`)).toBe('${BUILD_VERSION}');
    }
    expect(label('io.hass.name')).toBe(config.name);
    expect(label('org.opencontainers.image.source')).toBe(config.url);
  });

  it('is of this version when nobody says another', () => {
    expect(argument('BUILD_VERSION')).toBe(VERSION);
  });
});

describe('the version', () => {
  it('is everywhere the same', () => {
    expect(config.version).toBe(VERSION);
    expect((JSON.parse(readText('package.json')) as { version: string }).version).toBe(VERSION);
  });

  it('has a place in CHANGELOG.md, below what is not released yet', () => {
    const headings = [...readText('CHANGELOG.md').matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    expect(headings.filter((heading) => heading !== 'Unreleased')[0]).toBe(VERSION);
    expect(headings.indexOf('Unreleased')).toBeLessThanOrEqual(0);
  });
});

describe('the pictures', () => {
  it.each([
    ['icon.png', 256, 256],
    ['logo.png', 500, 200],
  ])('%s is %d x %d pixels, drawn from a source of ours', (file, width, height) => {
    const png = readFileSync(join(ROOT, file));
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([width, height]);
    const source = readText(`card/art/${file.replace('.png', '.svg')}`);
    expect(source.match(/#d21f3c/g)).toHaveLength(2);
  });
});

describe('repository.yaml', () => {
  it('is where the add-on says it comes from', () => {
    expect(v.parse(Repository, parseYaml(readText('repository.yaml'))).url).toBe(config.url);
  });
});

it('runs Node everywhere with the flags that the tests and the bench run it with', () => {
  const flags = NODE_FLAGS.map((flag) => `"${flag}", `).join('');
  expect(dockerfile).toContain(`ENTRYPOINT ["node", ${flags}"/app/addon/dist/main.js"]`);
  const { scripts } = JSON.parse(readText('package.json')) as { scripts: Record<string, string> };
  expect(scripts['start']).toContain(`node ${NODE_FLAGS.join(' ')} addon/dist/main.js`);
});
