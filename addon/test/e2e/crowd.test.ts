/** A crowd hears packets in pairs: what Chromium makes of them. Here two cards are a crowd; else it takes more than 100. */
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium } from '../support/browsers.ts';
import { openCardHost } from '../support/card-host.ts';
import type { Dashboard } from '../support/dashboard.ts';
import { giveEars, hear, startRecording } from '../support/ear.ts';
import { compareSpeech, SAME_SPEECH } from '../support/judge.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { COUNTING, speak, type Speech } from '../support/speech.ts';

const BENCH = join(import.meta.dirname, '../../bench');
const SERVER = join(import.meta.dirname, '../../src/main.ts');
const HEARD_MS = 4_000;

let server: TestServer;
let browser: Browser;
let speech: Speech;

beforeAll(async () => {
  speech = await speak(COUNTING);
  const imports = [join(BENCH, 'typescript.mjs'), join(BENCH, 'processes/raised-limits.ts')];
  const NODE_OPTIONS = imports.map((file) => `--import=${file}`).join(' ');
  [server, browser] = await Promise.all([
    startServer({ NODE_OPTIONS, CROWD_ABOVE: '1' }, [], SERVER),
    launchChromium({ microphone: speech.file }),
  ]);
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

async function device(mode: string): Promise<Dashboard> {
  const context = await browser.newContext({ permissions: ['microphone'], viewport: { width: 480, height: 900 } });
  await giveEars(context);
  return openCardHost(context, server.page, { mode, name: mode });
}

interface Inbound {
  type: string;
  packetsReceived: number;
  packetsLost: number;
  totalSamplesReceived: number;
  concealedSamples: number;
  silentConcealedSamples: number;
}

/** Undefined before the first packet. */
async function inboundOf({ page }: Dashboard): Promise<Inbound | undefined> {
  const found = await page.evaluate(async () => {
    const stats = await Promise.all(window.testEar.connections.map((connection) => connection.getStats()));
    return stats.flatMap((report) => [...(report as unknown as Map<string, Inbound>).values()]);
  });
  return found.find(({ type, packetsReceived }) => type === 'inbound-rtp' && packetsReceived > 0);
}

it('Chromium hears it as it was said, at half the packets', async () => {
  const [talker, listener, other] = [await device('sender'), await device('receiver'), await device('receiver')];
  await startRecording(listener.page);
  await talker.press();
  await Promise.all([listener, other].map((one) => one.becomes('receiving')));
  await expect.poll(() => inboundOf(listener), { timeout: 10_000 }).toBeDefined();
  const before = (await inboundOf(listener))!;
  const recorded = await hear(listener.page, HEARD_MS);
  const after = (await inboundOf(listener))!;
  const sent = await talker.page.evaluate(async () => {
    const stats = await Promise.all(window.testEar.connections.map((connection) => connection.getStats()));
    const all = stats.flatMap((report) => [...(report as unknown as Map<string, Record<string, unknown>>).values()]);
    return Math.max(...all.filter(({ type }) => type === 'outbound-rtp').map((one) => Number(one['packetsSent'])));
  });
  await talker.release();

  const verdict = compareSpeech(recorded, speech.pcm);
  expect(verdict.score, JSON.stringify(verdict)).toBeGreaterThan(SAME_SPEECH);
  const seconds = (after.totalSamplesReceived - before.totalSamplesReceived) / 48_000;
  const concealed = after.concealedSamples - before.concealedSamples;
  const silent = after.silentConcealedSamples - before.silentConcealedSamples;
  const received = after.packetsReceived - before.packetsReceived;
  console.log(
    `${received} packets in ${seconds.toFixed(2)} s (${(received / seconds).toFixed(1)} a second), ${concealed - silent} samples made up`,
  );
  expect(after.packetsLost / after.packetsReceived).toBeLessThan(0.01);
  // Some of them may have had no partner in time.
  expect(after.packetsReceived / sent).toBeLessThan(0.75);
  expect(received / seconds).toBeGreaterThan(40);
});
