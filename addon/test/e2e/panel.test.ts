/** The page as administrators use it, on its own and as Home Assistant's panel: the doctor, new keys, copying, the theme. */
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, BrowserContext, FrameLocator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { launchChromium } from '../support/browsers.ts';
import { Player } from '../support/player.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { COUNTING, speak } from '../support/speech.ts';
import type { HomeUser } from '../support/stub-core-home.ts';
import { StubHomeAssistant } from '../support/stub-home-assistant.ts';

const DARK = 'rgb(17, 34, 51)';

let browser: Browser;
const contexts: BrowserContext[] = [];
const after: (() => Promise<void>)[] = [];

beforeAll(async () => {
  browser = await launchChromium({ microphone: (await speak(COUNTING)).file });
});

afterAll(() => browser.close());

afterEach(async () => {
  for (const context of contexts.splice(0)) await context.close();
  for (const close of after.splice(0)) await close();
});

async function newPage(permissions = ['microphone', 'clipboard-read', 'clipboard-write']): Promise<Page> {
  const context = await browser.newContext({ permissions });
  contexts.push(context);
  return context.newPage();
}

type Place = Page | FrameLocator;

/** Waits until a check is in this state, and gives all that its row says. */
async function check(place: Place, name: string, state: string): Promise<string> {
  const row = place.locator(`[data-check="${name}"][data-state="${state}"]`);
  await row.waitFor({ timeout: 15_000 });
  return row.innerText();
}

const url = (place: Place, key: string): Promise<string> => place.locator(`[data-url="${key}"]`).innerText();
const pasted = (page: Page): Promise<string> => page.evaluate(() => navigator.clipboard.readText());

