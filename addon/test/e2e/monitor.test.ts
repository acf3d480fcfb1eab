/** A baby monitor, with real sound: it opens with its page, is missed when it is gone, and comes back by itself. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../support/browsers.ts';
import { openCardHost } from '../support/card-host.ts';
import type { Dashboard } from '../support/dashboard.ts';
import { giveEars, hear, startRecording } from '../support/ear.ts';
import { compareSpeech, SAME_SPEECH } from '../support/judge.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { COUNTING, speak, type Speech } from '../support/speech.ts';

/** What is promised. */
const ALARM_MS = 10_000;
const HEARD_MS = 3_500;

let server: TestServer;
let nurseryBrowser: Browser;
let parentsBrowser: Browser;
let speech: Speech;
let dataDir: string;
let room: BrowserContext;
const open: BrowserContext[] = [];

beforeAll(async () => {
  speech = await speak(COUNTING);
  dataDir = await mkdtemp(join(tmpdir(), 'voice-streaming-monitor-'));
  [server, nurseryBrowser, parentsBrowser] = await Promise.all([
    startServer({ DATA_DIR: dataDir }),
    launchChromium({ microphone: speech.file, repeats: true }),
    launchChromium(),
  ]);
  room = await nurseryBrowser.newContext({ permissions: ['microphone'] });
  await giveEars(room);
});

afterEach(async () => {
  await Promise.all([...open.splice(0), ...room.pages()].map((one) => one.close()));
});

afterAll(async () => {
  await Promise.all([nurseryBrowser.close(), parentsBrowser.close()]);
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function context(): Promise<BrowserContext> {
  const made = await parentsBrowser.newContext({ viewport: { width: 480, height: 900 } });
  open.push(made);
  await giveEars(made);
  return made;
}

const host = (within: BrowserContext, config: Record<string, unknown>): Promise<Dashboard> =>
  openCardHost(within, server.page, config);

const NURSERY = { mode: 'sender', always_on: true, name: 'Nursery' };

/** The same device in all tests, or its id would be another one. */
const nursery = (): Promise<Dashboard> => host(room, NURSERY);
const parents = async (): Promise<Dashboard> =>
  host(await context(), { mode: 'receiver', listen: 'nursery', name: 'Parents' });

function expectSpeech(recorded: Float32Array): void {
  const verdict = compareSpeech(recorded, speech.pcm);
  expect(verdict.score, JSON.stringify(verdict)).toBeGreaterThan(SAME_SPEECH);
}

/** Of every alarm element: whether it sounds. */
const alarmSounds = (page: Page): Promise<boolean> =>
  page.evaluate(() => {
    const element = document.querySelector<HTMLAudioElement>('audio[data-voice-streaming-alarm]');
    return element !== null && !element.paused && element.loop && element.currentTime > 0;
  });

/** The stream itself, and not the silence that waits for it. */
const playsMp3 = (page: Page): Promise<unknown> =>
  page.waitForFunction(() => {
    const element = document.querySelector<HTMLAudioElement>('audio[data-voice-streaming-screen-off]');
    return element !== null && element.src.includes('/play/') && element.currentTime > 0.2;
  });

/** Notes in the page whether the card was ever in alarm from now on. */
const watchForAlarm = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const card = document.querySelector<HTMLElement>('voice-streaming-card')!;
    document.title = 'no alarm';
    new MutationObserver(() => {
      if (card.dataset['state'] === 'alarm') document.title = 'alarm';
    }).observe(card, { attributes: true });
  });

async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', { value, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
}

/** Both are there and the one hears the other. */
async function pair(): Promise<{ child: Dashboard; listener: Dashboard }> {
  const [child, listener] = await Promise.all([nursery(), parents()]);
  await child.becomes('onAir');
  await listener.becomes('receiving');
  return { child, listener };
}

