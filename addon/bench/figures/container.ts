/**
 * The image as its Dockerfile makes it: from `docker run` to the first 200 of /health, so the engine's own work is in it,
 * and its memory when it is left alone. Needs what the container tests need.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { containerNeeds, prepareMachine } from '../../tools/prepare-machine.mjs';
import { buildImages } from '../../test/support/built-image.ts';
import { Container } from '../../test/support/container.ts';
import {
  makeEngineFolder,
  openEngine,
  removeEngineFolder,
  type ContainerEngine,
} from '../../test/support/container-engine.ts';
import { freePort } from '../../test/support/free-port.ts';
import { NONE, type Figure } from '../support/figure.ts';
import { readResident } from '../support/metrics.ts';
import { pair, spread, windows } from '../support/statistics.ts';

const STARTS = 7;
const IDLE_SERVERS = 3;
const POLL_MS = 5;
const GIVE_UP_MS = 30_000;
const IDLE_MS = 40_000;

export async function container(): Promise<Figure[]> {
  if (!prepareMachine(containerNeeds())) throw new Error('no container can be run here');
  const folder = makeEngineFolder();
  try {
    const engine = openEngine(folder);
    const { plain, base, standIn } = await buildImages(engine);
    const on = standIn === undefined ? base : "a stand-in with this machine's C library";
    const healthyMs: number[] = [];
    const bareMs: number[] = [];
    for (let i = 0; i < STARTS; i += 1) {
      healthyMs.push(await startOnce(engine, plain));
      bareMs.push(await startBareNode(engine, plain));
    }
    const idle = await idleMemory(engine, plain);
    const bareBytes = await residentOfBareNode(engine, plain);
    const ours = spread(healthyMs, 'starts');
    return [
      {
        what: 'start to healthy in the container, the engine included',
        ours: pair({ p50: ours.p50, p99: ours.max }, 'ms').replace('/', '/ worst'),
        goal: '<= 1 s',
        python: NONE,
        control: `node -e 0 in it: ${spread(bareMs, 'bare starts').p50.toFixed(0)} ms`,
        data: { healthyMs, bareMs, base, standIn },
      },
      {
        what: `memory of an idle container, ${IDLE_MS / 1000} s after its start`,
        ours: windows(
          idle.map((bytes) => bytes / 1e6),
          'MB resident',
        ),
        goal: '<= 80 MB',
        python: NONE,
        control: `node -e 0 in it: ${(bareBytes / 1e6).toFixed(1)} MB, on ${on}`,
        data: { idle, bareBytes },
      },
    ];
  } finally {
    removeEngineFolder(folder);
  }
}

async function startOnce(engine: ContainerEngine, image: string): Promise<number> {
  const [port, args] = await onOwnPort();
  const startedAtMs = performance.now();
  const starting = Container.start(engine, image, args);
  try {
    while (!(await isHealthy(port))) {
      if (performance.now() - startedAtMs > GIVE_UP_MS) throw new Error(`it was not healthy in ${GIVE_UP_MS} ms`);
      await delay(POLL_MS);
    }
    return performance.now() - startedAtMs;
  } finally {
    await (await starting).remove();
  }
}

async function startBareNode(engine: ContainerEngine, image: string): Promise<number> {
  const startedAtMs = performance.now();
  await engine.run(['run', '--rm', '--network', 'host', '--entrypoint', 'node', image, '-e', '0']);
  return performance.now() - startedAtMs;
}

async function residentOfBareNode(engine: ContainerEngine, image: string): Promise<number> {
  return Number(
    await engine.run([
      'run',
      '--rm',
      '--entrypoint',
      'node',
      '--network',
      'host',
      image,
      '-p',
      'process.memoryUsage.rss()',
    ]),
  );
}

/** What V8 needed for the start it gives back after a while of idleness. */
async function idleMemory(engine: ContainerEngine, image: string): Promise<number[]> {
  const servers: { port: number; container: Container }[] = [];
  try {
    for (let i = 0; i < IDLE_SERVERS; i += 1) {
      const [port, args] = await onOwnPort();
      servers.push({ port, container: await Container.start(engine, image, args) });
    }
    await delay(IDLE_MS);
    const resident: number[] = [];
    for (const { port } of servers) resident.push(await readResident(port));
    return resident;
  } finally {
    for (const server of servers) await server.container.remove();
  }
}

/** On the host's network, as an add-on is. */
async function onOwnPort(): Promise<[number, string[]]> {
  const port = await freePort();
  return [port, ['--network', 'host', '-e', `PORT=${port}`, '-e', 'AUDIO_PORT=0']];
}

function isHealthy(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/health`).then(
    async (response) => {
      await response.arrayBuffer();
      return response.ok;
    },
    () => false,
  );
}
