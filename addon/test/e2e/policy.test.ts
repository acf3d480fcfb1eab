/** Whatever a person opens in the page, the panel and the card: its policy forbids nothing of it, and no error is in the console. */
import type { Browser, BrowserContext, FrameLocator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { launchChromium } from '../support/browsers.ts';
import { freePort } from '../support/free-port.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { COUNTING, speak } from '../support/speech.ts';
import type { HomeUser } from '../support/stub-core-home.ts';
import { StubSpeaker } from '../support/stub-speaker.ts';
import { StubHomeAssistant } from '../support/stub-home-assistant.ts';

const PATIENCE = { timeout: 15_000 };

type Place = Page | FrameLocator;

let browser: Browser;
let context: BrowserContext;
let house: StubHomeAssistant;
let server: TestServer;
let speaker: StubSpeaker;
/** Of all pages and frames. */
let complaints: string[];

beforeAll(async () => {
  browser = await launchChromium({ microphone: (await speak(COUNTING)).file, repeats: true });
  const network = { '8081/tcp': await freePort(), '8080/tcp': null };
  house = await StubHomeAssistant.start({ app: { ingressPort: await freePort(), network } });
  speaker = new StubSpeaker(house.core, 'Kitchen');
  server = await startServer({ ...house.env, REPLAY_MINUTES: '10' });
  await vi.waitFor(() => expect(house.core.home.resources).toHaveLength(1), { timeout: 10_000, interval: 20 });
});

afterAll(async () => {
  await browser.close();
  await server.stop();
  speaker.close();
  await house.close();
});

beforeEach(async () => {
  complaints = [];
  // The words of another language come from a file of their own.
  context = await browser.newContext({
    locale: 'de-DE',
    permissions: ['microphone', 'clipboard-read', 'clipboard-write'],
    viewport: { width: 900, height: 1200 },
  });
  await context.exposeFunction('complain', (what: string) => complaints.push(what));
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile, lineNumber }) => {
      const { complain } = window as unknown as { complain: (what: string) => void };
      complain(`${violatedDirective} forbids ${blockedURI} (${sourceFile}:${lineNumber})`);
    });
  });
  context.on('console', (message) => {
    const { url } = message.location();
    // Of the stub's own dashboard.
    if (message.type() === 'error' && !url.endsWith('/favicon.ico')) complaints.push(`${message.text()} ${url}`);
  });
  context.on('weberror', (error) => complaints.push(String(error.error())));
});

afterEach(() => context.close());

/** All that the card itself opens: its dialog with every page, the tests of devices, a talk. */
async function useCard(place: Place): Promise<void> {
  const card = place.locator('voice-streaming-card');
  await place.locator('voice-streaming-card[data-connection="ready"]').waitFor(PATIENCE);
  await place.locator('[data-action="talk"]').click();
  await place.locator('voice-streaming-card[data-state="onAir"]').waitFor(PATIENCE);
  await place.locator('[data-action="talk"]').click();
  await place.locator('voice-streaming-card:not([data-state="onAir"])').waitFor(PATIENCE);
  await place.locator('[data-action="menu"]').click();
  const dialog = card.locator('dialog');
  await dialog.locator('[data-said] button.row').first().click(PATIENCE);
  const pages = await dialog
    .locator('[data-page]')
    .evaluateAll((rows: HTMLElement[]) => rows.map((row) => row.dataset['page'] ?? ''));
  expect(pages).toEqual(['speakers', 'devices', 'details']);
  for (const page of pages) {
    await dialog.locator(`[data-page="${page}"]`).click();
    const inside = card.locator(`dialog[data-page-open="${page}"]`);
    if (page === 'devices') {
      await inside.locator('[data-action="test"]').click(PATIENCE);
      await inside.locator('[data-test="on"]').waitFor(PATIENCE);
      await inside.locator('[data-action="test"]').click();
      await inside.locator('[data-action="testSpeaker"]').click();
    } else if (page === 'details') {
      await inside.locator('[data-action="measure"]').click(PATIENCE);
      await inside.locator('[data-echo="measured"]').waitFor(PATIENCE);
      await inside.locator('[data-action="copyReport"]').click();
    } else {
      await inside.locator('[data-speaker]').first().waitFor(PATIENCE);
    }
    await inside.locator('[data-action="back"]').click();
  }
  await dialog.locator('[data-action="screenOff"]').click();
  await dialog.locator('[data-action="close"]').click();
}

async function enter({ id, username, name }: HomeUser): Promise<string> {
  const session = house.supervisor.ingress.createSession({ id, username, name });
  await context.addCookies([{ name: 'ingress_session', value: session, url: house.core.url }]);
  return new URL(`/api/hassio_ingress/${house.supervisor.app.ingressToken}/`, house.core.url).href;
}

it('the panel of an administrator, framed by Home Assistant', async () => {
  const panelUrl = await enter(house.core.home.admin);
  const page = await context.newPage();
  await page.route('**/panel', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<!doctype html><html style="--primary-background-color: #111; --primary-text-color: #eee"><link rel="icon" href="data:,">
        <iframe title="Panel" allow="microphone; clipboard-write" src="${panelUrl}" style="width: 850px; height: 1100px"></iframe></html>`,
    }),
  );
  await page.goto(new URL('panel', house.core.url).href);
  const panel = page.frameLocator('iframe');
  for (const check of ['udp', 'media', 'ingress']) {
    await panel.locator(`[data-check="${check}"][data-state="ok"]`).waitFor(PATIENCE);
  }
  await useCard(panel);
  await panel.locator('[data-action="copyPageReport"]').click();
  const [download] = await Promise.all([
    page.waitForEvent('download', PATIENCE),
    panel.locator('[data-action="downloadDiagnostics"]').click(),
  ]);
  expect(await download.failure()).toBeNull();
  await panel.locator('[data-copy="latest.mp3"]').click();
  await panel.locator('[data-rotate="all"]').click();
  await panel.locator('[data-action="rotate"]').click();
  await panel.locator('[data-rotated]').first().waitFor(PATIENCE);
  expect(complaints).toEqual([]);
});

it('the page of a plain user, and the card with its editor in a dashboard', async () => {
  const { plainUser } = house.core.home;
  const page = await context.newPage();
  await page.goto(await enter(plainUser));
  await page.locator('voice-streaming-card[data-connection="ready"]').waitFor(PATIENCE);
  expect(await page.locator('[data-url]').count()).toBe(0);
  await page.goto(house.core.dashboardUrl(plainUser));
  await useCard(page);
  await page.evaluate(async () => {
    const card = customElements.get('voice-streaming-card') as unknown as { getConfigForm(): Promise<object> };
    await card.getConfigForm();
  });
  expect(complaints).toEqual([]);
});

it('a violation is noticed here', async () => {
  const page = await context.newPage();
  await page.goto(await enter(house.core.home.plainUser));
  await page.evaluate(() => document.body.setAttribute('style', 'color: red'));
  await page.evaluate(() =>
    document.body.append(Object.assign(document.createElement('script'), { textContent: '0' })),
  );
  await vi.waitFor(() => expect(complaints.filter((text) => text.includes('style-src'))).not.toEqual([]), PATIENCE);
  await vi.waitFor(() => expect(complaints.filter((text) => text.includes('script-src'))).not.toEqual([]), PATIENCE);
});
