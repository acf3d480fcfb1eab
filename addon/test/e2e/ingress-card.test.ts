/** The card in a dashboard of Home Assistant, as every user of it: through ingress to the add-on, without a word of config. */
import { createServer, type AddressInfo } from 'node:net';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { launchChromium } from '../support/browsers.ts';
import { Dashboard } from '../support/dashboard.ts';
import { startServer, type TestServer } from '../support/server.ts';
import type { HomeUser } from '../support/stub-core-home.ts';
import { StubHomeAssistant } from '../support/stub-home-assistant.ts';
import { speak, COUNTING } from '../support/speech.ts';

let browser: Browser;
let house: StubHomeAssistant;
let server: TestServer | undefined;
const contexts: BrowserContext[] = [];

beforeAll(async () => {
  const speech = await speak(COUNTING);
  browser = await launchChromium({ microphone: speech.file });
});

afterAll(() => browser.close());

afterEach(async () => {
  for (const context of contexts.splice(0)) await context.close();
  await server?.kill();
  server = undefined;
  await house.close();
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

/** A house with the add-on running in it, and its card registered by itself. */
async function build(generation: 'old' | 'new'): Promise<void> {
  const network = { '8081/tcp': await freePort(), '8080/tcp': null };
  house = await StubHomeAssistant.start({ app: { ingressPort: await freePort(), network } });
  house.core.home.generation = generation;
  server = await startServer(house.env);
  await vi.waitFor(() => expect(house.core.home.resources).toHaveLength(1), { timeout: 10_000, interval: 20 });
}

async function open(user: HomeUser, config: Record<string, unknown> = {}): Promise<Dashboard> {
  const context = await browser.newContext({ permissions: ['microphone'], viewport: { width: 480, height: 900 } });
  contexts.push(context);
  const page = await context.newPage();
  await page.goto(house.core.dashboardUrl(user, config));
  return new Dashboard(context, page);
}

const says = (dashboard: Dashboard, words: RegExp): Promise<void> =>
  dashboard.page
    .locator('voice-streaming-card [role="status"]')
    .filter({ hasText: words })
    .waitFor({ timeout: 15_000 });

describe.each(['new', 'old'] as const)('with the %s commands of ingress', (generation) => {
  it('a plain user speaks and an administrator hears it', async () => {
    await build(generation);
    const { admin, plainUser } = house.core.home;
    const listener = await open(admin, { mode: 'receiver' });
    const talker = await open(plainUser, { mode: 'sender', talk: 'hold', name: 'Kitchen tablet' });
    await Promise.all([listener.isReady(), talker.isReady()]);
    await listener.page.mouse.click(5, 5);
    await talker.press();
    await talker.becomes('onAir');
    await listener.becomes('receiving');
    await says(listener, /Kitchen tablet/);
    await says(talker, /Heard by 1/);
    await talker.release();
    await listener.becomes('idle');
  });
});

describe('when something is wrong', () => {
  it('says that the add-on is stopped, to each user what to do, and goes on when it runs', async () => {
    await build('new');
    const { admin, plainUser } = house.core.home;
    const dashboards = [await open(admin), await open(plainUser)] as const;
    await Promise.all(dashboards.map((dashboard) => dashboard.isReady()));
    await server?.stop();
    house.supervisor.app.state = 'stopped';
    await says(dashboards[0], /Start the add-on/);
    await says(dashboards[1], /Add-on is not running.*Ask an administrator/s);
    // An administrator starts it here, at the second try.
    const button = dashboards[0].page.locator('[data-action="start"]');
    house.supervisor.onStart = () => Promise.reject(new Error('Image is missing.'));
    await button.click();
    await says(dashboards[0], /Image is missing\./);
    let start = (): void => undefined;
    const permitted = new Promise<void>((resolve) => (start = resolve));
    house.supervisor.onStart = async () => {
      await permitted;
      server = await startServer(house.env);
    };
    await button.click();
    await says(dashboards[0], /Add-on is starting/);
    start();
    await Promise.all(dashboards.map((dashboard) => dashboard.isReady()));
  });

  it('comes back with a new session after the old one ended, in the middle of everything', async () => {
    await build('new');
    const dashboard = await open(house.core.home.plainUser);
    await dashboard.isReady();
    house.supervisor.ingress.expireSessions();
    // Whatever is open stays open; the next connection needs a session.
    await server?.kill();
    server = await startServer(house.env);
    await dashboard.page.locator('voice-streaming-card:not([data-connection="ready"])').waitFor({ state: 'attached' });
    await dashboard.isReady();
  });

  it('tells a user whom Home Assistant does not let in', async () => {
    await build('new');
    house.supervisor.app.panelAdmin = true;
    await says(await open(house.core.home.plainUser), /Not for this user.*administrator/s);
  });
});
