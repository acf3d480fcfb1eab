/** The card in every state, with invented facts in place of a session: what it shows, at which size, and for everyone. */
import { createRequire } from 'node:module';
import type Axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSheet, type ShowOptions } from '../../../card/tools/build.mjs';
import { launchChromium } from '../support/browsers.ts';
import { showState, stateNames } from '../support/state-sheet.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
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
  await page.addScriptTag({ path: AXE });
});

afterAll(() => browser.close());

const show = (name: string, options: ShowOptions): Promise<void> => showState(page, name, options);

const names = (): Promise<string[]> => stateNames(page);

/** What axe finds, as a list to read in a failure. */
const audit = (): Promise<string[]> =>
  page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof Axe };
    const { violations } = await axe.run(document.querySelector('main') ?? document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => [id, html, failureSummary].join('\n')),
    );
  });

/** The size of one part as it is seen. */
const box = async (selector: string): Promise<{ width: number; height: number }> =>
  (await page.locator(`still-card ${selector}`).boundingBox()) ?? { width: 0, height: 0 };

describe('axe', () => {
  it.each([
    ['light', 'en'],
    ['dark', 'en'],
    ['own', 'en'],
    ['light', 'ar'],
  ] as const)('finds nothing in any state, as a card (%s, %s)', async (theme, language) => {
    const found: Record<string, string[]> = {};
    for (const name of await names()) {
      await show(name, { ...CARD, theme, language });
      const problems = await audit();
      if (problems.length > 0) found[name] = problems;
    }
    expect(found).toEqual({});
  });

  it.each([
    ['tile', TILE],
    ['wall', WALL],
  ])('finds nothing in the main states, as a %s', async (_density, size) => {
    const found: Record<string, string[]> = {};
    for (const name of await page.evaluate(() => window.sheet.mainStates)) {
      await show(name, { ...size, theme: 'dark' });
      const problems = await audit();
      if (problems.length > 0) found[name] = problems;
    }
    expect(found).toEqual({});
  });
});

describe('the states', () => {
  it.each([
    ['idle', 'idle', /hold to talk/i],
    ['opening', 'opening', /wait/i],
    ['on air', 'onAir', /on air.*0:12.*heard by 3/is],
    ['closing', 'closing', /ending/i],
    ['receiving', 'receiving', /anna.*is speaking/is],
    ['needs a tap', 'needsTap', /tap to enable sound/i],
    ['trouble', 'trouble', /microphone blocked.*allow/is],
    ['offline', 'trouble', /server does not answer/i],
    ['on air, last seconds', 'onAir', /7 s left/],
    ['on air, feedback', 'onAir', /feedback/i],
    ['microphone warm', 'idle', /microphone open · 24 s/i],
  ])('%s', async (name, state, words) => {
    await show(name, CARD);
    expect(await page.locator('still-card').getAttribute('data-state')).toBe(state);
    expect(await page.locator('still-card [role="status"]').innerText()).toMatch(words);
  });

  it('says pressed only of a button that is', async () => {
    const pressed = async (name: string): Promise<string | null> => {
      await show(name, CARD);
      return page.locator('[data-action="talk"]').getAttribute('aria-pressed');
    };
    expect(await pressed('idle')).toBe('false');
    expect(await pressed('on air')).toBe('true');
  });
});

it('stops speakers that still play with one tap, whatever else the card has to say', async () => {
  for (const name of ['', ', receiving', ', needs a tap', ', monitor lost']) {
    for (const size of [CARD, TILE, ROW]) {
      await show(`speakers still play${name}`, size);
      const stop = page.locator('still-card [data-action="stopSpeakers"]');
      expect(await stop.textContent(), name).toMatch(/stop the speakers/i);
      await stop.click({ trial: true });
    }
  }
});

