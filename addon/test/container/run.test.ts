/** The container as an engine sees it: health, signals, and what it may and does write. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { Container } from '../support/container.ts';
import { openEngine } from '../support/container-engine.ts';

const HEALTHY_MS = 3_000;
const STOP_MS = 5_000;
const PATIENCE_MS = 20_000;
const CONFINED = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];
/** No port of this machine is taken: the container has a network of its own. */
const ALONE = ['--network', 'none'];

const engine = openEngine(inject('engineFolder'));
const images = inject('images');
const volume = `voice-streaming-test-${randomUUID().slice(0, 8)}`;
const open: Container[] = [];

const start = async (image: string, args: readonly string[]): Promise<Container> => {
  const container = await Container.start(engine, image, [...ALONE, ...args]);
  open.push(container);
  return container;
};

/** `uid mode name` of everything in /data. */
const dataOf = (container: Container): Promise<string> =>
  container.node(`
    const show = (path) => { const { uid, mode } = fs.statSync(path); return [uid, (mode & 0o777).toString(8), path].join(' '); };
    console.log(['/data', ...fs.readdirSync('/data').map((name) => '/data/' + name)].map(show).join('\\n'));`);

/** Resolves to how long it took, from when the engine had started it. */
async function becomesHealthy(container: Container): Promise<number> {
  const startedAt = performance.now();
  while (!(await container.isHealthy())) {
    if (performance.now() - startedAt > PATIENCE_MS)
      throw new Error(`It never became healthy:\n${await container.log()}`);
    await delay(20);
  }
  return performance.now() - startedAt;
}

afterEach(() => Promise.all(open.splice(0).map((container) => container.remove())));
afterAll(async () => {
  await engine.run(['volume', 'rm', '--force', volume]);
});

describe('a plain container, read-only and without capabilities', () => {
  let secrets: string;

  beforeAll(() => engine.run(['volume', 'create', volume]));

  it('is healthy within 3 s, and ends with 0 within 5 s of SIGTERM', async () => {
    const container = await start(images.plain, [...CONFINED, '-v', `${volume}:/data`]);
    expect(await becomesHealthy(container)).toBeLessThan(HEALTHY_MS);
    expect(await dataOf(container)).toBe('1000 755 /data\n1000 600 /data/secrets.json');
    secrets = await container.node("console.log(fs.readFileSync('/data/secrets.json', 'utf8'))");
    expect(
      await container.node("console.log(process.getuid(), /CapEff:\\s0{16}/.test(fs.readFileSync('/proc/1/status')))"),
    ).toBe('1000 true');

    const stoppedAt = performance.now();
    const { exitCode, log } = await container.stop(10);
    expect(exitCode).toBe(0);
    expect(performance.now() - stoppedAt).toBeLessThan(STOP_MS);
    expect(log).toMatch(/closed\s*$/);
  });

  it('finds its keys again on its volume', async () => {
    const container = await start(images.plain, [...CONFINED, '-v', `${volume}:/data`]);
    await becomesHealthy(container);
    expect(await container.node("console.log(fs.readFileSync('/data/secrets.json', 'utf8'))")).toBe(secrets);
  });

  it('is checked at the port that options.json says', async () => {
    const options = JSON.stringify({ audio_port: 18_181, port: 18_180 });
    const writer = await start(images.plain, ['-v', `${volume}:/data`]);
    await writer.node(`fs.writeFileSync('/data/options.json', '${options}')`);
    await writer.remove();
    const container = await start(images.plain, [...CONFINED, '-v', `${volume}:/data`]);
    expect(new URL((await container.listening()).media).port).toBe('18181');
    await becomesHealthy(container);
  });

  it('is found ill when nothing answers where the server should be', async () => {
    const container = await start(images.plain, CONFINED);
    await becomesHealthy(container);
    await container.node("fs.writeFileSync(process.env.HEALTH_FILE, 'http://127.0.0.1:9/health')");
    expect(await container.isHealthy()).toBe(false);
  });

  it('says what to do when /data belongs to somebody else', async () => {
    const container = await start(images.plain, [...CONFINED, '--tmpfs', '/data:mode=755']);
    const { exitCode, log } = await container.exited();
    expect(log).toMatch(/^DATA_DIR \/data cannot be written .*\n$/);
    expect(exitCode).toBe(2);
  });
});

it("an add-on starts as root, as what the Supervisor mounts is root's, and stops as orderly", async () => {
  const container = await start(images.addon, ['--tmpfs', '/data:mode=700']);
  await becomesHealthy(container);
  expect(await dataOf(container)).toBe('0 700 /data\n0 600 /data/secrets.json');
  expect((await container.stop()).exitCode).toBe(0);
});
