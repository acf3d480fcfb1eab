/** Whatever happens to screen, tab, network or server: sound is back within three seconds of the cause being gone. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../support/browsers.ts';
import { openCardHost } from '../support/card-host.ts';
import { cardOf, configure, type TestCard } from '../support/card-session.ts';
import { Dashboard, openDashboard } from '../support/dashboard.ts';
import { giveEars, hear, inboundAudio, startRecording, stopRecording } from '../support/ear.ts';
import { compareSpeech, loudness, SAME_SPEECH } from '../support/judge.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { COUNTING, speak, type Speech } from '../support/speech.ts';
import { UdpGate } from '../support/udp-gate.ts';

/** What is promised. */
const BACK_MS = 3_000;
/** What is live: above any jitter buffer of a busy machine, below what was said while nothing came. */
const LIVE_MS = 600;
/** Enough words to know a speech by. */
const HEARD_MS = 3_500;

let server: TestServer;
let browser: Browser;
let speech: Speech;
let dataDir: string;
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  speech = await speak(COUNTING);
  dataDir = await mkdtemp(join(tmpdir(), 'voice-streaming-survive-'));
  [server, browser] = await Promise.all([
    startServer({ DATA_DIR: dataDir }),
    launchChromium({ microphone: speech.file }),
  ]);
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

