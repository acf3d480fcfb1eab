/** The image as the Supervisor starts it: as root, on the host's network, with its mounts, its token and its ports. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { Container } from '../support/container.ts';
import { openEngine } from '../support/container-engine.ts';
import { freePort } from '../support/free-port.ts';
import { StubHomeAssistant } from '../support/stub-home-assistant.ts';

const HEALTHY_MS = 3_000;
const STOP_MS = 5_000;

const engine = openEngine(inject('engineFolder'));
const images = inject('images');
let house: StubHomeAssistant;
let dataDir: string;
let container: Container;

beforeAll(async () => {
  const network = { '8081/tcp': await freePort(), '8080/tcp': null };
  house = await StubHomeAssistant.start({ app: { network, ingressPort: await freePort() } });
  dataDir = mkdtempSync(join(tmpdir(), 'voice-streaming-data-'));
  const { SUPERVISOR_TOKEN, SUPERVISOR_URL } = house.env;
  container = await Container.start(engine, images.addon, [
    ...['--network', 'host', '-v', `${dataDir}:/data`, '-v', `${house.configDirectory}:/homeassistant`],
    ...['-e', `SUPERVISOR_TOKEN=${SUPERVISOR_TOKEN}`, '-e', `SUPERVISOR_URL=${SUPERVISOR_URL}`],
  ]);
});

afterAll(async () => {
  await container.remove();
  await house.close();
  rmSync(dataDir, { recursive: true, force: true });
});

it('is healthy within 3 s, at the port that its owner chose', async () => {
  expect(await container.becomesHealthy()).toBeLessThan(HEALTHY_MS);
  const { media, page } = await container.listening();
  expect(Number(new URL(media).port)).toBe(house.supervisor.app.network?.['8081/tcp']);
  expect(page).toBe('');
});

it('puts the card of this very version where dashboards find it', async () => {
  await expect
    .poll(() => house.core.home.resources.map(({ url }) => url), { timeout: 10_000 })
    .toEqual([
      expect.stringMatching(/^\/local\/voice-streaming\/voice-streaming-card\.js\?.*app=0123abcd_voice_streaming/),
    ]);
  const card = join(house.configDirectory, 'www/voice-streaming/voice-streaming-card.js');
  const shipped = await container.node(
    "console.log(fs.readFileSync('/app/card/dist/voice-streaming-card.js', 'base64'))",
  );
  expect(readFileSync(card, 'base64')).toBe(shipped);
  expect(statSync(card).mode & 0o777).toBe(0o644);
  expect(existsSync(join(house.configDirectory, 'www/voice-streaming/translations/de.js'))).toBe(true);
});

it('serves the page behind ingress', async () => {
  const { ingressPort } = house.supervisor.app;
  await expect
    .poll(() => fetch(`http://127.0.0.1:${ingressPort}/`).then(({ status }) => status, String), { timeout: 10_000 })
    .toBe(200);
});

it('writes as root, keeps its keys to itself, and stops as asked', async () => {
  expect(await container.data()).toBe('0 700 /data\n0 600 /data/secrets.json');
  const stoppedAt = performance.now();
  const { exitCode, log } = await container.stop(10);
  expect(exitCode).toBe(0);
  expect(performance.now() - stoppedAt).toBeLessThan(STOP_MS);
  // It ends up in bug reports.
  const { accessToken } = JSON.parse(readFileSync(join(dataDir, 'secrets.json'), 'utf8')) as { accessToken: string };
  expect(log).not.toContain(accessToken);
  expect(log).not.toMatch(/\/[\w-]{22}\/stream\//);
});
