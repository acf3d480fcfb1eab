/** What is in the image, and what is not. */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGzip } from 'node:zlib';
import { describe, expect, inject, it } from 'vitest';
import { bundle } from '../../tools/bundle.mjs';
import { findCommand } from '../../tools/prepare-machine.mjs';
import { Container } from '../support/container.ts';
import { openEngine } from '../support/container-engine.ts';

const ROOT = join(import.meta.dirname, '../../..');
const MAX_COMPRESSED_MB = 80;
const TRANSLATION =
  /^app\/card\/dist\/translations\/(?:(?:editor|details|more|page)-)?[a-z]{2}(?:-[A-Z][A-Za-z]+)?\.js$/;
/** Where this test's own build mounted npm's settings. */
const MOUNTED = 'usr/local/etc/npmrc';
/** What an engine puts into every container. */
const OF_THE_ENGINE =
  /^(?:dev|proc|sys|run|etc\/(?:hosts|hostname|resolv\.conf|mtab)|\.dockerenv|tmp|var\/tmp)(?:\/|$)/;

const engine = openEngine(inject('engineFolder'));
const images = inject('images');

/** Of a container that never ran; no folders. */
async function filesOf(image: string): Promise<string[]> {
  const name = (await engine.run(['create', image, 'nothing'])).trim();
  const folder = mkdtempSync(join(tmpdir(), 'voice-streaming-export-'));
  try {
    const archive = join(folder, 'root.tar');
    await engine.run(['export', '--output', archive, name]);
    const text = execFileSync('tar', ['tf', archive], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
    return text.split('\n').filter((path) => path !== '' && !path.endsWith('/') && !OF_THE_ENGINE.test(path));
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await engine.run(['rm', '--force', '--volumes', name]);
  }
}

async function configOf(image: string): Promise<Record<string, unknown>> {
  const [inspected] = JSON.parse(await engine.run(['image', 'inspect', image])) as [
    { Config: Record<string, unknown> },
  ];
  return inspected.Config;
}

describe('the image', () => {
  it('holds the bundles and nothing else of ours, and npm is gone', async () => {
    const [before, plain, addon] = await Promise.all([images.base, images.plain, images.addon].map(filesOf));
    const ours = [
      'app/LICENSE',
      'app/NOTICE',
      ...['health-check', 'lame', 'main', 'mp3-decoder', 'mqtt', 'transcoder-worker'].map(
        (name) => `app/addon/dist/${name}.js`,
      ),
      'app/addon/package.json',
      ...['editor.js', 'favicon.svg', 'index.html', 'page.css', 'page.js', 'pages.js', 'voice-streaming-card.js'].map(
        (name) => `app/card/dist/${name}`,
      ),
    ];
    const added = (files: string[] = []): string[] =>
      files.filter((file) => !before?.includes(file) && file !== MOUNTED).sort();
    expect(added(plain).filter((file) => !TRANSLATION.test(file))).toEqual(ours.sort());
    expect(added(addon)).toEqual(added(plain));
    const removed = before?.filter((file) => !plain?.includes(file)) ?? [];
    expect(removed).toContain('usr/local/lib/node_modules/npm/package.json');
    expect(removed.filter((file) => !/^(?:usr\/local\/(?:lib\/node_modules|include|bin)|opt)\//.test(file))).toEqual(
      [],
    );
    expect(plain).toContain('usr/local/bin/node');
  });

  it('holds what the tests have tested, without the sources', async () => {
    await bundle();
    const container = await Container.start(engine, images.plain);
    try {
      const printed = await container.node(`
        const paths = fs.readdirSync('/app', { recursive: true }).filter((path) => path.endsWith('.js'));
        const sha256 = (bytes) => crypto.createHash('sha256').update(bytes).digest('hex');
        console.log(JSON.stringify(paths.map((path) => [path, sha256(fs.readFileSync('/app/' + path))])));`);
      const shipped = JSON.parse(printed) as [string, string][];
      const tested = shipped.map(([path]) => {
        const text = readFileSync(join(ROOT, path), 'utf8').replace(/^\/\/# sourceMappingURL=.*\n/m, '');
        return [path, createHash('sha256').update(text).digest('hex')];
      });
      expect(shipped.length).toBeGreaterThan(5);
      expect(shipped).toEqual(tested);
    } finally {
      await container.remove();
    }
  });

  it(`is at most ${MAX_COMPRESSED_MB} MB compressed`, async () => {
    const [program, ...first] = engine.command;
    const saved = spawn(program, [...first, 'save', images.addon], {
      env: engine.env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let bytes = 0;
    for await (const part of saved.stdout.pipe(createGzip())) bytes += (part as Buffer).length;
    const megabytes = bytes / 1e6;
    const of = images.standIn === undefined ? images.base : "a stand-in with this machine's C library";
    console.log(`${megabytes.toFixed(1)} MB compressed, on ${of}.`);
    expect(megabytes).toBeGreaterThan(20);
    expect(megabytes).toBeLessThanOrEqual(MAX_COMPRESSED_MB);
  });

  it('is told apart by its labels', async () => {
    const { Labels: labels } = (await configOf(images.addon)) as { Labels: Record<string, string> };
    expect(labels).toMatchObject({
      'io.hass.type': 'app',
      'io.hass.version': '9.8.7',
      'io.hass.arch': process.arch === 'arm64' ? 'aarch64' : 'amd64',
      'org.opencontainers.image.version': '9.8.7',
    });
  });

  it('starts as root only as an add-on', async () => {
    const [plain, addon] = await Promise.all([configOf(images.plain), configOf(images.addon)]);
    expect(plain).toMatchObject({ User: 'node', Volumes: { '/data': {} } });
    expect(addon['User'] ?? '').toBe('');
    // The Supervisor mounts a folder there.
    expect(addon['Volumes'] ?? {}).toEqual({});
  });
});

it('the AppArmor profile can be parsed', () => {
  const parser = findCommand(['apparmor_parser', '/usr/sbin/apparmor_parser']) ?? '';
  execFileSync(parser, ['--skip-kernel-load', '--skip-cache', '--quiet', join(ROOT, 'apparmor.txt')], {
    stdio: 'inherit',
  });
});
