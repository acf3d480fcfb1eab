/** Microphone and speaker: chosen, kept, tested; with Chromium's invented devices, and what Firefox can do of it. */
import type { Browser, Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { launchChromium, launchFirefox } from '../support/browsers.ts';
import { configure } from '../support/card-session.ts';
import { openDashboard, type Dashboard, type DashboardOptions } from '../support/dashboard.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { COUNTING, speak } from '../support/speech.ts';

interface Heard extends Window {
  testTracks: MediaStreamTrack[];
  /** Speakers of the media elements that were told to play, the body's own excepted. */
  testSinks: string[];
}

let server: TestServer;
let chromium: Browser;
const open: Dashboard[] = [];

beforeAll(async () => {
  const speech = await speak(COUNTING);
  [server, chromium] = await Promise.all([startServer(), launchChromium({ microphone: speech.file })]);
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

afterAll(async () => {
  await chromium.close();
  await server.stop();
});

async function dashboard(options: DashboardOptions = {}, browser = chromium): Promise<Dashboard> {
  const opened = await openDashboard(browser, server.page, options);
  open.push(opened);
  await watch(opened);
  await opened.isReady();
  return opened;
}

/** From now on the page's microphones and the sounds of its own are known. */
async function watch({ page }: Dashboard): Promise<void> {
  await page.evaluate(() => {
    const heard = window as unknown as Heard;
    heard.testTracks = [];
    heard.testSinks = [];
    const { mediaDevices } = navigator;
    const native = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = async (constraints) => {
      const stream = await native(constraints);
      heard.testTracks.push(...stream.getAudioTracks());
      return stream;
    };
    const play = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'play')?.value as () => Promise<void>;
    HTMLMediaElement.prototype.play = function (this: HTMLMediaElement) {
      if (!this.isConnected) heard.testSinks.push(this.sinkId);
      return play.call(this);
    };
  });
}

async function openDevices({ page }: Dashboard): Promise<Locator> {
  await page.locator('[data-action="menu"]').click();
  await page.locator('[data-page="devices"]').click();
  const dialog = page.locator('dialog[data-page-open="devices"]');
  await dialog.locator('.devices').waitFor();
  return dialog;
}

/** What the browser says of the microphone that was opened last. */
const lastMicrophone = ({ page }: Dashboard): Promise<MediaTrackSettings & { label: string; isOpen: boolean }> =>
  page.evaluate(() => {
    const track = (window as unknown as Heard).testTracks.at(-1);
    if (!track) throw new Error('No microphone was opened.');
    return { ...track.getSettings(), label: track.label, isOpen: track.readyState === 'live' };
  });

async function talkShortly(card: Dashboard): Promise<void> {
  await configure(card.page, { talk: 'hold' });
  await card.press();
  await card.becomes('onAir');
  await card.release();
  await card.becomes('idle');
}

it('talks with the microphone that was chosen, as it was set, also after a reload', async () => {
  const card = await dashboard();
  const dialog = await openDevices(card);
  await dialog.locator('[data-choose="microphone"]').selectOption({ label: 'Fake Audio Input 2' });
  await dialog.locator('[data-switch="noiseSuppression"]').click();
  await dialog.locator('[data-switch="echoCancellation"]').click();
  await card.page.keyboard.press('Escape');
  await talkShortly(card);
  const chosen = { label: 'Fake Audio Input 2', noiseSuppression: false, echoCancellation: false, isOpen: false };
  expect(await lastMicrophone(card)).toMatchObject(chosen);

  await card.page.reload();
  await watch(card);
  await card.isReady();
  await talkShortly(card);
  expect(await lastMicrophone(card)).toMatchObject(chosen);
  await openDevices(card);
  expect(await dialog.locator('[data-choose="microphone"] option:checked').innerText()).toContain('Fake Audio Input 2');
  expect(await dialog.locator('[data-switch="noiseSuppression"]').getAttribute('aria-pressed')).toBe('false');
  expect(await dialog.locator('[data-switch="autoGainControl"]').getAttribute('aria-pressed')).toBe('true');
});

it('shows how loud one is, plays back three seconds, and has the microphone open no longer than that', async () => {
  const card = await dashboard();
  const dialog = await openDevices(card);
  const host = card.page.locator('voice-streaming-card');
  await dialog.locator('[data-action="test"]').click();
  await dialog.getByText('It hears you').waitFor();
  expect(await host.getAttribute('data-microphone')).toBe('open');
  const levels = await dialog.locator('.meter').evaluate(async (meter: HTMLElement) => {
    const seen = new Set<string>();
    const until = performance.now() + 1_000;
    while (performance.now() < until) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      seen.add(meter.style.getPropertyValue('--level'));
    }
    return [...seen].map(Number);
  });
  expect(levels.length).toBeGreaterThan(10);
  expect(Math.max(...levels)).toBeGreaterThan(0.3);
  await dialog.locator('[data-action="record"]').click();
  await dialog.getByText('This is how you sound').waitFor();
  expect((await lastMicrophone(card)).isOpen).toBe(false);
  expect(await host.getAttribute('data-microphone')).toBe('closed');
  await dialog.locator('[data-action="hearAgain"][aria-disabled="false"]').waitFor();

  await dialog.locator('[data-action="test"]').click();
  await dialog.locator('[data-test="on"]').waitFor();
  await card.page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect((await lastMicrophone(card)).isOpen).toBe(false);
});

it('plays voices and the test sound on the speaker that was chosen', async () => {
  const card = await dashboard();
  const dialog = await openDevices(card);
  const speakers = dialog.locator('[data-choose="speaker"]');
  await speakers.selectOption({ label: 'Fake Audio Output 2' });
  const id = await speakers.inputValue();
  const sinks = (): Promise<string[]> =>
    card.page
      .locator('audio[data-voice-streaming-slot]')
      .evaluateAll((elements) => elements.map((element) => (element as HTMLAudioElement).sinkId));
  await expect.poll(sinks).toEqual([id]);
  await dialog.locator('[data-action="testSpeaker"]').click();
  await dialog.getByText('Playing…').waitFor();
  await dialog.getByText('Play a test sound').waitFor();
  expect(await card.page.evaluate(() => (window as unknown as Heard).testSinks)).toEqual([id]);

  // Unplugged, and back.
  const plug = (isIn: boolean): Promise<void> =>
    card.page.evaluate(
      ([gone, there]) => {
        const { mediaDevices } = navigator;
        const all = MediaDevices.prototype.enumerateDevices.bind(mediaDevices);
        mediaDevices.enumerateDevices = async () =>
          (await all()).filter(({ kind, deviceId }) => there || kind !== 'audiooutput' || deviceId !== gone);
        mediaDevices.dispatchEvent(new Event('devicechange'));
      },
      [id, isIn] as const,
    );
  await plug(false);
  await dialog.getByText('Fake Audio Output 2 is not connected').waitFor();
  await expect.poll(sinks).toEqual(['']);
  await plug(true);
  await expect.poll(sinks).toEqual([id]);
  expect(await dialog.getByText('is not connected').count()).toBe(0);
});

it('asks for the microphone before it can name devices, and says what came of it', async () => {
  const card = await dashboard({ permissions: [] });
  const dialog = await openDevices(card);
  expect(await dialog.locator('[data-choose]').count()).toBe(0);
  await dialog.locator('[data-action="askDevices"]').click();
  await dialog.getByText(/microphone (blocked|not allowed)/i).waitFor();
});

it('has a way in and a way back, with the focus where one is', async () => {
  const card = await dashboard();
  const dialog = await openDevices(card);
  const focused = (): Promise<string | undefined> =>
    card.page.locator('voice-streaming-card').evaluate((host) => host.shadowRoot?.activeElement?.outerHTML);
  expect(await focused()).toContain('id="dialog-title"');
  await dialog.locator('[data-action="back"]').click();
  await card.page.locator('dialog[data-page-open="voices"]').waitFor();
  expect(await focused()).toContain('data-page="devices"');
});

it('opens the browser’s own list of speakers where there is one, and tests the microphone: Firefox', async () => {
  const firefox = await launchFirefox();
  try {
    const card = await dashboard({}, firefox);
    const dialog = await openDevices(card);
    await dialog.locator('[data-action="pickSpeaker"]').waitFor();
    await dialog.locator('[data-action="test"]').click();
    await dialog.locator('[data-test="on"]').waitFor();
    await dialog.locator('[data-action="test"]').click();
    expect((await lastMicrophone(card)).isOpen).toBe(false);
    await card.close();
  } finally {
    await firefox.close();
  }
});

it.each([
  ['Chromium', () => Promise.resolve(chromium)],
  ['Firefox', launchFirefox],
] as const)('says that a page could not be fetched, and fetches it by a press: %s', async (_name, launch) => {
  const browser = await launch();
  try {
    const { page } = await dashboard({}, browser);
    const fetched: string[] = [];
    let isAway = true;
    await page.route(/\/pages\.js/, (route) => {
      fetched.push(route.request().url());
      return isAway ? route.abort() : route.continue();
    });
    await page.locator('[data-action="menu"]').click();
    await page.locator('[data-page="devices"]').click();
    const dialog = page.locator('dialog[data-page-open="devices"]');
    await dialog.getByText('could not be loaded').waitFor();
    await dialog.locator('[data-action="retry"]').click();
    await expect.poll(() => fetched.length).toBeGreaterThan(1);
    isAway = false;
    await dialog.locator('[data-action="retry"]').click();
    await dialog.locator('[data-action="test"]').waitFor();
    await dialog.locator('[data-action="back"]').click();
    await page.locator('[data-page="details"]').click();
    await page.locator('[data-fact="connected"]').waitFor();
  } finally {
    if (browser !== chromium) await browser.close();
  }
});
