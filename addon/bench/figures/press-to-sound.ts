/**
 * Press to sound with real cards, both warm: from the press on one dashboard to the first sound on the track that the
 * other one plays. What the microphone's device takes to open is reported apart.
 */
import type { Browser } from 'playwright-core';
import { launchChromium } from '../../test/support/browsers.ts';
import { Dashboard } from '../../test/support/dashboard.ts';
import { giveEars } from '../../test/support/ear.ts';
import { startServer } from '../../test/support/server.ts';
import { delay } from '../support/clock.ts';
import { NONE, type Figure } from '../support/figure.ts';
import { giveBench, type PressRecord } from '../support/page.ts';
import { speechAtOnce } from '../support/sounds.ts';
import { pair, spread } from '../support/statistics.ts';

const PRESSES = 20;
/** Silence at the hearer before the next press, so that its sound is an onset. */
const PAUSE_MS = 400;
/** A shorter press would latch the talk. */
const HOLD_MS = 600;
const GIVE_UP_MS = 10_000;

interface Press {
  totalMs: number;
  deviceMs: number;
  withoutDeviceMs: number;
  fromSpokenMs: number;
}

export async function press(): Promise<Figure[]> {
  const sound = await speechAtOnce();
  const server = await startServer();
  const browser = await launchChromium({ microphone: sound.path });
  try {
    const hearer = await openCard(browser, server.page);
    const speaker = await openCard(browser, server.page);
    await watchMicrophone(speaker);
    await listenToCard(hearer);
    const presses: Press[] = [];
    for (let i = 0; i < PRESSES; i += 1) {
      await delay(PAUSE_MS + 7 * i);
      presses.push(await pressOnce(speaker, hearer));
    }
    return figuresOf(presses, await jitterBuffer(hearer));
  } finally {
    await browser.close();
    await server.stop();
    await sound.remove();
  }
}

/** As openDashboard, but the bench's audio worklet may be loaded. */
async function openCard(browser: Browser, url: string): Promise<Dashboard> {
  const context = await browser.newContext({
    permissions: ['microphone'],
    bypassCSP: true,
    viewport: { width: 480, height: 900 },
  });
  await giveEars(context);
  await giveBench(context);
  const page = await context.newPage();
  await page.goto(url);
  const dashboard = new Dashboard(context, page);
  await dashboard.isReady();
  await page.evaluate(() => window.bench.prepare());
  return dashboard;
}

async function watchMicrophone({ page }: Dashboard): Promise<void> {
  await page.evaluate(() => {
    const { bench } = window;
    const toEpoch = (ms: number): number => performance.timeOrigin + ms;
    document.addEventListener(
      'pointerdown',
      (event) => {
        bench.lastPress = { pressedAtMs: toEpoch(event.timeStamp) };
      },
      { capture: true },
    );
    const { mediaDevices } = navigator;
    const open = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = async (constraints) => {
      const record = bench.lastPress;
      record.microphoneAskedAtMs = toEpoch(performance.now());
      const stream = await open(constraints);
      record.microphoneOpenAtMs = toEpoch(performance.now());
      bench.ears['microphone']?.close();
      bench.ears['microphone'] = bench.ear(stream.getAudioTracks()[0]!);
      return stream;
    };
  });
}

async function listenToCard({ page }: Dashboard): Promise<void> {
  const receiving = (): boolean =>
    window.testEar.connections.some((one) => one.getTransceivers().some(({ direction }) => direction === 'recvonly'));
  await page.waitForFunction(receiving);
  await page.evaluate(() => {
    const { bench, testEar } = window;
    const tracks = testEar.connections.flatMap((one) => one.getReceivers().map(({ track }) => track));
    tracks.forEach((track, i) => (bench.ears[`slot ${i}`] = bench.ear(track)));
  });
}

async function pressOnce(speaker: Dashboard, hearer: Dashboard): Promise<Press> {
  await forget(hearer);
  await speaker.press();
  const held = delay(HOLD_MS);
  const heard = (): number | undefined => Object.values(window.bench.ears).flatMap((ear) => ear.onsetsAtMs)[0];
  const handle = await hearer.page.waitForFunction(heard, undefined, { timeout: GIVE_UP_MS, polling: 20 });
  const heardAtMs = (await handle.jsonValue()) ?? Number.NaN;
  const record = await speaker.page.evaluate(() => {
    const { lastPress, ears } = window.bench;
    return { ...lastPress, spokenAtMs: ears['microphone']?.onsetsAtMs[0] };
  });
  await held;
  await speaker.release();
  await speaker.becomes('idle');
  await hearer.becomes('idle');
  const { pressedAtMs, microphoneAskedAtMs, microphoneOpenAtMs, spokenAtMs } = record as PressRecord;
  const totalMs = heardAtMs - pressedAtMs;
  const deviceMs = microphoneOpenAtMs - microphoneAskedAtMs;
  return { totalMs, deviceMs, withoutDeviceMs: totalMs - deviceMs, fromSpokenMs: heardAtMs - spokenAtMs };
}

async function forget({ page }: Dashboard): Promise<void> {
  await page.evaluate(() => {
    for (const ear of Object.values(window.bench.ears)) ear.onsetsAtMs.length = 0;
  });
}

/** Mean time that sound waited in the hearer's jitter buffer, over all talks. */
async function jitterBuffer({ page }: Dashboard): Promise<number> {
  return page.evaluate(async () => {
    let [delaySeconds, samples] = [0, 0];
    for (const connection of window.testEar.connections) {
      const report = (await connection.getStats()) as unknown as Map<string, Record<string, unknown>>;
      for (const entry of report.values()) {
        if (entry['type'] !== 'inbound-rtp') continue;
        delaySeconds += Number(entry['jitterBufferDelay'] ?? 0);
        samples += Number(entry['jitterBufferEmittedCount'] ?? 0);
      }
    }
    return (delaySeconds / samples) * 1000;
  });
}

function figuresOf(presses: Press[], jitterBufferMs: number): Figure[] {
  const of = (key: keyof Press): string =>
    pair(
      spread(
        // The first sample is missed where the page was busy just then; the other figures do not need it.
        presses.map((one) => one[key]).filter(Number.isFinite),
        key,
      ),
      'ms',
    );
  return [
    {
      what: `press to sound, cards, without opening the device (${presses.length} presses)`,
      ours: of('withoutDeviceMs'),
      goal: '<= mouth to ear + 50 ms',
      python: '1350 ms',
      control: `in all ${of('totalMs')}; getUserMedia ${of('deviceMs')}`,
      data: { presses },
    },
    {
      what: 'of it, from the first sample on the microphone track to sound',
      ours: of('fromSpokenMs'),
      goal: NONE,
      python: NONE,
      control: `of it in the hearer's jitter buffer: mean ${jitterBufferMs.toFixed(0)} ms`,
      data: { jitterBufferMs },
    },
  ];
}
