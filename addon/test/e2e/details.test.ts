/** The page "Details" of a real card: what it says during a real talk, the self-test, the report. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchChromium, launchFirefox } from '../support/browsers.ts';
import { openDashboard, type Dashboard } from '../support/dashboard.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { COUNTING, speak } from '../support/speech.ts';

const TOKEN = 'a-token-that-nobody-is-to-see';
/** The self-test takes four seconds. */
const ECHO_MS = 15_000;

interface Spy {
  contexts: AudioContext[];
  microphones: number;
  reads: number;
}

declare global {
  interface Window {
    spy: Spy;
  }
}

let server: TestServer;
let chromium: Browser;
let firefox: Browser;

beforeAll(async () => {
  const speech = await speak(COUNTING);
  [server, chromium, firefox] = await Promise.all([
    startServer({ ACCESS_TOKEN: TOKEN }),
    launchChromium({ microphone: speech.file }),
    launchFirefox(),
  ]);
});

afterAll(async () => {
  await Promise.all([chromium.close(), firefox.close()]);
  await server.stop();
});

async function openDetails({ page }: Dashboard): Promise<void> {
  await page.locator('[data-action="menu"]').click();
  await page.locator('[data-page="details"]').click();
  await page.locator('[data-fact="connected"]').waitFor();
}

const textOf = (page: Page, selector: string): Promise<string> => page.locator(selector).first().innerText();
const fact = (page: Page, name: string): Promise<string> => textOf(page, `[data-fact="${name}"] dd`);
const inFact = (page: Page, name: string): Promise<string> => textOf(page, `[data-path="in"] [data-fact="${name}"] dd`);
const outFact = (page: Page, name: string): Promise<string> =>
  textOf(page, `[data-path="out"] [data-fact="${name}"] dd`);

async function measure(page: Page): Promise<string> {
  await page.locator('[data-action="measure"]').click();
  return measured(page);
}

async function measured(page: Page): Promise<string> {
  await page.locator('[data-echo="measured"], [data-echo="failed"]').waitFor({ timeout: ECHO_MS });
  return textOf(page, '[data-echo]');
}

const activeStreams = async (): Promise<number> => {
  const status = await fetch(new URL('/stream/status', server.media));
  return ((await status.json()) as { active_streams: number }).active_streams;
};

/** What the self-test and the readings use of the browser, from now on. */
const spyOn = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const spy: Spy = { contexts: [], microphones: 0, reads: 0 };
    window.spy = spy;
    const Native = window.AudioContext;
    window.AudioContext = class extends Native {
      constructor(options?: AudioContextOptions) {
        super(options);
        spy.contexts.push(this);
      }
    };
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = (constraints) => {
      spy.microphones += 1;
      return open(constraints);
    };
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called on the peer it was called on
    const { getStats } = RTCPeerConnection.prototype;
    RTCPeerConnection.prototype.getStats = function (this: RTCPeerConnection, selector) {
      spy.reads += 1;
      return getStats.call(this, selector);
    };
  });

/** What runs for the page "Details" now. */
const running = (page: Page): Promise<{ contexts: number; tracks: number; microphones: number }> =>
  page.evaluate(() => ({
    contexts: window.spy.contexts.filter(({ state }) => state !== 'closed').length,
    tracks: window.testEar.connections.flatMap((peer) => peer.getSenders()).filter(({ track }) => track !== null)
      .length,
    microphones: window.spy.microphones,
  }));

