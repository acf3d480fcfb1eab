/** The other browser as a dashboard that listens. Its sound cannot be recorded here: its own statistics judge. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium, launchFirefox } from '../support/browsers.ts';
import { openDashboard } from '../support/dashboard.ts';
import { inboundAudio } from '../support/ear.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { COUNTING, speak } from '../support/speech.ts';

let server: TestServer;
let chromium: Browser;
let firefox: Browser;

beforeAll(async () => {
  const speech = await speak(COUNTING);
  [server, chromium, firefox] = await Promise.all([
    startServer(),
    launchChromium({ microphone: speech.file }),
    launchFirefox(),
  ]);
});

afterAll(async () => {
  await Promise.all([chromium.close(), firefox.close()]);
  await server.stop();
});

it('hears speech while somebody talks, and nothing before and after', async () => {
  const listener = await openDashboard(firefox, server.page);
  const talker = await openDashboard(chromium, server.page);
  await Promise.all([listener.isReady(), talker.isReady()]);
  expect((await inboundAudio(listener.page)).totalAudioEnergy).toBe(0);

  await talker.press();
  await talker.becomes('onAir');
  await listener.becomes('receiving');
  // 150 packets are 3 s of voice.
  await expect
    .poll(async () => (await inboundAudio(listener.page)).packetsReceived, { timeout: 15_000 })
    .toBeGreaterThan(150);
  const during = await inboundAudio(listener.page);
  // Mean square loudness over 3 s above -40 dBFS.
  expect(during.totalAudioEnergy).toBeGreaterThan(3e-4);
  expect(during.packetsLost).toBeLessThan(5);

  await talker.release();
  await listener.becomes('idle');
  await Promise.all([listener.close(), talker.close()]);
});
