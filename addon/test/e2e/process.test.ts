/** The program as whoever starts it sees it: its exit codes, its one line about what is wrong, its orderly end. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { once } from '../support/once.ts';
import { startServer } from '../support/server.ts';

const BUNDLE = join(import.meta.dirname, '../../dist/main.js');

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'voice-streaming-process-'));
});

afterEach(() => rm(dataDir, { recursive: true, force: true }));

/** Runs the server to its own end. */
function run(env: Record<string, string>): Promise<{ code: number | null; stderr: string }> {
  const server = spawn(process.execPath, [BUNDLE], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, PORT: '0', AUDIO_PORT: '0', DATA_DIR: dataDir, ...env },
  });
  let stderr = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return once((resolve) => server.on('close', (code) => resolve({ code, stderr })), 'the server ended by itself');
}

it.each([
  ['PORT', '70000', /^PORT .*"70000".* 1 to 65535.*\n$/],
  ['LOG_LEVEL', 'loud', /^LOG_LEVEL .*debug, info, warn, error\n?.*\n$/],
  ['UDP_PORTS', '5-4', /^UDP_PORTS .*50000-50100.*\n$/],
  ['ACCESS_TOKEN', 'hunter2', /^ACCESS_TOKEN (?!.*hunter2).*16 to 256 characters.*\n$/],
])('a wrong %s is one clear line and exit code 2', async (name, value, line) => {
  const { code, stderr } = await run({ [name]: value });
  expect(stderr).toMatch(line);
  expect(code).toBe(2);
});

it('torn options are one clear line and exit code 2', async () => {
  await writeFile(join(dataDir, 'options.json'), '{"port": ');
  const { code, stderr } = await run({});
  expect(stderr).toMatch(/^.*options\.json is not JSON.*\n$/);
  expect(code).toBe(2);
});

it('a taken port is one clear line and exit code 2, whichever of the two', async () => {
  const other = createServer();
  await new Promise((resolve) => other.listen(0, () => resolve(true)));
  const taken = String((other.address() as AddressInfo).port);
  for (const name of ['PORT', 'AUDIO_PORT']) {
    const { code, stderr } = await run({ [name]: taken });
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(
      `Port ${taken} is taken by another program: stop it, or choose another port with ${name}.`,
    );
    expect(code).toBe(2);
  }
  await new Promise((resolve) => other.close(resolve));
});

it('goes on when nobody reads what it prints', async () => {
  const server = spawn(process.execPath, [BUNDLE], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PORT: '0', AUDIO_PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'info' },
  });
  const page = await once<string>((resolve) => {
    server.stdout.setEncoding('utf8').on('data', (text: string) => {
      const found = /"page":"([^"]+)"/.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
  }, 'listening');
  server.stdout.destroy();
  server.stderr.destroy();
  const closed = once<number | null>((resolve) => server.on('exit', resolve), 'exit');
  // Each WHIP refusal or start writes a line or none; what counts is that it still answers afterwards.
  for (let turn = 0; turn < 3; turn += 1) expect((await fetch(`${page}health`)).status).toBe(200);
  server.kill('SIGTERM');
  expect(await closed).toBe(0);
});

it('keeps its secrets over a restart', async () => {
  const first = await startServer({ DATA_DIR: dataDir });
  await first.stop();
  const second = await startServer({ DATA_DIR: dataDir });
  await second.stop();
  expect(new URL(second.latestMp3Url).pathname).toBe(new URL(first.latestMp3Url).pathname);
});