describe('one layout', () => {
  it('keeps its height from state to state', async () => {
    const heights = new Map<number, string>();
    const troubles = (await names()).filter((name) => name.startsWith('trouble: '));
    for (const name of [
      ...troubles,
      'idle',
      'opening',
      'on air',
      'closing',
      'receiving',
      'needs a tap',
      'two speak',
      'four speak',
      'trouble',
      'offline',
      'long reason',
    ]) {
      await show(name, CARD);
      heights.set((await box('ha-card')).height, name);
    }
    expect([...heights.values()]).toHaveLength(1);
  });

  it('keeps its height with speakers, too, and its sign can be touched: 48 px, also in a tile', async () => {
    const heights = new Map<number, string>();
    for (const name of (await names()).filter(
      (name) => /speaker/.test(name) && !/^(speakers|devices)(,|$)/.test(name),
    )) {
      if (name === 'speakers only') continue; // With a title.
      await show(name, CARD);
      heights.set((await box('ha-card')).height, name);
    }
    expect([...heights.values()]).toHaveLength(1);
    for (const size of [CARD, TILE, ROW]) {
      await show('speakers chosen', size);
      const touched = await page.locator('[data-action="speakers"]').evaluate((sign) => {
        const { x, y, width, height } = sign.getBoundingClientRect();
        const root = sign.getRootNode() as ShadowRoot;
        const [centreX, centreY] = [x + width / 2, y + height / 2];
        return [-23, 23].map((by) => [
          root.elementFromPoint(centreX + by, centreY) === sign,
          root.elementFromPoint(centreX, centreY + by) === sign,
        ]);
      });
      expect(touched.flat(), JSON.stringify(size)).toEqual([true, true, true, true]);
    }
  });

  it('is a tile as high as Home Assistant’s in one row of the dashboard, however wide', async () => {
    for (const name of await page.evaluate(() => window.sheet.mainStates)) {
      await show(name, TILE);
      expect((await box('ha-card')).height, name).toBe(56);
      await show(name, ROW);
      expect((await box('ha-card')).height, name).toBe(56);
    }
  });

  it('has names on the wall that are read from 4 m', async () => {
    const sizeOf = (selector: string): Promise<number> =>
      page
        .locator(selector)
        .first()
        .evaluate((element) => parseFloat(getComputedStyle(element).fontSize));
    await show('receiving', WALL);
    expect(await sizeOf('still-card .headline')).toBeGreaterThanOrEqual(48);
    await show('four speak', WALL);
    expect(await sizeOf('still-card .talkers .name')).toBeGreaterThanOrEqual(48);
    await show('receiving', { widthPx: 768 });
    expect(await sizeOf('still-card .headline')).toBeGreaterThanOrEqual(48);
  });

  it('stands the other way round where one reads from right to left', async () => {
    const menuAt = async (language: string): Promise<number> => {
      await show('idle', { ...CARD, language });
      const [card, menu] = [await page.locator('ha-card').boundingBox(), await page.locator('.menu').boundingBox()];
      return Math.round((menu?.x ?? 0) - (card?.x ?? 0));
    };
    expect(await menuAt('ar')).toBeLessThan(16);
    expect(await menuAt('en')).toBeGreaterThan(250);
  });

  it('can be touched: 48 px, also in a tile', async () => {
    await show('idle', TILE);
    const touched = await page.locator('[data-action="talk"]').evaluate((button) => {
      const { x, y, width, height } = button.getBoundingClientRect();
      const [centreX, centreY] = [x + width / 2, y + height / 2];
      const root = button.getRootNode() as ShadowRoot;
      return [-23, 23].map((by) => root.elementFromPoint(centreX + by, centreY) === button);
    });
    expect(touched).toEqual([true, true]);
    expect(await box('.menu')).toMatchObject({ width: 48, height: 48 });
  });

  it('does not move with reduced motion', async () => {
    await show('opening', CARD);
    const moving = (): Promise<number | undefined> =>
      page.evaluate(() => document.querySelector('still-card')?.shadowRoot?.getAnimations().length);
    expect(await moving()).toBe(0);
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    expect(await moving()).toBeGreaterThan(0);
    await page.emulateMedia({ reducedMotion: 'reduce' });
  });
});