afterAll(async () => {
  await browser.close();
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function dashboard(): Promise<Dashboard> {
  const opened = await openDashboard(browser, server.page);
  open.push(opened);
  await opened.isReady();
  return opened;
}

async function hostOf(config: Record<string, unknown>, prepare?: (page: Page) => unknown): Promise<Dashboard> {
  const context = await browser.newContext();
  open.push(context);
  await giveEars(context);
  const host = await openCardHost(context, server.page, { mode: 'receiver', ...config }, prepare);
  await hasConnected(host.page);
  return host;
}

/** The receiver's transport is up: whoever speaks now is heard. */
async function hasConnected(page: Page, timeoutMs = 15_000): Promise<void> {
  await page.waitForFunction(
    () => window.testEar.connections.some(({ connectionState }) => connectionState === 'connected'),
    undefined,
    { timeout: timeoutMs, polling: 20 },
  );
}

/** As the browser says it when the tab is left or the screen goes off. */
async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', { value, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
}

/** Milliseconds until the next sound. */
async function untilSound(page: Page): Promise<number> {
  const begin = performance.now();
  await page.waitForFunction(() => window.testEar.soundMs > 0, undefined, { timeout: 10_000, polling: 20 });
  return performance.now() - begin;
}

function expectSpeech(recorded: Float32Array): void {
  const verdict = compareSpeech(recorded, speech.pcm);
  expect(verdict.score, JSON.stringify(verdict)).toBeGreaterThan(SAME_SPEECH);
}

describe('a listening card', () => {
  it('is back when the server was killed and started again, and when its own network is back', async () => {
    const [listener, offline, talker] = [await hostOf({}), await hostOf({}), await dashboard()];
    await server.kill();
    await Promise.all([listener.becomes('trouble'), offline.becomes('trouble')]);
    await offline.page.context().setOffline(true);
    // Long enough for many vain tries.
    await listener.page.waitForTimeout(4_000);
    server = await startServer({ DATA_DIR: dataDir, PORT: String(server.port) });
    const started = performance.now();
    await hasConnected(listener.page, BACK_MS);
    await Promise.all([listener.isReady(), talker.isReady()]);
    expect(performance.now() - started).toBeLessThan(BACK_MS);

    await talker.press();
    await talker.becomes('onAir');
    await offline.becomes('trouble');
    await offline.page.context().setOffline(false);
    await startRecording(offline.page);
    expect(await untilSound(offline.page)).toBeLessThan(BACK_MS);
    await startRecording(listener.page);
    expectSpeech(await hear(listener.page, HEARD_MS));
    await talker.release();
  });

  it('goes on hearing the same talk when nothing came from the server for seconds', async () => {
    const [listener, talker] = [await hostOf({}), await dashboard()];
    await startRecording(listener.page);
    await talker.press();
    await hear(listener.page, 500);
    server.freeze();
    await listener.becomes('trouble');
    await startRecording(listener.page);
    server.thaw();
    expect(await untilSound(listener.page)).toBeLessThan(BACK_MS);
    // What had waited in the server's sockets is kept from the jitter buffer, which would hurry through it.
    const before = await inboundAudio(listener.page);
    expectSpeech(await hear(listener.page, HEARD_MS));
    const after = await inboundAudio(listener.page);
    const waitedSeconds = after.jitterBufferDelay - before.jitterBufferDelay;
    expect((waitedSeconds * 1000) / (after.jitterBufferEmittedCount - before.jitterBufferEmittedCount)).toBeLessThan(
      LIVE_MS,
    );
    await talker.release();
  });

  it('notices by packets that its way is dead, though signaling works, and opens another', async () => {
    let gate!: UdpGate;
    const listener = await hostOf({}, async (page) => (gate = await UdpGate.of(page)));
    open.push(gate);
    const talker = await dashboard();
    await talker.press();
    await listener.becomes('receiving');
    await startRecording(listener.page);
    await hear(listener.page, 500);
    expect(gate.opened).toBe(1);

    gate.cut();
    const begin = performance.now();
    await expect.poll(() => gate.opened, { timeout: 10_000, interval: 20 }).toBe(2);
    await startRecording(listener.page);
    await untilSound(listener.page);
    expect(performance.now() - begin).toBeLessThan(BACK_MS);
    expectSpeech(await hear(listener.page, HEARD_MS));
    await talker.release();
  });

  it('is back after an hour in a hidden tab, out of whose document the dashboard was taken', async () => {
    const listener = await hostOf({}, (page) => page.clock.install());
    const { page } = listener;
    await setHidden(page, true);
    await page.clock.fastForward('05:00');
    await page.evaluate(() => {
      const card = document.querySelector('voice-streaming-card')!;
      Object.assign(window, { card });
      card.remove();
    });
    await page.clock.fastForward('01:00:00');
    await expect
      .poll(() => page.evaluate(() => window.testEar.connections.map(({ connectionState }) => connectionState)), {
        timeout: 5_000,
      })
      .not.toContain('connected');

    await setHidden(page, false);
    const begin = performance.now();
    await page.evaluate(() => document.querySelector('main')!.append((window as unknown as { card: Element }).card));
    await hasConnected(page, BACK_MS);
    expect(performance.now() - begin).toBeLessThan(BACK_MS);

    const talker = await dashboard();
    await startRecording(page);
    await talker.press();
    expectSpeech(await hear(page, HEARD_MS));
    await talker.release();
  });

  it('goes on sounding while the dashboard shows another view', async () => {
    const [listener, talker] = [await hostOf({}), await dashboard()];
    await talker.press();
    await listener.becomes('receiving');
    await startRecording(listener.page);
    await listener.page.evaluate(() => {
      const card = document.querySelector('voice-streaming-card')!;
      card.remove();
      setTimeout(() => document.querySelector('main')!.append(card), 2_000);
    });
    const recorded = await hear(listener.page, HEARD_MS);
    await listener.becomes('receiving');
    expectSpeech(recorded);
    expect(await listener.page.evaluate(() => window.testEar.connections.length)).toBe(1);
    await talker.release();
  });
});

describe('two tabs of one browser', () => {
  it('do not both play; the other one takes over when asked, and gives back when it closes', async () => {
    const first = await hostOf({});
    const second = await openTab(first);
    const talker = await dashboard();
    const isElsewhere = (tab: Dashboard): Promise<boolean> =>
      cardOf(tab.page).evaluate((card: TestCard) => card.session!.receiver.elsewhere);
    await expect.poll(() => isElsewhere(second), { timeout: 5_000 }).toBe(true);
    await talker.press();
    await first.becomes('receiving');
    await Promise.all([startRecording(first.page), startRecording(second.page)]);
    expectSpeech(await hear(first.page, HEARD_MS));
    expect(loudness(await stopRecording(second.page))).toBe(0);

    await cardOf(second.page).evaluate((card: TestCard) => card.session!.receiver.playHere());
    await expect.poll(() => isElsewhere(first), { timeout: 5_000 }).toBe(true);
    await startRecording(second.page);
    await untilSound(second.page);

    await startRecording(first.page);
    await second.page.close();
    expect(await untilSound(first.page)).toBeLessThan(BACK_MS);
    await talker.release();
  });

  async function openTab(first: Dashboard): Promise<Dashboard> {
    const page = await first.page.context().newPage();
    await page.goto(server.page);
    await configure(page, { mode: 'receiver' });
    const tab = new Dashboard(first.page.context(), page);
    await tab.isReady();
    return tab;
  }
});