describe('in Chromium', () => {
  let listener: Dashboard;
  let talker: Dashboard;

  beforeEach(async () => {
    [talker, listener] = await Promise.all([
      openDashboard(chromium, server.page),
      openDashboard(chromium, server.page, { permissions: ['microphone', 'clipboard-read', 'clipboard-write'] }),
    ]);
    await Promise.all([talker.isReady(), listener.isReady()]);
    await spyOn(listener.page);
  });

  afterEach(() => Promise.all([talker.close(), listener.close()]));

  it('says what is true while somebody speaks, and reads nothing once it is closed', async () => {
    const { page } = listener;
    await openDetails(listener);
    expect(await fact(page, 'connected')).toBe('Yes');
    expect(await fact(page, 'loss')).toBe('no voice yet');
    expect(await fact(page, 'delay')).toMatch(/^at least \d+ ms$/);
    await talker.press();
    await talker.becomes('onAir');
    await expect.poll(() => fact(page, 'delay'), { timeout: 10_000 }).toMatch(/^about \d+ ms$/);
    const delayMs = Number.parseInt((await fact(page, 'delay')).slice('about '.length), 10);
    // 20 of the packet, 20 or more of the jitter buffer, and the output; on one machine.
    expect(delayMs).toBeGreaterThan(40);
    expect(delayMs).toBeLessThan(400);
    expect(await fact(page, 'loss')).toMatch(/^\d+(\.\d)?%$/);
    expect(await fact(page, 'heardBy')).toBe('not on air');
    expect(await inFact(page, 'path.hearing')).toMatch(/Chrome/);
    expect(await inFact(page, 'path.state')).toBe('connected');
    expect(await inFact(page, 'path.there')).toMatch(/^[\d.]+:\d+ udp host$/);
    expect(await inFact(page, 'path.roundTrip')).toMatch(/ms$/);
    expect(await inFact(page, 'path.codec')).toBe('opus, 48 kHz');
    expect(await inFact(page, 'path.bitrate')).toMatch(/^\d+ kb\/s$/);
    expect(await inFact(page, 'path.concealed')).toMatch(/%$/);
    expect(await outFact(page, 'path.state')).toBe('connected');
    await talker.release();
    await talker.becomes('idle');

    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    expect(await running(page)).toEqual({ contexts: 0, tracks: 0, microphones: 0 });
    const reads = await page.evaluate(() => window.spy.reads);
    await page.waitForTimeout(1_500); // What would be the next reading.
    expect(await page.evaluate(() => window.spy.reads)).toBe(reads);
  });

  it('says who hears this device', async () => {
    await talker.page.locator('[data-action="talk"]').click();
    await talker.becomes('onAir');
    await listener.becomes('receiving');
    await openDetails(talker);
    expect(await fact(talker.page, 'heardBy')).toBe('1');
    await expect.poll(() => outFact(talker.page, 'path.lost'), { timeout: 10_000 }).toMatch(/%$/);
    // The self-test does not disturb a talk.
    expect(await measure(talker.page)).toMatch(/could not measure: you are speaking/i);
    await talker.becomes('onAir');
    await openDetails(listener);
    expect(await measure(listener.page)).toMatch(/could not measure: somebody is speaking/i);
  });

  it('measures the way to the server and back, heard by nobody, and leaves nothing behind', async () => {
    const { page } = listener;
    await talker.startRecording();
    await openDetails(listener);
    const before = await running(page);
    await page.locator('[data-action="measure"]').click();
    // The chirps' track is in the transport: the echo is on its way.
    await expect.poll(async () => (await running(page)).tracks).toBe(1);
    expect(await activeStreams()).toBe(0);
    const said = await measured(page);
    const measuredMs = Number(/Measured: (\d+) ms/.exec(said)?.[1]);
    expect(measuredMs, said).toBeGreaterThan(5);
    expect(measuredMs, said).toBeLessThan(300);
    expect(await running(page)).toEqual(before);
    expect(await page.locator('voice-streaming-card').getAttribute('data-state')).toBe('idle');
    // Neither the other device nor any list knows of it.
    expect(await talker.page.evaluate(() => window.testEar.soundMs)).toBe(0);
    expect(await talker.page.locator('voice-streaming-card').getAttribute('data-state')).toBe('idle');
    expect(await activeStreams()).toBe(0);

    // It works again, and is given up when the dialog closes in the middle.
    await page.locator('[data-action="measure"]').click();
    await page.locator('[data-echo="running"]').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    expect(await running(page)).toEqual({ contexts: 0, tracks: 0, microphones: 0 });
    await listener.press();
    await listener.becomes('onAir');
    await talker.becomes('receiving');
    await listener.release();
  });

  it('measures in a card with its sound off, too', async () => {
    const { page } = listener;
    await page.locator('[data-action="menu"]').click();
    await page.locator('dialog [data-action="listen"]').click();
    await page.locator('[data-page="details"]').click();
    await page.locator('[data-fact="connected"]').waitFor();
    expect(await measure(page)).toMatch(/^Measured: \d+ ms/);
    expect(await page.locator('[data-path="in"]').count()).toBe(0);
  });

  it('copies a report with versions, and without the token', async () => {
    const { page } = listener;
    await page.evaluate((token) => {
      const card = document
        .querySelector('voice-streaming-page')
        ?.shadowRoot?.querySelector<HTMLElement & { setConfig(config: unknown): void }>('voice-streaming-card');
      card?.setConfig({ type: 'custom:voice-streaming-card', token });
    }, TOKEN);
    await listener.isReady();
    await openDetails(listener);
    await expect
      .poll(async () => {
        await page.locator('[data-action="copyReport"]').click();
        return page.evaluate(() => navigator.clipboard.readText());
      })
      .toMatch(/Microphone permission: granted/);
    expect(await textOf(page, '[data-action="copyReport"]')).toBe('Copied');
    const text = await page.evaluate(() => navigator.clipboard.readText());
    expect(text).toMatch(/card \d+\.\d+\.\d+, server \d+\.\d+\.\d+, protocol \d+/);
    expect(text).toMatch(/In: connected, .*host udp [\d.]+/);
    expect(text).toContain('Chrome/');
    expect(text).not.toContain(TOKEN);
    const key = await page.evaluate(() => localStorage.getItem('voice-streaming.device-key'));
    expect(key).toHaveLength(22);
    expect(text).not.toContain(key);
  });
});

it('says in Firefox what it can, shows the report where there is no clipboard, and why it cannot measure without sound', async () => {
  const dashboard = await openDashboard(firefox, server.page);
  await dashboard.isReady();
  const { page } = dashboard;
  await openDetails(dashboard);
  await expect.poll(() => fact(page, 'connected'), { timeout: 10_000 }).toBe('Yes');
  expect(await inFact(page, 'path.here')).toMatch(/^hidden by the browser udp host$/);
  expect(await inFact(page, 'path.roundTrip')).toMatch(/ms$/);
  // On a machine without a sound device its AudioContext never runs.
  expect(await measure(page)).toMatch(/^Measured: \d+ ms|^Could not measure: this browser runs no sound here/);
  await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
  await page.locator('[data-action="copyReport"]').click();
  expect(await page.locator('[data-field="report"]').inputValue()).toContain('Firefox/');
  await dashboard.close();
});
