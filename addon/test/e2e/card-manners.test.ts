/** The card as a guest of Home Assistant: in its picker, its editor and its dashboards, as far as these treat cards alike. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../support/browsers.ts';
import { startServer, type TestServer } from '../support/server.ts';

interface Card extends HTMLElement {
  hass: unknown;
  preview: boolean;
  session: unknown;
  updateComplete: Promise<unknown>;
  setConfig(config: Record<string, unknown>): void;
  getCardSize(): number;
  getGridOptions(): Record<string, number | string>;
  requestUpdate(): void;
}

interface CardClass {
  getStubConfig(): Record<string, unknown>;
  getConfigForm(): Promise<{
    schema: { name: string; schema?: unknown }[];
    computeLabel: (item: { name: string }) => string;
  }>;
}

declare global {
  interface Window {
    /** What the card did that a card to be looked at must not do. */
    opened: string[];
    frameRequests: number;
    customCards?: Record<string, unknown>[];
    /** Makes a card as Home Assistant does, inside an element of this name. */
    put(host: string, config?: Record<string, unknown>, more?: Record<string, unknown>): Card;
  }
}

const HOST = `<!doctype html><html lang="en"><title>Host</title><main></main>
  <script>
    window.opened = [];
    for (const name of ['WebSocket', 'RTCPeerConnection', 'AudioContext']) {
      const Real = window[name];
      window[name] = new Proxy(Real, { construct(...all) { opened.push(name); return Reflect.construct(...all); } });
    }
    const media = navigator.mediaDevices;
    const real = media.getUserMedia.bind(media);
    media.getUserMedia = (...all) => { opened.push('getUserMedia'); return real(...all); };
    const raf = window.requestAnimationFrame.bind(window);
    window.frameRequests = 0;
    window.requestAnimationFrame = (callback) => { window.frameRequests += 1; return raf(callback); };
  </script>
  <script type="module">
    import './voice-streaming-card.js';
    window.put = (host, config = {}, more = {}) => {
      const outer = document.createElement(host);
      // As hui-card and hui-card-picker: the card is in a shadow root of theirs.
      outer.attachShadow({ mode: 'open' }).innerHTML = '<div class="preview"></div>';
      document.querySelector('main').append(outer);
      const card = document.createElement('voice-streaming-card');
      card.hass = { language: 'en', states: {} };
      card.setConfig({ type: 'custom:voice-streaming-card', url: location.origin, ...config });
      Object.assign(card, more);
      outer.shadowRoot.querySelector('.preview').append(card);
      return card;
    };
    document.body.dataset.ready = '';
  </script>`;

let server: TestServer;
let browser: Browser;
let context: BrowserContext;

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchChromium()]);
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

afterEach(() => context.close());

async function openHost(): Promise<Page> {
  context = await browser.newContext({ permissions: ['microphone'], viewport: { width: 480, height: 900 } });
  const page = await context.newPage();
  await page.route('**/host', (route) => route.fulfill({ contentType: 'text/html', body: HOST }));
  await page.goto(new URL('host', server.page).href);
  await page.locator('body[data-ready]').waitFor({ state: 'attached', timeout: 10_000 });
  return page;
}

/** Puts a card there and waits until it is drawn. */
async function put(page: Page, host: string, config = {}, more = {}): Promise<void> {
  await page.evaluate(([name, given, set]) => window.put(name, given, set).updateComplete.then(() => undefined), [
    host,
    config,
    more,
  ] as const);
}

const ready = (page: Page) =>
  page.locator('voice-streaming-card[data-connection="ready"]').first().waitFor({ timeout: 10_000 });

describe('to be looked at', () => {
  it.each([
    ['the picker, which says nothing', 'hui-card-picker', {}],
    ['the editor, which says so', 'hui-card', { preview: true }],
  ])('opens nothing: %s', async (_where, host, more) => {
    const page = await openHost();
    await put(page, host, { microphone: 'always', auto_listen: true }, more);
    expect(await page.locator('voice-streaming-card').getAttribute('data-state')).toBe('idle');
    expect(await page.locator('voice-streaming-card').getByText('Hold to talk').count()).toBe(1);
    expect(await page.locator('[data-action="talk"]').isDisabled()).toBe(true);
    // What it does by itself it does at once: the same card elsewhere has its socket by now.
    await put(page, 'hui-card', { mode: 'receiver', auto_listen: true });
    await ready(page);
    const sockets = await page.evaluate(() => window.opened.filter((name) => name === 'WebSocket').length);
    expect(sockets).toBe(1);
    expect(await page.evaluate(() => window.opened)).not.toContain('getUserMedia');
  });

  it('is in the picker with a description and a link', async () => {
    const page = await openHost();
    const entries = await page.evaluate(() => window.customCards?.map((entry) => ({ ...entry })));
    expect(entries).toEqual([
      {
        type: 'voice-streaming-card',
        name: 'Voice Streaming',
        description: expect.stringMatching(/every other dashboard/) as string,
        preview: true,
        documentationURL: expect.stringMatching(/^https:/) as string,
      },
    ]);
  });
});