describe('a monitor', () => {
  it('opens with its page and is heard; a hidden page goes on; the sign says so', async () => {
    const { child, listener } = await pair();
    expect(await child.status()).toMatch(/MONITOR.*this room is heard.*heard by 1/is);
    expect(await listener.status()).toMatch(/Nursery.*sound now/is);
    await startRecording(listener.page);
    expectSpeech(await hear(listener.page, HEARD_MS));
    await setHidden(child.page, true);
    await startRecording(listener.page);
    expectSpeech(await hear(listener.page, HEARD_MS));
    await child.becomes('onAir');
  });

  it('is switched off only by a press that is held, which raises no alarm but is seen, also when it is gone, and goes on with a tap', async () => {
    const { child, listener } = await pair();
    await watchForAlarm(listener.page);
    const button = child.page.locator('[data-action="monitor"]');
    await button.click();
    await child.page
      .getByText(/hold to switch off/i)
      .first()
      .waitFor();
    await child.becomes('onAir');
    await button.click({ delay: 1_200 });
    await child.becomes('idle');
    expect(await child.status()).toMatch(/monitor is off.*tap to go on/is);
    await listener.page
      .getByText(/monitor is switched off/i)
      .first()
      .waitFor();
    await child.page.close();
    await listener.page.waitForTimeout(6_000);
    expect(await listener.page.title()).toBe('no alarm');
  });

  it('without leave for the microphone says that it needs one tap, there and at its listeners', async () => {
    const child = await host(await context(), { ...NURSERY, name: 'Attic' });
    await child.becomes('needsTap');
    const listener = await host(await context(), { mode: 'receiver', listen: 'attic' });
    await listener.page
      .getByText(/Attic needs one tap/)
      .first()
      .waitFor();
  });

  it('moves to another tab of its browser, and back when that one is gone', async () => {
    const { child, listener } = await pair();
    const second = await nursery();
    await second.becomes('onAir');
    await child.page
      .getByText(/on in another tab/i)
      .first()
      .waitFor();
    await child.page.waitForTimeout(3_000);
    await second.becomes('onAir');
    await watchForAlarm(listener.page);
    await second.page.close();
    await child.becomes('onAir');
    await listener.becomes('receiving');
    expect(await listener.page.title()).toBe('no alarm');
  });
});

describe('who listens', () => {
  it('is alarmed within ten seconds when the monitor is gone, until somebody has heard it or it is back', async () => {
    const { child, listener } = await pair();
    await child.page.close();
    const begin = performance.now();
    await listener.becomes('alarm', ALARM_MS);
    await expect.poll(() => alarmSounds(listener.page), { timeout: 2_000 }).toBe(true);
    expect(performance.now() - begin).toBeLessThan(ALARM_MS);
    expect(await listener.status()).toMatch(/monitor lost.*nursery/is);
    await listener.page.locator('[data-action="acknowledge"]').click();
    await expect.poll(() => alarmSounds(listener.page)).toBe(false);
    await listener.becomes('alarm');
    await nursery();
    await listener.becomes('receiving');
    await startRecording(listener.page);
    expectSpeech(await hear(listener.page, HEARD_MS));
  });

  it('is alarmed when its own network is gone', async () => {
    const { listener } = await pair();
    await listener.page.context().setOffline(true);
    await listener.becomes('alarm', ALARM_MS);
    expect(await listener.status()).toMatch(/cannot reach the server/i);
    await listener.page.context().setOffline(false);
    await listener.becomes('receiving');
  });

  it('hears it again after a restart of the server, without an alarm', async () => {
    const { listener } = await pair();
    await watchForAlarm(listener.page);
    await server.kill();
    await listener.page.waitForTimeout(2_000);
    server = await startServer({ DATA_DIR: dataDir, PORT: String(server.port) });
    const begin = performance.now();
    await listener.becomes('receiving');
    expect(performance.now() - begin).toBeLessThan(6_000);
    await startRecording(listener.page);
    expectSpeech(await hear(listener.page, HEARD_MS));
    expect(await listener.page.title()).toBe('no alarm');
  });

  it('hears it with the screen off, by MP3, and again when the monitor was gone', async () => {
    const { child, listener } = await pair();
    const { page } = listener;
    await page.locator('[data-action="menu"]').click();
    await page.locator('[data-action="screenOff"]').click();
    await page.keyboard.press('Escape');
    await page.waitForFunction(() =>
      window.testEar.connections.every(({ connectionState }) => connectionState === 'closed'),
    );
    await setHidden(page, true);
    await playsMp3(page);
    await startRecording(page);
    expectSpeech(await hear(page, HEARD_MS, 15_000));
    expect(await page.evaluate(() => navigator.mediaSession.metadata?.title)).toBe('Nursery');
    await child.page.close();
    await listener.becomes('alarm', ALARM_MS);
    await (await nursery()).becomes('onAir');
    await listener.becomes('receiving');
    await playsMp3(page);
    await startRecording(page);
    expectSpeech(await hear(page, HEARD_MS, 15_000));
  });
});
