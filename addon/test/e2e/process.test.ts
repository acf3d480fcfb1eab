/** The program as whoever starts it sees it: its exit codes, its one line about what is wrong, its orderly end. */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { once } from '../support/once.ts';
import { startServer } from '../support/server.ts';
import { SignalingClient } from '../support/signaling-client.ts';
import { openClient } from '../support/werift-client.ts';

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

it('goes on when what it prints finds no room', async () => {
  const file = join(dataDir, 'health');
  const server = spawn('sh', ['-c', 'exec "$@" >/dev/full 2>&1', 'sh', process.execPath, BUNDLE], {
    stdio: 'ignore',
    env: { ...process.env, PORT: '0', AUDIO_PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'info', HEALTH_FILE: file },
  });
  const closed = once<number | null>((resolve) => server.on('exit', resolve), 'exit');
  const health = await vi.waitFor(() => readFile(file, 'utf8'), { timeout: 10_000 });
  for (let turn = 0; turn < 3; turn += 1) expect((await fetch(health)).status).toBe(200);
  server.kill('SIGTERM');
  expect(await closed).toBe(0);
});

describe('a full disk', () => {
  /** A disk of its own, with what `$KEPT` holds and no room for more. */
  const script =
    'mount -t tmpfs -o size=64k none "$DATA_DIR" && cp -r "$KEPT"/. "$DATA_DIR" && ' +
    '{ head -c 100000 /dev/zero >"$DATA_DIR/fill" 2>/dev/null || true; } && exec "$@"';
  const alone = ['unshare', process.getuid?.() === 0 ? '-m' : '-rm', 'sh', '-c', script, 'sh'];
  let disk: string;

  beforeEach(async () => {
    disk = await mkdtemp(join(tmpdir(), 'voice-streaming-full-'));
  });

  afterEach(() => rm(disk, { recursive: true, force: true }));

  it('at the first start is one clear line and exit code 2: keys that nobody keeps open nothing', async () => {
    const started = startServer({ DATA_DIR: disk, KEPT: dataDir }, alone);
    await expect(started).rejects.toThrow(/it ended with 2[^]*\nThe disk of DATA_DIR \S+ is full: make room, .*\n$/);
  });

  it('later on keeps nobody from talking; it is told once, and what was kept stays whole', async () => {
    await (await startServer({ DATA_DIR: dataDir })).stop();
    const server = await startServer({ DATA_DIR: disk, KEPT: dataDir }, alone);
    try {
      expect((await fetch(new URL('health', server.page))).status).toBe(200);
      const url = `${server.page.replace('http', 'ws')}ws`;
      for (const name of ['Kitchen', 'Hall']) {
        const client = await SignalingClient.open(url);
        await client.get('introduce', { deviceKey: name.padEnd(22, 'k'), name });
        const speaker = openClient('sendonly');
        await speaker.accept((await client.get('connectSender', { offer: await speaker.offer() })).answer);
        expect((await client.get('startTalk', {})).stream).toMatchObject({ live: true });
        await expect.poll(() => server.log(), { timeout: 10_000 }).toContain('cannot write');
        await speaker.close();
        await client.close();
      }
      const inside = join(`/proc/${server.pid}/root`, disk);
      expect((await readdir(inside)).sort()).toEqual(['fill', 'secrets.json']);
      expect(await readFile(join(inside, 'secrets.json'))).toEqual(await readFile(join(dataDir, 'secrets.json')));
    } finally {
      await server.stop();
    }
    expect(server.log().match(/cannot write .*ENOSPC.*; stream ids may change/g)).toHaveLength(1);
  });
});

it('keeps its secrets over a restart', async () => {
  const first = await startServer({ DATA_DIR: dataDir });
  await first.stop();
  const second = await startServer({ DATA_DIR: dataDir });
  await second.stop();
  expect(new URL(second.latestMp3Url).pathname).toBe(new URL(first.latestMp3Url).pathname);
});
