/** The page and the card in the language of whoever reads: chosen, loaded when wanted, and English when it cannot be had. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium } from '../support/browsers.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchChromium()]);
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

async function open(locale: string, path = '', prepare?: (page: Page) => Promise<unknown>): Promise<Page> {
  const context = await browser.newContext({ locale, permissions: ['microphone'] });
  const page = await context.newPage();
  await prepare?.(page);
  await page.goto(new URL(path, server.page).href);
  return page;
}

const status = (page: Page) => page.locator('voice-streaming-card [role="status"]');

it('is the language of the browser', async () => {
  const page = await open('de-AT');
  await status(page).getByText('Zum Sprechen halten').waitFor();
  await page.getByText('Dieses Gerät heißt').waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('de');
  const { lang, dir } = await page
    .locator('voice-streaming-card')
    .evaluate((card: HTMLElement) => ({ lang: card.lang, dir: card.dir }));
  expect({ lang, dir }).toEqual({ lang: 'de', dir: 'ltr' });
  await page.context().close();
});

it('is read from right to left where one reads so, also in a document that does not', async () => {
  const page = await open('ar');
  await status(page).getByText('اضغط مطولاً للتحدث').waitFor();
  const card = page.locator('voice-streaming-card');
  const [around, menu] = [await card.boundingBox(), await card.locator('.menu').boundingBox()];
  expect((menu?.x ?? 999) - (around?.x ?? 0)).toBeLessThan(16);
  expect(await card.evaluate((element) => getComputedStyle(element).direction)).toBe('rtl');
  expect(await page.evaluate(() => getComputedStyle(document.body).direction)).toBe('ltr');
  await page.context().close();
});

it('is English without a word when a language cannot be had', async () => {
  const errors: string[] = [];
  const page = await open('de', '', async (opened) => {
    opened.on('pageerror', (error) => errors.push(error.message));
    await opened.route('**/translations/**', (route) => route.abort());
  });
  await status(page).getByText('Hold to talk').waitFor();
  expect(errors).toEqual([]);
  await page.context().close();
});

it('follows Home Assistant, on all cards at once, and asks with the version of the bundle', async () => {
  const asked: string[] = [];
  const host = `<!doctype html><html lang="en"><title>Host</title><home-assistant></home-assistant><main></main>
    <script type="module">
      import './voice-streaming-card.js?v=1.2.3';
      for (const mode of ['receiver', 'sender']) {
        const card = document.createElement('voice-streaming-card');
        card.setConfig({ type: 'custom:voice-streaming-card', mode, url: location.origin });
        card.hass = { language: 'en', locale: { language: 'en' } };
        document.querySelector('main').append(card);
      }
    </script>`;
  const page = await open('fr', 'host', async (opened) => {
    opened.on('request', (request) => asked.push(request.url()));
    await opened.route('**/host', (route) => route.fulfill({ contentType: 'text/html', body: host }));
  });
  await status(page).getByText('Hold to talk').waitFor();
  await page.evaluate(() => {
    for (const card of document.querySelectorAll<HTMLElement & { hass?: unknown }>('voice-streaming-card')) {
      card.hass = { language: 'de', locale: { language: 'de' } };
    }
  });
  await status(page).getByText('Zum Sprechen halten').waitFor();
  await status(page).getByText('Niemand spricht').waitFor();
  const files = asked.filter((url) => url.includes('/translations/')).map((url) => new URL(url));
  expect(files.map(({ pathname, search }) => pathname + search)).toEqual(['/translations/de.js?v=1.2.3']);
  await page.context().close();
});
