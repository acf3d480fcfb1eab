/** The main job: someone presses a button and speaks, and it is heard, by dashboards and by players of the MP3 URL. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../support/browsers.ts';
import { openDashboard, type Dashboard } from '../support/dashboard.ts';
import { giveEars, hear, startRecording } from '../support/ear.ts';
import { compareSpeech, OTHER_SPEECH, SAME_SPEECH } from '../support/judge.ts';
import { decodeAudio } from '../support/pcm.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { COUNTING, speak, STORY, type Speech } from '../support/speech.ts';

/** Enough words to know a speech by. */
const HEARD_MS = 6000;
/** From the first word on, give or take the time until the microphone's voice processing has settled. */
const FROM_THE_START_MS = 1000;

let server: TestServer;
let browser: Browser;
let speech: Speech;
let otherSpeech: Speech;
const open: Dashboard[] = [];

beforeAll(async () => {
  [speech, otherSpeech] = await Promise.all([speak(COUNTING), speak(STORY)]);
  [server, browser] = await Promise.all([startServer(), launchChromium({ microphone: speech.file })]);
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((dashboard) => dashboard.close()));
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

async function dashboard(): Promise<Dashboard> {
  const opened = await openDashboard(browser, server.page);
  open.push(opened);
  await opened.isReady();
  return opened;
}

/** The speech and no other, from a point of it that `where` accepts. */
function expectSpeech(recorded: Float32Array, { fromMs, toMs }: { fromMs: number; toMs: number }): void {
  const verdict = compareSpeech(recorded, speech.pcm);
  expect(verdict.score, JSON.stringify(verdict)).toBeGreaterThan(SAME_SPEECH);
  expect(verdict.offsetMs).toBeGreaterThanOrEqual(fromMs);
  expect(verdict.offsetMs).toBeLessThan(toMs);
  expect(compareSpeech(recorded, otherSpeech.pcm).score).toBeLessThan(OTHER_SPEECH);
}

const fromTheStart = { fromMs: -500, toMs: FROM_THE_START_MS };
const fromTheMiddle = { fromMs: FROM_THE_START_MS, toMs: 10_000 };

describe('another dashboard', () => {
  it('hears the speech from its start when it listened before (receiver first)', async () => {
    const listener = await dashboard();
    await listener.startRecording();
    const talker = await dashboard();

    await talker.press();
    await talker.becomes('onAir');
    await listener.becomes('receiving');
    expectSpeech(await hear(listener.page, HEARD_MS), fromTheStart);

    await talker.release();
    await talker.becomes('idle');
    await listener.becomes('idle');
  });

  it('hears the speech when it joins in the middle (sender first)', async () => {
    const talker = await dashboard();
    await talker.press();
    await talker.becomes('onAir');
    const first = await dashboard();
    await first.becomes('receiving');
    await first.startRecording();
    await hear(first.page, 2000);

    const second = await dashboard();
    await second.startRecording();
    await second.becomes('receiving');
    expectSpeech(await hear(second.page, HEARD_MS), fromTheMiddle);
    await talker.release();
  });

  it('hears the next talk of a page that was reloaded while it spoke', async () => {
    const [listener, talker] = [await dashboard(), await dashboard()];
    await talker.press();
    await talker.becomes('onAir');
    await listener.becomes('receiving');

    await talker.page.reload();
    await talker.release();
    await listener.becomes('idle');
    await talker.isReady();

    await listener.startRecording();
    await talker.press();
    await listener.becomes('receiving');
    expectSpeech(await hear(listener.page, HEARD_MS), fromTheStart);
    await talker.release();
  });

  it('hears a second talk over the same warm connection', async () => {
    const [listener, talker] = [await dashboard(), await dashboard()];
    const connections = (): Promise<number> => listener.page.evaluate(() => window.testEar.connections.length);
    const before = await connections();
    for (let talk = 0; talk < 2; talk++) {
      await listener.startRecording();
      await talker.press();
      await listener.becomes('receiving');
      expectSpeech(await hear(listener.page, HEARD_MS), fromTheStart);
      await talker.release();
      await listener.becomes('idle');
    }
    expect(await connections()).toBe(before);
  });
});

describe('a browser that makes no sound before a tap', () => {
  it('says so, and after the tap the voice is heard', async () => {
    const shy = await launchChromium({ autoplay: false });
    try {
      const talker = await dashboard();
      const listener = await openDashboard(shy, server.page, { untouched: true });
      await talker.press();
      await talker.page.getByText(/heard by 1|heard by one/i).waitFor();
      await listener.becomes('needsTap');
      await listener.enableSound();
      await listener.becomes('receiving');
      await listener.startRecording();
      expectSpeech(await hear(listener.page, HEARD_MS), { fromMs: 0, toMs: 10_000 });
      await talker.release();
    } finally {
      await shy.close();
    }
  });
});

describe('latest.mp3', () => {
  it('is on the page, to copy', async () => {
    const { page } = await dashboard();
    const shown = page.locator('[data-url="latest.mp3"]');
    await shown.waitFor();
    expect(await shown.innerText()).toBe(server.latestMp3Url);
  });

  it('carries the speech to a player that waited for it (receiver first)', async () => {
    const player = new AbortController();
    const response = await fetch(server.latestMp3Url, { signal: player.signal });
    expect(response.headers.get('content-type')).toBe('audio/mpeg');
    const recorded = readUntilAborted(response);
    const [listener, talker] = [await dashboard(), await dashboard()];
    await listener.startRecording();
    await talker.press();
    await listener.becomes('receiving');
    const byWebRtc = await hear(listener.page, HEARD_MS);
    await talker.release();
    player.abort();
    expectSpeech(byWebRtc, fromTheStart);
    expectSpeech(await decodeBytes(await recorded), fromTheStart);
  });

  it('carries the speech to ffmpeg that comes in the middle (sender first)', async () => {
    const [listener, talker] = [await dashboard(), await dashboard()];
    await listener.startRecording();
    await talker.press();
    await listener.becomes('receiving');
    await hear(listener.page, 2000);
    expectSpeech(await decodeAudio(server.latestMp3Url, { durationMs: HEARD_MS + 1000 }), fromTheMiddle);
    await talker.release();
  });

  it("plays in a browser's audio element", async () => {
    const talker = await dashboard();
    const context = await browser.newContext();
    try {
      await giveEars(context);
      const page = await context.newPage();
      await page.route('**/player', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }));
      await page.goto('http://localhost/player');
      await startRecording(page);
      await page.evaluate(async (url) => {
        const audio = new Audio();
        audio.crossOrigin = 'anonymous';
        audio.src = url;
        await audio.play();
      }, server.latestMp3Url);
      await talker.press();
      await talker.becomes('onAir');
      expectSpeech(await hear(page, HEARD_MS), fromTheStart);
      await talker.release();
      const seconds = await page.evaluate(() => [...window.testEar.elements][0]?.currentTime ?? 0);
      expect(seconds).toBeGreaterThan(HEARD_MS / 1000);
    } finally {
      await context.close();
    }
  });
});

async function readUntilAborted(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of response.body ?? []) chunks.push(chunk);
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'AbortError')) throw error;
  }
  return Buffer.concat(chunks);
}

async function decodeBytes(bytes: Uint8Array): Promise<Float32Array> {
  const folder = await mkdtemp(join(tmpdir(), 'voice-streaming-mp3-'));
  try {
    const file = join(folder, 'recorded.mp3');
    await writeFile(file, bytes);
    return await decodeAudio(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
