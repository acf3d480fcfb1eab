/** /health of a server that cannot relay: it fails, says why, and so does the log. */
import { execFileSync } from 'node:child_process';
import { afterEach, expect, it } from 'vitest';
import { runInside } from '../support/inspector.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** Longer than what is told while it lasts (5 s), and more than half of ten seconds. */
const BLOCKED_MS = 8_000;
const PATIENCE = { timeout: 15_000, interval: 100 };

let server: TestServer;

afterEach(() => server.stop());

it('fails while nothing gets its turn: no answer, then the reason; the log has it before it is over', async () => {
  server = await startServer({ NODE_OPTIONS: '--inspect-port=0' });
  const health = new URL('health', server.page);
  expect((await fetch(health)).status).toBe(200);
  process.kill(server.pid, 'SIGUSR1');
  await expect.poll(() => server.log(), PATIENCE).toMatch(/Debugger listening on ws:/);
  const inspector = /Debugger listening on (ws:\S+)/.exec(server.log())?.[1] ?? '';
  await runInside(inspector, `for (const end = Date.now() + ${BLOCKED_MS}; Date.now() < end; );`);

  const answer = (): Promise<string> =>
    fetch(health, { signal: AbortSignal.timeout(1_000) }).then(
      ({ status }) => String(status),
      (error: unknown) => (error as Error).name,
    );
  await expect.poll(answer, PATIENCE).toBe('TimeoutError');
  await expect.poll(() => server.log(), PATIENCE).toMatch(/ERROR \[loop\] nothing got its turn for 5 s, and it lasts/);
  const afterwards = await fetch(health);
  expect(afterwards.status).toBe(503);
  expect(await afterwards.json()).toMatchObject({
    status: 'degraded',
    reasons: [expect.stringContaining('nothing got its turn') as string],
  });
  await expect.poll(() => server.log(), PATIENCE).toMatch(/\/health fails, a watchdog may restart this server: More/);
  await expect
    .poll(() => server.log(), PATIENCE)
    .toMatch(/WARN {2}\[loop\] nothing got its turn for \d+\.\d s: .* still/);
  expect(server.log().indexOf('and it lasts')).toBeLessThan(server.log().indexOf('stood still'));
});

it('fails while UDP does not work, and is well again when it does', async () => {
  const isRoot = process.getuid?.() === 0;
  const alone = ['unshare', isRoot ? '-n' : '-rn', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];
  server = await startServer({ HOST: '127.0.0.1' }, alone);
  const inside = (...command: string[]): string => {
    const user = isRoot ? [] : ['-U', '--preserve-credentials'];
    return execFileSync('nsenter', ['-t', String(server.pid), ...user, '-n', ...command], { encoding: 'utf8' });
  };
  const ask = (): { status: number; reasons?: string[] } => {
    const script = `fetch(process.argv[1]).then(async (r) => console.log(JSON.stringify({ ...(await r.json()), status: r.status })))`;
    return JSON.parse(inside(process.execPath, '-e', script, new URL('health', server.page).href)) as never;
  };
  expect(ask().status).toBe(200);
  inside('iptables', '-A', 'OUTPUT', '-p', 'udp', '-j', 'DROP');
  await expect.poll(() => ask().status, PATIENCE).toBe(503);
  expect(ask().reasons?.join()).toMatch(/UDP does not work on this machine: .*EPERM/);
  inside('iptables', '-F');
  await expect.poll(() => ask().status, PATIENCE).toBe(200);
  await expect.poll(() => server.log(), PATIENCE).toContain('/health is well again');
  expect(server.log().match(/\/health fails/g)).toHaveLength(1);
});
