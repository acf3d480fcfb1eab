/** The talk button as people use it: what it takes to talk, and that nothing leaves a microphone open. */
import type { Browser, CDPSession } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchChromium } from '../support/browsers.ts';
import { openDashboard, type Dashboard } from '../support/dashboard.ts';
import { hear } from '../support/ear.ts';
import { compareSpeech, SAME_SPEECH } from '../support/judge.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { COUNTING, speak, type Speech } from '../support/speech.ts';

/** Enough words to know a speech by. */
const HEARD_MS = 6000;

interface Watch {
  /** Every track that getUserMedia gave. */
  tracks: MediaStreamTrack[];
  /** What Home Assistant's apps would turn into a buzz. */
  haptics: string[];
  /** Oscillators begun: notes of blips. */
  notes: number;
}

declare global {
  interface Window {
    watch: Watch;
  }
}

let server: TestServer;
let browser: Browser;
let speech: Speech;
let listener: Dashboard;
let talker: Dashboard;

beforeAll(async () => {
  speech = await speak(COUNTING);
  [server, browser] = await Promise.all([startServer(), launchChromium({ microphone: speech.file })]);
});

beforeEach(async () => {
  [listener, talker] = await Promise.all([openDashboard(browser, server.page), openDashboard(browser, server.page)]);
  await Promise.all([listener.isReady(), talker.isReady()]);
  await talker.page.evaluate(() => {
    const watch: Watch = { tracks: [], haptics: [], notes: 0 };
    window.watch = watch;
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (constraints) => {
      const stream = await open(constraints);
      watch.tracks.push(...stream.getTracks());
      return stream;
    };
    window.addEventListener('haptic', (event) => watch.haptics.push((event as CustomEvent<string>).detail));
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called on the node it was called on
    const { start } = OscillatorNode.prototype;
    OscillatorNode.prototype.start = function (this: OscillatorNode, when) {
      watch.notes += 1;
      start.call(this, when);
    };
  });
});

afterEach(async () => {
  await Promise.all([listener.close(), talker.close()]);
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

/** One entry per opening: `live` or `ended`. */
const microphones = (): Promise<string[]> =>
  talker.page.evaluate(() => window.watch.tracks.map(({ readyState }) => readyState));

const button = () => talker.page.locator('[data-action="talk"]');

const configure = (config: Record<string, unknown>): Promise<void> =>
  talker.page.evaluate((more) => {
    const card = document
      .querySelector('voice-streaming-page')
      ?.shadowRoot?.querySelector<HTMLElement & { setConfig(config: unknown): void }>('voice-streaming-card');
    card?.setConfig({ type: 'custom:voice-streaming-card', ...more });
  }, config);

async function goOnAir(): Promise<void> {
  await talker.press();
  await talker.becomes('onAir');
  await listener.becomes('receiving');
}

async function expectOver(): Promise<void> {
  await listener.becomes('idle');
  expect(await microphones()).toEqual(['ended']);
}

describe('talks', () => {
  it('from tap to tap, with a blip and a buzz at either end', async () => {
    await listener.startRecording();
    await button().click();
    await talker.becomes('onAir');
    expect(await talker.status()).toMatch(/tap to end/i);
    expect(compareSpeech(await hear(listener.page, HEARD_MS), speech.pcm).score).toBeGreaterThan(SAME_SPEECH);
    await button().click();
    await talker.becomes('idle');
    await expectOver();
    const { haptics, notes } = await talker.page.evaluate(() => window.watch);
    expect(haptics).toEqual(['medium', 'light']);
    expect(notes).toBe(4);
  });

  it('while Space is held, and from Enter to Enter', async () => {
    await button().focus();
    await talker.page.keyboard.down('Space');
    await talker.becomes('onAir');
    await listener.becomes('receiving');
    // A tap is shorter: this was held.
    await talker.page.waitForTimeout(350);
    await talker.page.keyboard.up('Space');
    await talker.becomes('idle');
    await listener.becomes('idle');
    await talker.page.keyboard.press('Enter');
    await talker.becomes('onAir');
    expect(await talker.status()).toMatch(/tap to end/i);
    await talker.page.keyboard.press('Enter');
    await talker.becomes('idle');
    await listener.becomes('idle');
    expect(await microphones()).toEqual(['ended', 'ended']);
  });

  it('not at all on a tap, where it is to be held; and without a blip', async () => {
    await configure({ talk: 'hold', sounds: false });
    await talker.isReady();
    await goOnAir();
    await talker.release();
    await talker.becomes('idle');
    await button().click();
    await talker.becomes('idle');
    expect(await talker.page.evaluate(() => window.watch.notes)).toBe(0);
  });

  it('no longer than it may, counting down', async () => {
    await configure({ max_talk_seconds: 5 });
    await talker.isReady();
    await goOnAir();
    expect(await talker.status()).toMatch(/[45] s left/);
    await talker.becomes('trouble');
    expect(await talker.status()).toMatch(/time is up/i);
    await expectOver();
    await talker.release();
  });
});

describe('a finger', () => {
  let touch: CDPSession;
  let at: { x: number; y: number };

  beforeEach(async () => {
    touch = await talker.page.context().newCDPSession(talker.page);
    const { x, y, width, height } = (await button().boundingBox())!;
    at = { x: x + width / 2, y: y + height / 2 };
    await send('touchStart', at);
    await talker.becomes('onAir');
    await listener.becomes('receiving');
  });

  const send = async (
    type: 'touchStart' | 'touchMove' | 'touchEnd' | 'touchCancel',
    point?: typeof at,
  ): Promise<void> => {
    await touch.send('Input.dispatchTouchEvent', { type, touchPoints: point ? [point] : [] });
  };

  it('that slides off the button still holds it', async () => {
    await send('touchMove', { x: 5, y: at.y + 250 });
    await talker.page.waitForFunction(() => window.watch.tracks.length === 1);
    expect(await talker.page.locator('voice-streaming-card').getAttribute('data-state')).toBe('onAir');
    await send('touchEnd');
    await talker.becomes('idle');
    await expectOver();
  });

  it('that the system takes away ends the talk', async () => {
    await send('touchCancel');
    await talker.becomes('idle');
    await expectOver();
  });
});

describe('no microphone stays open', () => {
  it('when the tab is hidden', async () => {
    await goOnAir();
    await talker.page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await expectOver();
  });

  it('when the dashboard takes the card away', async () => {
    await goOnAir();
    await talker.page.evaluate(() => document.querySelector('voice-streaming-page')?.remove());
    await expectOver();
  });

  it('when the page is left', async () => {
    await goOnAir();
    await talker.page.goto('about:blank');
    await listener.becomes('idle');
  });

  it('but a warm one, which the card shows, which talks again, and which closes with the tab', async () => {
    await configure({ microphone: 'warm', talk: 'hold' });
    await talker.isReady();
    await goOnAir();
    await talker.release();
    await talker.becomes('idle');
    await listener.becomes('idle');
    expect(await talker.status()).toMatch(/microphone open · \d+ s/i);
    expect(await microphones()).toEqual(['live']);

    await goOnAir();
    await talker.release();
    await listener.becomes('idle');
    expect(await microphones()).toEqual(['live']);

    await talker.page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    expect(await microphones()).toEqual(['ended']);
    expect(await talker.status()).not.toMatch(/microphone open/i);
  });
});