describe('on its own', () => {
  async function start(env: Record<string, string> = {}): Promise<TestServer> {
    const server = await startServer(env);
    after.push(() => server.stop());
    return server;
  }

  it('says how everything is, in words and not by colour alone, and what to do', async () => {
    const server = await start();
    const page = await newPage();
    await page.goto(server.page);
    for (const name of ['https', 'microphone', 'connection', 'udp', 'clock', 'webrtc', 'media']) {
      expect(await check(page, name, 'ok')).toContain('OK');
    }
    expect(await check(page, 'mqtt', 'off')).toMatch(/Not used.*need a broker/s);
    expect(await page.locator('[data-check]').count()).toBe(8);
    await server.kill();
    expect(await check(page, 'connection', 'failed')).toMatch(/Not OK.*Is the add-on running/s);
    expect(await check(page, 'udp', 'waiting')).toContain('Not known yet');
    after.pop();
  });

  it('tells that the microphone is blocked, and how to allow it', async () => {
    const server = await start();
    const page = await newPage([]);
    const session = await page.context().newCDPSession(page);
    await session.send('Browser.setPermission', {
      permission: { name: 'microphone' },
      setting: 'denied',
      origin: new URL(server.page).origin,
    });
    await page.goto(server.page);
    expect(await check(page, 'microphone', 'failed')).toMatch(/blocked for this page.*Allow it/s);
  });

  it('copies a report with the checks and without a key', async () => {
    const server = await start();
    const page = await newPage();
    await page.goto(server.page);
    await check(page, 'udp', 'ok');
    await check(page, 'media', 'ok');
    await page.locator('[data-action="copyPageReport"]').click();
    await page.getByText('Copied', { exact: true }).waitFor();
    const report = await pasted(page);
    expect(report).toMatch(
      /^```\nVoice Streaming: card .*\nServer: ready.*\nIn: connected, .*Check udp: ok\n.*Check mqtt: off\n/s,
    );
    const [, key = 'none'] = new URL(server.latestMp3Url).pathname.split('/');
    expect(key).toHaveLength(22);
    expect(report).not.toContain(key);
    const { deviceKey } = await page.evaluate(() => ({ deviceKey: Object.values(localStorage).join(' ') }));
    for (const secret of deviceKey.match(/[\w-]{22,}/g) ?? []) expect(report).not.toContain(secret);
  });

  it('downloads diagnostics without a key or the access token', async () => {
    const server = await start();
    const page = await newPage();
    await page.goto(server.page);
    const button = page.locator('[data-action="downloadDiagnostics"]');
    const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
    expect(download.suggestedFilename()).toBe('voice-streaming-diagnostics.json');
    const text = await readFile(await download.path(), 'utf8');
    expect(JSON.parse(text)).toMatchObject({
      version: expect.any(String) as string,
      health: expect.anything() as object,
    });
    const [, key = 'none'] = new URL(server.latestMp3Url).pathname.split('/');
    const secrets = await readFile(join(server.dataDir, 'secrets.json'), 'utf8');
    const { accessToken } = JSON.parse(secrets) as { accessToken: string };
    for (const secret of [key, accessToken]) {
      expect(secret.length).toBeGreaterThan(20);
      expect(text).not.toContain(secret);
    }
  });

  it('copies URLs; makes new keys after a question that names the URLs, and those are dead then', async () => {
    const server = await start();
    const page = await newPage();
    await page.goto(server.page);
    const old = await url(page, 'latest.mp3');
    expect(old).toBe(server.latestMp3Url);
    await page.locator('[data-copy="latest.mp3"]').click();
    await vi.waitFor(async () => expect(await pasted(page)).toBe(old));
    const player = await Player.play(old);

    await page.locator('[data-rotate="latest"]').click();
    expect(await page.locator('dialog').innerText()).toContain(old);
    await page.locator('[data-action="keepKeys"]').click();
    await page.locator('dialog').waitFor({ state: 'detached' });
    expect((await fetch(old, { method: 'HEAD' })).status).toBe(200);

    await page.locator('[data-rotate="latest"]').click();
    await page.locator('[data-action="rotate"]').click();
    await page.locator('[data-rotated]').filter({ hasText: 'New keys made' }).waitFor();
    await player.ended;
    await vi.waitFor(async () => expect(await url(page, 'latest.mp3')).not.toBe(old));
    const fresh = await url(page, 'latest.mp3');
    expect((await fetch(old, { method: 'HEAD' })).status).toBe(404);
    expect((await fetch(fresh, { method: 'HEAD' })).status).toBe(200);
  });

  it('says where the address in the URLs comes from, and how to change it', async () => {
    const server = await start({ ANNOUNCED_ADDRESS: '192.0.2.7' });
    const page = await newPage();
    await page.goto(server.page);
    const host = page.locator('[data-host-source]');
    await host.waitFor();
    expect(await host.getAttribute('data-host-source')).toBe('option');
    expect(await host.innerText()).toMatch(/192\.0\.2\.7.*announced_address/s);
  });
});

describe('as a panel of Home Assistant', () => {
  let house: StubHomeAssistant;

  function freePort(): Promise<number> {
    return new Promise((resolve) => {
      const probe = createServer().listen(0, '127.0.0.1', () => {
        const { port } = probe.address() as AddressInfo;
        probe.close(() => resolve(port));
      });
    });
  }

  /** A page of Core's origin with the panel in a frame, as Home Assistant's frontend has it. */
  async function open(user: (home: StubHomeAssistant['core']['home']) => HomeUser): Promise<[Page, FrameLocator]> {
    const network = { '8081/tcp': await freePort(), '8080/tcp': null };
    house = await StubHomeAssistant.start({ app: { ingressPort: await freePort(), network } });
    after.push(() => house.close());
    const server = await startServer(house.env);
    after.unshift(() => server.stop());
    await vi.waitFor(() => expect(house.core.home.resources).toHaveLength(1), { timeout: 10_000, interval: 20 });

    const page = await newPage();
    const { id, username, name } = user(house.core.home);
    const session = house.supervisor.ingress.createSession({ id, username, name });
    await page.context().addCookies([{ name: 'ingress_session', value: session, url: house.core.url }]);
    const panel = `/api/hassio_ingress/${house.supervisor.app.ingressToken}/`;
    await page.route('**/panel', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<!doctype html><html style="--primary-background-color: ${DARK}; --primary-text-color: rgb(250, 251, 252)">
          <body><iframe title="Panel" src="${panel}" style="width: 800px; height: 1800px"></iframe></body></html>`,
      }),
    );
    await page.goto(new URL('panel', house.core.url).href);
    return [page, page.frameLocator('iframe')];
  }

  it('shows an administrator how the whole house is, with relative URLs and the colours around, and copies', async () => {
    const [page, panel] = await open(({ admin }) => admin);
    await panel.locator('voice-streaming-card[data-connection="ready"]').waitFor({ timeout: 15_000 });
    for (const name of ['udp', 'media', 'supervisor', 'core', 'ingress', 'files', 'resource'])
      await check(panel, name, 'ok');
    expect(await panel.locator('[data-host-source]').innerText()).toMatch(/The URLs name /);

    const colours = (): Promise<string[]> =>
      panel
        .locator('h1')
        .evaluate((heading) => [
          getComputedStyle(document.documentElement).backgroundColor,
          getComputedStyle(heading).color,
          document.documentElement.style.colorScheme,
        ]);
    expect(await colours()).toEqual([DARK, 'rgb(250, 251, 252)', 'dark']);
    await page.evaluate(() => {
      document.documentElement.style.setProperty('--primary-background-color', 'rgb(240, 240, 240)');
      document.documentElement.style.setProperty('--primary-text-color', 'rgb(1, 2, 3)');
    });
    await vi.waitFor(async () => expect(await colours()).toEqual(['rgb(240, 240, 240)', 'rgb(1, 2, 3)', 'light']));

    await panel.locator('[data-copy="latest.mp3"]').click();
    const shown = await url(panel, 'latest.mp3');
    await vi.waitFor(async () => expect(await pasted(page)).toBe(shown));

    await panel.locator('[data-rotate="all"]').click();
    await panel.locator('[data-action="rotate"]').click();
    await vi.waitFor(async () => expect(await url(panel, 'latest.mp3')).not.toBe(shown));
    const statusOf = async (whole: string): Promise<number> => {
      const { port, pathname } = new URL(whole);
      return (await fetch(`http://127.0.0.1:${port}${pathname}`, { method: 'HEAD' })).status;
    };
    expect([await statusOf(shown), await statusOf(await url(panel, 'latest.mp3'))]).toEqual([404, 200]);
  });

  it('shows a plain user no URL, no new keys and nothing of the server', async () => {
    const [, panel] = await open(({ plainUser }) => plainUser);
    await check(panel, 'udp', 'ok');
    await panel.getByText('Only administrators see the URLs').waitFor();
    expect(await panel.locator('[data-check]').count()).toBe(5);
    for (const hidden of ['[data-rotate]', '[data-url]', '[data-host-source]']) {
      expect(await panel.locator(hidden).count(), hidden).toBe(0);
    }
  });
});
