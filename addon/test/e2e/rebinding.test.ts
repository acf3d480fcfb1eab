/** A router forgets a browser's port, and what it sends comes from another one: nobody has to connect again. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium } from '../support/browsers.ts';
import { configure } from '../support/card-session.ts';
import { Dashboard } from '../support/dashboard.ts';
import { giveEars, hear, inboundAudio, startRecording } from '../support/ear.ts';
import { compareSpeech, SAME_SPEECH } from '../support/judge.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { COUNTING, speak, type Speech } from '../support/speech.ts';
import { UdpGate } from '../support/udp-gate.ts';

/** Enough words to know a speech by. */
const HEARD_MS = 3_500;
/** A browser's next check tells the server where it is now: each 2.5 s. */
const FOUND_MS = 10_000;
/** Until words are heard as they are said. */
const SETTLED_MS = 20_000;

let server: TestServer;
let browser: Browser;
let speech: Speech;

beforeAll(async () => {
  speech = await speak(COUNTING);
  [server, browser] = await Promise.all([startServer(), launchChromium({ microphone: speech.file, repeats: true })]);
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

async function device(mode: string): Promise<{ dashboard: Dashboard; gate: UdpGate }> {
  const context = await browser.newContext({ permissions: ['microphone'], viewport: { width: 480, height: 900 } });
  await giveEars(context);
  const page = await context.newPage();
  const gate = await UdpGate.of(page);
  await page.goto(server.page);
  await configure(page, { mode, talk: 'hold' });
  const dashboard = new Dashboard(context, page);
  await dashboard.isReady();
  return { dashboard, gate };
}

it.each(['talks', 'listens'] as const)('while it %s', async (does) => {
  const [talker, listener] = [await device('intercom'), await device('receiver')];
  const moved = does === 'talks' ? talker : listener;
  await talker.dashboard.press();
  await listener.dashboard.becomes('receiving');
  const { page } = listener.dashboard;
  await expect.poll(async () => (await inboundAudio(page)).packetsReceived, { timeout: FOUND_MS }).toBeGreaterThan(50);
  const opened = moved.gate.opened;

  await moved.gate.rebind();
  const { packetsReceived } = await inboundAudio(page);
  await expect
    .poll(async () => (await inboundAudio(page)).packetsReceived, { timeout: FOUND_MS })
    .toBeGreaterThan(packetsReceived + 50);
  // A jitter buffer stretches and skips for some seconds after a gap of seconds.
  const listen = async (): Promise<number> => {
    await startRecording(page);
    return compareSpeech(await hear(page, HEARD_MS), speech.pcm).score;
  };
  await expect.poll(listen, { timeout: SETTLED_MS }).toBeGreaterThan(SAME_SPEECH);
  expect(moved.gate.opened).toBe(opened);

  await talker.dashboard.release();
  for (const { dashboard, gate } of [talker, listener]) {
    await dashboard.close();
    await gate.close();
  }
});
