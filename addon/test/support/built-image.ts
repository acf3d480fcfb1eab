/** The image as its Dockerfile makes it, for tests: plain, and as Home Assistant's builders build it. */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeNodeBase } from '../../tools/node-base.mjs';
import type { ContainerEngine } from './container-engine.ts';

const ROOT = join(import.meta.dirname, '../../..');
const PULL_TIMEOUT_MS = 3 * 60_000;
const BUILD_TIMEOUT_MS = 5 * 60_000;

export interface BuiltImages {
  /** What `docker build .` gives. */
  plain: string;
  /** With the arguments that the Supervisor and the published image's builder give. */
  addon: string;
  base: string;
  /** Why it is not the base that the Dockerfile names. */
  standIn?: string;
}

export async function buildImages(engine: ContainerEngine): Promise<BuiltImages> {
  const name = `localhost/voice-streaming-test-${randomUUID().slice(0, 8)}`;
  const { base, standIn } = await findBase(engine);
  const images: BuiltImages = { plain: `${name}:plain`, addon: `${name}:addon`, base, ...(standIn && { standIn }) };
  const trust = trustOf(engine);
  try {
    const build = (tag: string, ...args: string[]): Promise<string> =>
      engine.run(
        ['build', ...trust.args, '--build-arg', `BUILD_FROM=${base}`, ...args, '--tag', tag, ROOT],
        BUILD_TIMEOUT_MS,
      );
    await build(images.plain);
    const arch = process.arch === 'arm64' ? 'aarch64' : 'amd64';
    await build(images.addon, '--build-arg', `BUILD_ARCH=${arch}`, '--build-arg', 'BUILD_VERSION=9.8.7');
  } finally {
    trust.close();
  }
  return images;
}

export async function removeImages(engine: ContainerEngine, { plain, addon }: BuiltImages): Promise<void> {
  await engine.run(['rmi', '--force', plain, addon]).catch(() => undefined);
}

/** The base that the Dockerfile names, or a stand-in where its registry cannot be reached. */
async function findBase(engine: ContainerEngine): Promise<Pick<BuiltImages, 'base' | 'standIn'>> {
  const base = /^ARG BUILD_FROM=(\S+)$/m.exec(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'))?.[1];
  if (base === undefined) throw new Error('The Dockerfile does not name its base by ARG BUILD_FROM.');
  const isKept = await engine.run(['image', 'inspect', base]).then(
    () => true,
    () => false,
  );
  if (isKept) return { base };
  try {
    await engine.run(['pull', base], PULL_TIMEOUT_MS);
    return { base };
  } catch (error) {
    const standIn = String(error).trim().split('\n').at(-1) ?? '';
    return { base: await buildStandIn(engine), standIn };
  }
}

async function buildStandIn(engine: ContainerEngine): Promise<string> {
  const tag = 'localhost/voice-streaming-test-node-base:latest';
  const folder = mkdtempSync(join(tmpdir(), 'voice-streaming-base-'));
  try {
    makeNodeBase(folder);
    await engine.run(
      ['build', ...(engine.name === 'podman' ? ['--layers=false'] : []), '--tag', tag, folder],
      BUILD_TIMEOUT_MS,
    );
    return tag;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * podman: npm inside of the build trusts and asks whom npm outside does (a company's proxy re-signs TLS), the network is
 * the machine's, no layers are left over, and HEALTHCHECK is kept.
 */
function trustOf(engine: ContainerEngine): { args: string[]; close: () => void } {
  if (engine.name === 'docker') return { args: [], close: () => undefined };
  const args = ['--layers=false', '--format', 'docker', '--network', 'host'];
  const setting = (key: string): string => {
    const options = { encoding: 'utf8' as const, stdio: ['ignore', 'pipe', 'ignore'] as ['ignore', 'pipe', 'ignore'] };
    const value = execFileSync('npm', ['config', 'get', key], options).trim();
    return value === 'null' || value === 'undefined' ? '' : value;
  };
  const folder = mkdtempSync(join(tmpdir(), 'voice-streaming-npmrc-'));
  const lines = [`registry=${setting('registry')}`];
  const authorities = setting('cafile') || (process.env['NODE_EXTRA_CA_CERTS'] ?? '');
  if (authorities !== '' && existsSync(authorities)) {
    args.push('--volume', `${authorities}:/run/authorities.crt:ro`);
    lines.push('cafile=/run/authorities.crt');
  }
  const npmrc = join(folder, 'npmrc');
  writeFileSync(npmrc, `${lines.join('\n')}\n`);
  args.push('--volume', `${npmrc}:/usr/local/etc/npmrc:ro`);
  return { args, close: () => rmSync(folder, { recursive: true, force: true }) };
}
