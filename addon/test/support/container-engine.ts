/**
 * Docker where an engine answers, else podman with a storage of its own in a folder of this run: nobody's images are touched.
 */
import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { dockerAnswers, findCommand } from '../../tools/prepare-machine.mjs';

const run = promisify(execFile);

const DEFAULT_TIMEOUT_MS = 60_000;
const FOLDER_PREFIX = 'voice-streaming-containers-';
/** What a run left that was killed. */
const STALE_MS = 2 * 60 * 60_000;
/** Of statfs: where we are in a container ourselves, layers cannot be laid over layers and are copied. */
const OVERLAY_MAGIC = 0x794c7630;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

export interface ContainerEngine {
  name: 'docker' | 'podman';
  /** Starts any command of the engine and returns what it prints; an error carries what it complained about. */
  run(args: readonly string[], timeoutMs?: number): Promise<string>;
  /** The program and its first arguments, for what needs a pipe. */
  command: [string, ...string[]];
  env: NodeJS.ProcessEnv;
}

/** Of one run of the tests; docker leaves it empty. */
export function makeEngineFolder(): string {
  for (const name of readdirSync(tmpdir())) {
    const path = join(tmpdir(), name);
    if (name.startsWith(FOLDER_PREFIX) && Date.now() - statSync(path).mtimeMs > STALE_MS) removeEngineFolder(path);
  }
  return mkdtempSync(join(tmpdir(), FOLDER_PREFIX));
}

export function removeEngineFolder(folder: string): void {
  // podman mounts its storage onto itself.
  spawnSync('umount', ['--lazy', storageOf(folder, 'overlay')], { stdio: 'ignore' });
  for (const path of [folder, runOf(folder)]) rmSync(path, { recursive: true, force: true });
}

export function openEngine(folder: string): ContainerEngine {
  if (dockerAnswers()) return engine('docker', ['docker'], process.env);
  if (findCommand(['podman']) === undefined) {
    throw new Error('There is neither a Docker engine that answers nor podman: install one of them.');
  }
  if (process.getuid?.() !== 0) throw new Error('podman runs these tests as root only; a Docker engine needs no root.');
  mkdirSync(storageOf(folder), { recursive: true });
  const conf = join(folder, 'containers.conf');
  writeFileSync(conf, podmanConf(folder));
  const env = { ...process.env, CONTAINERS_CONF: conf };
  const driver = statfsSync(folder).type === OVERLAY_MAGIC ? 'vfs' : 'overlay';
  const places = ['--root', storageOf(folder), '--runroot', runOf(folder)];
  return engine('podman', ['podman', ...places, '--storage-driver', driver], env);
}

/** podman takes a short path only. */
function runOf(folder: string): string {
  return join('/run', basename(folder));
}

function storageOf(folder: string, ...parts: string[]): string {
  return join(folder, 'storage', ...parts);
}

/** Works without systemd, and within the limits of a small machine. */
function podmanConf(folder: string): string {
  const runtime = findCommand(['runc']) === undefined ? 'crun' : 'runc';
  return [
    '[containers]',
    'default_ulimits = ["nofile=20000:20000", "nproc=4096:4096"]',
    '[network]',
    `network_config_dir = "${join(folder, 'networks')}"`,
    '[engine]',
    'cgroup_manager = "cgroupfs"',
    'events_logger = "file"',
    `tmp_dir = "${join(folder, 'libpod')}"`,
    `runtime = "${runtime}"`,
    '',
  ].join('\n');
}

function engine(name: 'docker' | 'podman', command: [string, ...string[]], env: NodeJS.ProcessEnv): ContainerEngine {
  const [program, ...first] = command;
  return {
    name,
    command,
    env,
    async run(args, timeout = DEFAULT_TIMEOUT_MS) {
      try {
        const { stdout } = await run(program, [...first, ...args], { env, timeout, maxBuffer: MAX_OUTPUT_BYTES });
        return stdout;
      } catch (error) {
        const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
        throw new Error(`${name} ${args.join(' ')}:\n${stdout}${stderr}`, { cause: error });
      }
    },
  };
}
