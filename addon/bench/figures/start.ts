/** From the start of the process to the first 200 of /health. */
import { execFileSync, spawn } from 'node:child_process';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { startServer } from '../../test/support/server.ts';
import { delay } from '../support/clock.ts';
import { NONE, type Figure } from '../support/figure.ts';
import { readResident } from '../support/metrics.ts';
import { pair, spread } from '../support/statistics.ts';

const STARTS = 7;
const POLL_MS = 5;
const GIVE_UP_MS = 15_000;
const IDLE_MS = 40_000;

export async function start(): Promise<Figure[]> {
  const healthyMs: number[] = [];
  const bareMs: number[] = [];
  for (let i = 0; i < STARTS; i += 1) {
    healthyMs.push(await startOnce());
    bareMs.push(await startBareNode());
  }
  const ours = spread(healthyMs, 'starts');
  const idle = await idleMemory();
  return [
    {
      what: 'start to healthy',
      ours: pair({ p50: ours.p50, p99: ours.max }, 'ms').replace('/', '/ worst'),
      goal: '<= 1 s',
      python: '3 s',
      control: `node -e 0: ${spread(bareMs, 'bare starts').p50.toFixed(0)} ms`,
      data: { healthyMs, bareMs },
    },
    {
      what: `memory of an idle server, ${IDLE_MS / 1000} s after its start`,
      ours: `${(idle.oursBytes / 1e6).toFixed(1)} MB resident`,
      goal: '<= 80 MB',
      python: NONE,
      control: `node -e 0: ${(idle.bareBytes / 1e6).toFixed(1)} MB`,
      data: idle,
    },
  ];
}

async function startOnce(): Promise<number> {
  const port = await freePort();
  const startedAtMs = performance.now();
  const starting = startServer({ PORT: String(port) });
  while (!(await isHealthy(port))) {
    if (performance.now() - startedAtMs > GIVE_UP_MS) break;
    await delay(POLL_MS);
  }
  const healthyMs = performance.now() - startedAtMs;
  const server = await starting;
  await server.stop();
  return healthyMs;
}

/** What V8 needed for the start it gives back after a while of idleness. */
async function idleMemory(): Promise<{ oursBytes: number; bareBytes: number }> {
  const server = await startServer();
  await delay(IDLE_MS);
  const oursBytes = await readResident(server.port);
  await server.stop();
  const bare = execFileSync(process.execPath, ['-p', 'process.memoryUsage.rss()'], { encoding: 'utf8' });
  return { oursBytes, bareBytes: Number(bare) };
}

function isHealthy(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    get({ host: '127.0.0.1', port, path: '/health', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    }).on('error', () => resolve(false));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

async function startBareNode(): Promise<number> {
  const startedAtMs = performance.now();
  const node = spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' });
  await new Promise((resolve) => node.on('exit', resolve));
  return performance.now() - startedAtMs;
}
