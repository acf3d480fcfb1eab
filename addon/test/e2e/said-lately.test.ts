/** What was said lately is heard again on the card, where the owner lets it be kept. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium } from '../support/browsers.ts';
import { openDashboard, type Dashboard } from '../support/dashboard.ts';
import { hear, startRecording } from '../support/ear.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { COUNTING, speak } from '../support/speech.ts';

declare global {
  interface Window {
    /** The last audio element that was made. */
    madeAudio?: HTMLAudioElement;
  }
}

const PATIENCE_MS = 15_000;
const TALK_MS = 1_000;

let server: TestServer;
let browser: Browser;
let talker: Dashboard;
let listener: Dashboard;

beforeAll(async () => {
  const { file } = await speak(COUNTING);
  [server, browser] = await Promise.all([startServer({ REPLAY_MINUTES: '5' }), launchChromium({ microphone: file })]);
  [talker, listener] = [await openDashboard(browser, server.page), await openDashboard(browser, server.page)];
  await Promise.all([talker.isReady(), listener.isReady()]);
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

it('is listed, plays to its end, and is silent when the dialog is closed', async () => {
  const { page } = listener;
  await startRecording(page);
  await talker.press();
  await hear(page, TALK_MS);
  await talker.release();
  await page.evaluate(() => {
    window.Audio = class extends Audio {
      constructor() {
        super();
        window.madeAudio = this;
      }
    };
  });
  await page.locator('[data-action="menu"]').click();
  const again = page.locator('[data-said] button.row');
  await again.click({ timeout: PATIENCE_MS });
  await page.waitForFunction(() => window.madeAudio?.ended === true, undefined, { timeout: PATIENCE_MS });
  const playedMs = await page.evaluate(() => (window.madeAudio?.currentTime ?? 0) * 1000);
  expect(playedMs).toBeGreaterThan(TALK_MS * 0.9);
  await page.locator('[data-said] button.row[aria-pressed="false"]').waitFor({ timeout: PATIENCE_MS });

  await again.click();
  await page.waitForFunction(() => (window.madeAudio?.currentTime ?? 0) > 0, undefined, { timeout: PATIENCE_MS });
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => window.madeAudio?.paused === true, undefined, { timeout: PATIENCE_MS });
});
