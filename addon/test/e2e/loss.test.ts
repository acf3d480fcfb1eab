/** A network that loses every twentieth packet of voice, up and down: what is lost is asked for again and comes. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium, launchFirefox } from '../support/browsers.ts';
import { configure } from '../support/card-session.ts';
import { Dashboard } from '../support/dashboard.ts';
import { giveEars, hear, inboundAudio, startRecording } from '../support/ear.ts';
import { compareSpeech, SAME_SPEECH } from '../support/judge.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { COUNTING, speak, type Speech } from '../support/speech.ts';
import { UdpGate } from '../support/udp-gate.ts';

const LOST_ONE_OF = 20;
/** Of all packets, what may be missing in the end. */
const MAX_MISSING = 0.01;
const HEARD_MS = 5_000;

let server: TestServer;
let browser: Browser;
let speech: Speech;

beforeAll(async () => {
  speech = await speak(COUNTING);
  [server, browser] = await Promise.all([startServer(), launchChromium({ microphone: speech.file })]);
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

async function device(mode: string, by = browser): Promise<{ dashboard: Dashboard; gate: UdpGate }> {
  const context = await by.newContext(
    by === browser ? { permissions: ['microphone'], viewport: { width: 480, height: 900 } } : {},
  );
  await giveEars(context);
  const page = await context.newPage();
  const gate = await UdpGate.of(page);
  await page.goto(server.page);
  await configure(page, { mode, talk: 'hold' });
  const dashboard = new Dashboard(context, page);
  await dashboard.isReady();
  return { dashboard, gate };
}

interface Report {
  type: string;
  packetsLost: number;
  packetsReceived: number;
  packetsSent: number;
  nackCount: number;
  nominated: boolean;
  currentRoundTripTime: number;
}

async function reports(dashboard: Dashboard): Promise<Report[]> {
  return dashboard.page.evaluate(async () => {
    const stats = await Promise.all(window.testEar.connections.map((connection) => connection.getStats()));
    return stats.flatMap((report) => [...(report as unknown as Map<string, Report>).values()]);
  });
}

async function metric(name: string): Promise<number> {
  const text = await (await fetch(new URL('metrics', server.page))).text();
  return Number(new RegExp(`^${name}\\{.*\\} (\\d+)$`, 'm').exec(text)?.[1]);
}

it('repairs what is lost on the way to the server and from it, and the statistics of the browser agree', async () => {
  const [talker, listener] = [await device('intercom'), await device('receiver')];
  talker.gate.lose(LOST_ONE_OF);
  listener.gate.lose(LOST_ONE_OF);
  await startRecording(listener.dashboard.page);
  await talker.dashboard.press();
  const recorded = await hear(listener.dashboard.page, HEARD_MS);
  const [received, lost] = [
    await metric('voice_streaming_stream_packets_in_total'),
    await metric('voice_streaming_stream_packets_lost_total'),
  ];
  const found = await reports(listener.dashboard);
  await talker.dashboard.release();

  const verdict = compareSpeech(recorded, speech.pcm);
  expect(verdict.score, JSON.stringify(verdict)).toBeGreaterThan(SAME_SPEECH);
  expect(talker.gate.lost).toBeGreaterThan(5);
  expect(listener.gate.lost).toBeGreaterThan(5);
  expect(lost / received).toBeLessThanOrEqual(MAX_MISSING);

  const inbound = found.find(({ type }) => type === 'inbound-rtp')!;
  expect(inbound.nackCount).toBeGreaterThan(0);
  expect(inbound.packetsLost / inbound.packetsReceived).toBeLessThanOrEqual(MAX_MISSING);
  const sent = found.find(({ type }) => type === 'remote-outbound-rtp')!;
  expect(sent.packetsSent).toBeGreaterThan(0);
  expect(sent.packetsSent).toBeLessThanOrEqual(inbound.packetsReceived + inbound.packetsLost);
  const pair = found.find(({ type, nominated }) => type === 'candidate-pair' && nominated)!;
  expect(pair.currentRoundTripTime).toBeGreaterThan(0);
});

it('repeats every packet to a browser that loses some and never asks for them', async () => {
  const firefox = await launchFirefox();
  try {
    const [talker, listener] = [await device('intercom'), await device('receiver', firefox)];
    listener.gate.lose(LOST_ONE_OF);
    await talker.dashboard.press();
    await listener.dashboard.becomes('receiving');
    const { page } = listener.dashboard;
    // Until the server has been told, and has begun: nothing more is missing, packet by packet.
    let before = await inboundAudio(page);
    await expect
      .poll(
        async () => {
          const now = await inboundAudio(page);
          if (now.packetsLost !== before.packetsLost) before = now;
          return now.packetsReceived - before.packetsReceived;
        },
        { timeout: 30_000, interval: 100 },
      )
      .toBeGreaterThan(LOST_ONE_OF * 10);
    await talker.dashboard.release();
  } finally {
    await firefox.close();
  }
});
