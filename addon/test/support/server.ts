/** The built server as a process of its own, as `npm start` runs it: what the tests talk to from outside. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BUNDLE = join(import.meta.dirname, '../../dist/main.js');
/** As `npm start` and the image run it, which a rule compares. */
export const NODE_FLAGS = ['--max-semi-space-size=2'];
const START_TIMEOUT_MS = 15_000;
/** The server forces itself down after 5 s; one that needs that has failed the test already. */
const STOP_TIMEOUT_MS = 8_000;

/** What main.ts says once it listens, on one line of its log. */
export interface Listening {
  /** The page, on the main server: `http://localhost:8080/`; empty while that is off, as in an add-on. */
  page: string;
  /** The media server: `http://192.168.1.5:8081`. */
  media: string;
  /** Empty in an add-on. */
  latestMp3Url: string;
}

export interface TestServer extends Listening {
  /** Port of the main server, 0 while that is off. */
  port: number;
  dataDir: string;
  pid: number;
  /** All it has logged so far. */
  log(): string;
  /** SIGTERM, then waits for the end. Throws when the exit code is not 0. Idempotent. */
  stop(): Promise<void>;
  /** No last word, no goodbye: as a power cut. */
  kill(): Promise<void>;
  /** Stands still, as behind a network that is gone, until `thaw`. */
  freeze(): void;
  thaw(): void;
}

/**
 * Free ports and a fresh DATA_DIR unless `env` says otherwise; a DATA_DIR of the caller is not removed. `command` is what
 * runs Node, by `exec`, in a world of its own; `bundle` another main.js.
 */
export async function startServer(
  env: Record<string, string> = {},
  command: readonly string[] = [],
  bundle = BUNDLE,
): Promise<TestServer> {
  if (!existsSync(bundle)) throw new Error('addon/dist/main.js is not built: run `npm run bundle` first.');
  const ownDataDir = env['DATA_DIR'] === undefined ? await mkdtemp(join(tmpdir(), 'voice-streaming-data-')) : undefined;
  const dataDir = env['DATA_DIR'] ?? ownDataDir ?? '';
  const [program, ...words] = [...command, process.execPath, ...NODE_FLAGS, bundle];
  const server = spawn(program, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...withoutOptions(), PORT: '0', AUDIO_PORT: '0', LOG_LEVEL: 'info', DATA_DIR: dataDir, ...env },
  });
  const exited = new Promise<string>((resolve) => {
    server.on('error', (error) => resolve(error.message));
    server.on('exit', (code, signal) => resolve(String(code ?? signal)));
  });
  let log = '';
  const listening = new Promise<Listening>((resolve) => {
    for (const output of [server.stdout, server.stderr]) {
      output.setEncoding('utf8').on('data', (text: string) => {
        log += text;
        const found = /\blistening (\{.*\})\s*\n/.exec(log)?.[1];
        if (found !== undefined) resolve(JSON.parse(found) as Listening);
      });
    }
  });
  const stop = async (): Promise<void> => {
    server.kill('SIGTERM');
    const forced = setTimeout(() => server.kill('SIGKILL'), STOP_TIMEOUT_MS);
    const exit = await exited;
    clearTimeout(forced);
    if (ownDataDir !== undefined) await rm(ownDataDir, { recursive: true, force: true });
    if (exit !== '0') throw new Error(`The server ended with ${exit}, not with 0:\n${log}`);
  };
  const kill = async (): Promise<void> => {
    server.kill('SIGKILL');
    await exited;
  };
  const life = {
    stop,
    kill,
    freeze: () => void server.kill('SIGSTOP'),
    thaw: () => void server.kill('SIGCONT'),
  };
  try {
    const urls = await within(START_TIMEOUT_MS, Promise.race([listening, exited]));
    if (typeof urls !== 'object') throw new Error(`it ended with ${urls ?? 'nothing said in time'}`);
    const port = urls.page === '' ? 0 : Number(new URL(urls.page).port);
    return { ...urls, port, dataDir, pid: server.pid ?? 0, log: () => log, ...life };
  } catch (error) {
    server.kill('SIGKILL');
    await exited;
    throw new Error(`The server did not start: ${String(error)}\n${log}`, { cause: error });
  }
}

/** A developer's own settings must not change a test. */
function withoutOptions(): NodeJS.ProcessEnv {
  const names = ['HOST', 'ANNOUNCED_ADDRESS', 'UDP_PORTS', 'MEDIA_ACCESS', 'ACCESS_TOKEN', 'SUPERVISOR_TOKEN'];
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !names.includes(name)));
}

/** The value, or undefined when it takes longer. */
async function within<T>(ms: number, value: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), ms)));
  return Promise.race([value, late]).finally(() => clearTimeout(timer));
}
