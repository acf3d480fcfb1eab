/** The container as an engine sees it: health, signals, and what it may and does write. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { Container } from '../support/container.ts';
import { openEngine } from '../support/container-engine.ts';

const HEALTHY_MS = 3_000;
const STOP_MS = 5_000;
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

afterEach(() => Promise.all(open.splice(0).map((container) => container.remove())));
afterAll(async () => {
  await engine.run(['volume', 'rm', '--force', volume]);
});

describe('a plain container, read-only and without capabilities', () => {
  let secrets: string;

  beforeAll(() => engine.run(['volume', 'create', volume]));

  it('is healthy within 3 s, and ends with 0 within 5 s of SIGTERM', async () => {
    const container = await start(images.plain, [...CONFINED, '-v', `${volume}:/data`]);
    expect(await container.becomesHealthy()).toBeLessThan(HEALTHY_MS);
    expect(await container.data()).toBe('1000 755 /data\n1000 600 /data/secrets.json');
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
    await container.becomesHealthy();
    expect(await container.node("console.log(fs.readFileSync('/data/secrets.json', 'utf8'))")).toBe(secrets);
  });

  it('is checked at the port that options.json says', async () => {
    const options = JSON.stringify({ audio_port: 18_181, port: 18_180 });
    const writer = await start(images.plain, ['-v', `${volume}:/data`]);
    await writer.node(`fs.writeFileSync('/data/options.json', '${options}')`);
    await writer.remove();
    const container = await start(images.plain, [...CONFINED, '-v', `${volume}:/data`]);
    expect(new URL((await container.listening()).media).port).toBe('18181');
    await container.becomesHealthy();
  });

  it('is found ill when nothing answers where the server should be', async () => {
    const container = await start(images.plain, CONFINED);
    await container.becomesHealthy();
    await container.node("fs.writeFileSync(process.env.HEALTH_FILE, 'http://127.0.0.1:9/health')");
    expect(await container.isHealthy()).toBe(false);
  });

  it('is found ill when it hangs, says so itself, and is well again when a watchdog has restarted it', async () => {
    const container = await start(images.plain, [...CONFINED, '-v', `${volume}:/data`]);
    await container.becomesHealthy();
    await container.runInServer('for (;;);');
    await expect.poll(() => container.isHealthy(), { timeout: 20_000 }).toBe(false);
    await expect
      .poll(() => container.log(), { timeout: 20_000 })
      .toContain('ERROR [loop] nothing got its turn for 5 s, and it lasts: no voice is relayed, nobody is answered');
    await container.restart();
    await container.becomesHealthy();
    expect((await container.log()).match(/ listening \{/g)).toHaveLength(2);
  });

  it('says what to do when /data belongs to somebody else', async () => {
    const container = await start(images.plain, [...CONFINED, '--tmpfs', '/data:mode=755']);
    const { exitCode, log } = await container.exited();
    expect(log).toMatch(/^DATA_DIR \/data cannot be written .*\n$/);
    expect(exitCode).toBe(2);
  });
});