describe('its editor', () => {
  it('is a form with words, made of what the class says', async () => {
    const page = await openHost();
    const form = await page.evaluate(async () => {
      const card = customElements.get('voice-streaming-card') as unknown as CardClass;
      const { schema, computeLabel } = await card.getConfigForm();
      return {
        names: schema.map(({ name }) => name),
        label: computeLabel({ name: 'mode' }),
        stub: card.getStubConfig(),
      };
    });
    expect(form.names.slice(0, 2)).toEqual(['mode', 'listen']);
    expect(form.label).toBe('What the card does');
    expect(form.stub).toEqual({ mode: 'intercom' });
  });
});

describe('on a dashboard', () => {
  it('says its height in both kinds of dashboards, in every mode', async () => {
    const page = await openHost();
    for (const mode of ['intercom', 'sender', 'receiver']) {
      const { size, heightPx, grid } = await page.evaluate(async (value) => {
        const card = window.put('hui-card', { mode: value });
        await card.updateComplete;
        return { size: card.getCardSize(), heightPx: card.getBoundingClientRect().height, grid: card.getGridOptions() };
      }, mode);
      expect(Math.abs(heightPx - size * 50), `${mode}: ${heightPx} px`).toBeLessThan(50);
      expect(grid).toMatchObject({ rows: 'auto', min_rows: 1 });
    }
  });

  it('does not care for the states of the house', async () => {
    const page = await openHost();
    await put(page, 'hui-card');
    await ready(page);
    const { ms, renders } = await page.evaluate(async () => {
      const card = document.querySelector('hui-card')?.shadowRoot?.querySelector('voice-streaming-card') as Card;
      await card.updateComplete;
      let count = 0;
      const requestUpdate = card.requestUpdate.bind(card);
      card.requestUpdate = () => {
        count += 1;
        requestUpdate();
      };
      const all = Array.from({ length: 10_000 }, (_, index) => ({ language: 'en', states: { index } }));
      const begin = performance.now();
      for (const hass of all) card.hass = hass;
      return { ms: performance.now() - begin, renders: count };
    });
    expect(renders).toBe(0);
    // A microsecond each; a busy machine has some more.
    expect(ms).toBeLessThan(100);
  });

  it('names a wrong key where Home Assistant shows it', async () => {
    const page = await openHost();
    const message = await page.evaluate(() => {
      try {
        window.put('hui-card', { autoListen: true });
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(message).toMatch(/"autoListen".*Did you mean "auto_listen"\?/);
  });
});

describe('at rest', () => {
  it('does nothing: no frames, next to no time', async () => {
    const page = await openHost();
    await put(page, 'hui-card', { mode: 'intercom' });
    await ready(page);
    await page.waitForFunction(() => window.opened.includes('RTCPeerConnection'));
    const devtools = await context.newCDPSession(page);
    await devtools.send('Performance.enable', { timeDomain: 'timeTicks' });
    const spent = async (): Promise<{ task: number; script: number; frames: number }> => {
      const { metrics } = await devtools.send('Performance.getMetrics');
      const of = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? NaN;
      const frames = await page.evaluate(() => window.frameRequests);
      return { task: of('TaskDuration'), script: of('ScriptDuration'), frames };
    };
    // What its beginning has still to do.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const before = await spent();
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    const after = await spent();
    const percent = (key: 'task' | 'script'): number => ((after[key] - before[key]) / 5) * 100;
    console.log(`idle card: ${percent('task').toFixed(2)} % of a core, script ${percent('script').toFixed(3)} %`);
    expect(after.frames - before.frames).toBe(0);
    expect(percent('task')).toBeLessThan(2);
  });
});
