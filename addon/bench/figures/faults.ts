/**
 * Real browsers on a bad network: a card talks, another hears, and the hop between one of them and the server loses, delays
 * or mixes up what passes, both ways. What the hearer's browser says it had to make up, and what its recording lacks
 * of the microphone's.
 */
import type { Browser } from 'playwright-core';
import { launchChromium, launchFirefox } from '../../test/support/browsers.ts';
import { configure } from '../../test/support/card-session.ts';
import { Dashboard } from '../../test/support/dashboard.ts';
import { giveEars, startRecording, stopRecording } from '../../test/support/ear.ts';
import type { Faults } from '../../test/support/network-faults.ts';
import { startServer } from '../../test/support/server.ts';
import { COUNTING, speak } from '../../test/support/speech.ts';
import { UdpGate } from '../../test/support/udp-gate.ts';
import { delay } from '../support/clock.ts';
import { NONE, type Figure } from '../support/figure.ts';
import { inboundSound, type InboundSound } from '../support/inbound-sound.ts';
import { round } from '../support/statistics.ts';
import { compareTapes, type Heard, type Tape } from '../support/tapes.ts';

const CASES: [name: string, faults: Faults][] = [
  ['no fault', {}],
  ['loss of 1 %', { loss: 0.01 }],
  ['loss of 5 %', { loss: 0.05 }],
  ['loss of 20 %', { loss: 0.2 }],
  ['jitter of 60 ms', { jitterMs: 60 }],
  ['delay of 100 ms', { delayMs: 100 }],
  ['a quarter overtaken', { reorder: 0.25 }],
  ['a tenth twice', { duplicate: 0.1 }],
  ['loss of 5 % and jitter of 60 ms', { loss: 0.05, jitterMs: 60 }],
];
/** For jitter buffers to find their size. */
const SETTLE_MS = 3000;
/** All of the speech, once. */
const RUN_MS = 17_000;

type Hop = 'in' | 'out';

/** From the talker to the server. */
export const faultsIn = (): Promise<Figure[]> => faults('in');
/** From the server to the hearer. */
export const faultsOut = (): Promise<Figure[]> => faults('out');

async function faults(hop: Hop): Promise<Figure[]> {
  const speech = await speak(COUNTING);
  const server = await startServer();
  const chromium = await launchChromium({ microphone: speech.file, repeats: true });
  const firefox = await launchFirefox();
  const figures: Figure[] = [];
  try {
    for (const [name, given] of CASES) {
      const open = (browser: Browser, mode: string): Promise<Device> => openDevice(browser, server.page, mode);
      const [talker, hearer, second] = await Promise.all([
        open(chromium, 'intercom'),
        open(chromium, 'receiver'),
        open(firefox, 'receiver'),
      ]);
      try {
        const result = await run(talker, [hearer, second], hop, given);
        figures.push(figureOf(`${hop === 'in' ? 'talker to server' : 'server to hearer'}, ${name}`, result));
        process.stderr.write(`${figures.at(-1)!.what}: ${figures.at(-1)!.ours}; ${figures.at(-1)!.control}\n`);
      } finally {
        for (const { dashboard, gate } of [talker, hearer, second]) {
          await dashboard.close();
          await gate.close();
        }
      }
    }
  } finally {
    await Promise.all([chromium.close(), firefox.close()]);
    await server.stop();
  }
  return figures;
}

interface Device {
  dashboard: Dashboard;
  gate: UdpGate;
}

async function openDevice(browser: Browser, url: string, mode: string): Promise<Device> {
  const isFirefox = browser.browserType().name() === 'firefox';
  const context = await browser.newContext(isFirefox ? {} : { permissions: ['microphone'] });
  await giveEars(context);
  const page = await context.newPage();
  const gate = await UdpGate.of(page);
  await page.goto(url);
  await configure(page, { mode, talk: 'hold' });
  const dashboard = new Dashboard(context, page);
  await dashboard.isReady();
  return { dashboard, gate };
}

interface Result {
  heard: Heard;
  chromium: InboundSound;
  firefox: InboundSound;
  spoilt: unknown;
}

async function run(talker: Device, hearers: [Device, Device], hop: Hop, given: Faults): Promise<Result> {
  const [{ dashboard: hearer }, { dashboard: second }] = hearers;
  const pages = [hearer.page, second.page];
  const gates = hop === 'in' ? [talker.gate] : hearers.map(({ gate }) => gate);
  // Before the first word: a network that becomes slower all of a sudden is another fault.
  for (const gate of gates) gate.impair(given);
  await talker.dashboard.press();
  await talker.dashboard.becomes('onAir');
  await Promise.all([hearer.becomes('receiving'), second.becomes('receiving')]);
  await delay(SETTLE_MS);
  await Promise.all([startRecording(talker.dashboard.page, 'microphone'), startRecording(hearer.page)]);
  const before = await Promise.all(pages.map(inboundSound));
  await delay(RUN_MS);
  const after = await Promise.all(pages.map(inboundSound));
  const [said, heard] = await Promise.all([tapeOf(talker.dashboard), tapeOf(hearer)]);
  const [chromium, firefox] = after.map((one, i) => one.since(before[i]!)) as [InboundSound, InboundSound];
  await talker.dashboard.release();
  return { heard: compareTapes(said, heard), chromium, firefox, spoilt: gates.map(({ spoilt }) => spoilt) };
}

async function tapeOf({ page }: Dashboard): Promise<Tape> {
  const beganAtMs = await page.evaluate(() => window.testEar.beganAtMs);
  return { pcm: await stopRecording(page), beganAtMs };
}

function figureOf(what: string, result: Result): Figure {
  const { heard, chromium, firefox } = result;
  const gaps = heard.gapsMs.length === 0 ? '' : ` (${heard.gapsMs.length}, longest ${heard.gapsMs[0]} ms)`;
  return {
    what,
    ours: `gaps ${percent(heard.gapShare)}${gaps}; made up ${percent(chromium.concealedShare)}; ${round(heard.delayMs)} ms, ${round(chromium.bufferedMs)} of it in the jitter buffer`,
    goal: what.endsWith('loss of 5 %') ? 'gaps <= 1 %' : NONE,
    python: NONE,
    control: `Firefox: made up ${percent(firefox.concealedShare)}, ${round(firefox.bufferedMs)} ms in its jitter buffer`,
    data: { ...result },
  };
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
