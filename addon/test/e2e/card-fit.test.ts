/** The card in every state and language: nothing of it stands out, at any size that a dashboard gives it. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSheet } from '../../../card/tools/build.mjs';
import { launchChromium } from '../support/browsers.ts';
import { showState, stateNames } from '../support/state-sheet.ts';

const CARD = { widthPx: 320 };
const TILE = { widthPx: 250 };
const ROW = { widthPx: 500, heightPx: 56 };
const WALL = { widthPx: 1280 };

let browser: Browser;
let page: Page;

beforeAll(async () => {
  browser = await launchChromium();
  page = await browser.newPage({ reducedMotion: 'reduce', viewport: { width: 1400, height: 900 } });
  await openSheet(page);
});

afterAll(() => browser.close());

it.each([TILE, CARD, WALL, { ...CARD, language: 'ar' }])('lets nothing stick out: %j', async (size) => {
  for (const name of await stateNames(page)) {
    await showState(page, name, size);
    const overflow = await page.evaluate(() => {
      const card = document.querySelector('still-card')?.shadowRoot?.querySelector('ha-card');
      return card ? [card.scrollWidth - card.clientWidth, card.scrollHeight - card.clientHeight] : [];
    });
    expect(overflow, name).toEqual([0, 0]);
  }
});

it('lets nothing stick out in any language, as a card and as a tile', async () => {
  const found: string[] = [];
  for (const language of await page.evaluate(() => window.sheet.languages)) {
    for (const name of await stateNames(page)) {
      for (const size of [CARD, ROW]) {
        await showState(page, name, { ...size, language });
        const [x = 0, y = 0] = await page.evaluate(() => {
          const card = document.querySelector('still-card')?.shadowRoot?.querySelector('ha-card');
          return card ? [card.scrollWidth - card.clientWidth, card.scrollHeight - card.clientHeight] : [];
        });
        if (x !== 0 || y !== 0) found.push(`${language}, ${name}, ${size.widthPx} px: ${x}, ${y}`);
      }
    }
  }
  expect(found).toEqual([]);
});

/** The card hides what stands out; what is centred stands out at the top, too, where nothing can be scrolled. */
it.each([
  { widthPx: 358, heightPx: 120 },
  { widthPx: 173, heightPx: 120 },
  { widthPx: 300, heightPx: 184 },
])('cuts no words above or below in any language, where the dashboard gives it %j', async (size) => {
  const found: string[] = [];
  for (const language of await page.evaluate(() => window.sheet.languages)) {
    for (const name of await stateNames(page)) {
      await showState(page, name, { ...size, language });
      const outside = await page.evaluate(() => {
        const root = document.querySelector('still-card')?.shadowRoot;
        const card = root?.querySelector('ha-card')?.getBoundingClientRect();
        const parts = [...(root?.querySelectorAll('.headline, .hint, .tap, .talkers, .speakers, .menu') ?? [])];
        return parts
          .map((part) => ({ part: part.className, box: part.getBoundingClientRect() }))
          .filter(({ box }) => card && box.width > 1 && (box.top < card.top || box.bottom > card.bottom))
          .map(({ part }) => part);
      });
      if (outside.length > 0) found.push(`${language}, ${name}: ${outside.join()}`);
    }
  }
  expect(found).toEqual([]);
});