describe('in high contrast', () => {
  beforeAll(() => page.emulateMedia({ reducedMotion: 'reduce', forcedColors: 'active' }));
  afterAll(() => page.emulateMedia({ reducedMotion: 'reduce', forcedColors: 'none' }));

  it('draws with lines what is drawn with shadows and grounds otherwise', async () => {
    const drawn = async (name: string): Promise<{ voicePx: number; outline: string; disc: string }> => {
      await show(name, CARD);
      return page.locator('still-card').evaluate((card) => {
        const style = (selector: string, pseudo?: string): CSSStyleDeclaration => {
          const element = card.shadowRoot?.querySelector(selector);
          if (!element) throw new Error(`no ${selector}`);
          return getComputedStyle(element, pseudo);
        };
        return {
          voicePx: parseFloat(style('.ring', '::before').borderTopWidth),
          outline: style('ha-card').outlineStyle,
          disc: style('.round').backgroundColor,
        };
      });
    };
    const [idle, receiving, onAir] = [await drawn('idle'), await drawn('receiving'), await drawn('on air')];
    expect(idle).toMatchObject({ voicePx: 2, outline: 'none' });
    expect(receiving.voicePx).toBeGreaterThan(8);
    expect(onAir.outline).toBe('solid');
    expect(onAir.disc).not.toBe(idle.disc);
  });
});

describe('from state to state', () => {
  it.each([
    ['tile', TILE],
    ['row', ROW],
    ['card', CARD],
    ['wall', WALL],
  ])('moves nothing that stays: %s', async (_density, size) => {
    const states = [
      'idle',
      'opening',
      'on air',
      'closing',
      'idle',
      'receiving',
      'needs a tap',
      'receiving',
      'two speak',
    ];
    await show('idle', size);
    await page.evaluate(() => {
      const shifts: string[] = ((window as unknown as { shifts: string[] }).shifts = []);
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as (PerformanceEntry & { value: number; sources: { node: Node }[] })[]) {
          const what = entry.sources.map(({ node }) => (node instanceof Element ? node.outerHTML : node.textContent));
          shifts.push(`${entry.value.toFixed(4)} ${what.join(' + ').slice(0, 300)}`);
        }
      }).observe({ type: 'layout-shift', buffered: false });
    });
    for (const name of states) {
      await show(name, size);
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    }
    const shifts = (): Promise<string[]> => page.evaluate(() => (window as unknown as { shifts: string[] }).shifts);
    expect(await shifts()).toEqual([]);
    // The browser does tell what moves.
    await page.evaluate(() => document.querySelector('main')?.style.setProperty('margin-top', '40px'));
    await expect.poll(shifts).not.toEqual([]);
    await page.evaluate(() => document.querySelector('main')?.style.removeProperty('margin-top'));
  });
});

describe('what is behind the quiet icon', () => {
  it('opens over the page, is closed by Escape, and gives the focus back', async () => {
    await show('idle', TILE);
    await page.locator('[data-action="menu"]').click();
    await page.locator('still-card dialog[open]').waitFor();
    expect(await page.locator('still-card dialog [data-action="listen"]').count()).toBe(1);
    await page.keyboard.press('Escape');
    await page.locator('still-card dialog').waitFor({ state: 'detached' });
    const focused = await page.evaluate(
      () => (document.activeElement?.shadowRoot?.activeElement as HTMLElement | null)?.dataset['action'],
    );
    expect(focused).toBe('menu');
  });

  it('is reached from the smallest tile, by its words', async () => {
    await show('idle', { widthPx: 172 });
    await page.locator('still-card .headline').click({ force: true });
    await page.locator('still-card dialog[open]').waitFor();
    await page.keyboard.press('Escape');
    await show('idle', { widthPx: 172 });
    await page.locator('[data-action="talk"]').click({ trial: true }); // Not under it.
  });
});
