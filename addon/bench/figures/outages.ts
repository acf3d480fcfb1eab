/**
 * One browser's network is gone, or its machine gets another address, while it talks or while it listens: what its
 * card says meanwhile, how long until its user is heard or hears again, and whether another listener notices. On two machines made of
 * network namespaces: Linux, root.
 */
import type { Browser, Page } from 'playwright-core';
import { findCommand, NEEDS } from '../../tools/prepare-machine.mjs';
import { launchChromium } from '../../test/support/browsers.ts';
import { configure } from '../../test/support/card-session.ts';
import { Dashboard } from '../../test/support/dashboard.ts';
import { giveEars, startRecording, stopRecording } from '../../test/support/ear.ts';
import { startServer, type TestServer } from '../../test/support/server.ts';
import { COUNTING, speak } from '../../test/support/speech.ts';
import { delay } from '../support/clock.ts';
import { NONE, type Figure } from '../support/figure.ts';
import { inboundSound } from '../support/inbound-sound.ts';
import { HOUSE, TwoHosts } from '../support/two-hosts.ts';

interface Scenario {
  what: string;
  /** Of the far browser. */
  does: 'talks' | 'listens';
  /** Undefined: it gets another address. */
  outageMs?: number;
}

const SCENARIOS: Scenario[] = (['listens', 'talks'] as const).flatMap((does) => [
  { what: `4 s without a network, it ${does}`, does, outageMs: 4_000 },
  { what: `30 s without a network, it ${does}`, does, outageMs: 30_000 },
  { what: `another address, it ${does}`, does },
]);
const TOKEN = 'bench-token-of-sixteen-characters';
const BEFORE_MS = 3_000;
const PATIENCE_MS = 40_000;
const AFTER_MS = 3_000;

export async function outages(): Promise<Figure[]> {
  const speech = await speak(COUNTING);
  const hosts = await TwoHosts.open();
  let server: TestServer | undefined;
  const browsers: Browser[] = [];
  try {
    server = await startServer({ ACCESS_TOKEN: TOKEN, HOST: '0.0.0.0' }, hosts.entry('house'));
    const page = `http://${HOUSE}:${server.port}/#token=${TOKEN}`;
    const chromium = findCommand(NEEDS.find((need) => need.playwright === 'chromium')?.commands ?? []) ?? '';
    for (const host of ['house', 'far'] as const) {
      browsers.push(
        await launchChromium({
          microphone: speech.file,
          repeats: true,
          executablePath: await hosts.executable(host, chromium),
          // Else only https pages get the microphone.
          flags: [`--unsafely-treat-insecure-origin-as-secure=${new URL(page).origin}`],
        }),
      );
    }
    const figures: Figure[] = [];
    for (const scenario of SCENARIOS) {
      figures.push(await run(hosts, page, browsers as [Browser, Browser], scenario));
      process.stderr.write(`${figures.at(-1)!.what}: ${figures.at(-1)!.ours}; ${figures.at(-1)!.control}\n`);
    }
    return figures;
  } finally {
    await Promise.all(browsers.map((browser) => browser.close()));
    await server?.stop();
    await hosts.close();
  }
}

async function open(browser: Browser, url: string, mode: string): Promise<Dashboard> {
  const context = await browser.newContext({ permissions: ['microphone'], viewport: { width: 480, height: 900 } });
  await giveEars(context);
  const page = await context.newPage();
  await page.goto(url);
  await configure(page, { mode, talk: 'hold' });
  const dashboard = new Dashboard(context, page);
  await dashboard.isReady();
  return dashboard;
}

async function run(
  hosts: TwoHosts,
  url: string,
  [house, away]: [Browser, Browser],
  scenario: Scenario,
): Promise<Figure> {
  const far = await open(away, url, scenario.does === 'talks' ? 'intercom' : 'receiver');
  const near = await open(house, url, scenario.does === 'talks' ? 'receiver' : 'intercom');
  const witness = await open(house, url, 'receiver');
  const [talker, hearer] = scenario.does === 'talks' ? [far, near] : [near, far];
  try {
    await talker.press();
    await hearer.becomes('receiving');
    await startRecording(hearer.page);
    await delay(BEFORE_MS);
    const before = await inboundSound(witness.page);
    const words = watchWords(far);
    await watchPackets(hearer.page);
    const changedAtMs = Date.now();
    if (scenario.outageMs === undefined) await hosts.move();
    else {
      await hosts.cut();
      await delay(scenario.outageMs);
      await hosts.mend();
    }
    const backAtMs = Date.now();
    await hearer.page.evaluate(() => (window.testEar.soundMs = 0));
    if (scenario.outageMs === undefined) await delay(500);
    let pressedAgain = false;
    // A talk that was lost is not resumed behind its talker's back: the card asks for a press, and gets it.
    if (scenario.does === 'talks') {
      const settled = await Promise.race([
        heardAgain(hearer.page).then(() => 'heard'),
        far.becomes('trouble', PATIENCE_MS).then(
          () => 'trouble',
          () => 'neither',
        ),
      ]);
      if (settled === 'trouble' && !(await isConnected(far.page))) await far.isReady();
      if (settled === 'trouble') {
        await far.release();
        await far.isReady();
        await far.press();
        pressedAgain = true;
      }
    }
    await heardAgain(hearer.page);
    const heardAfterMs = Date.now() - backAtMs;
    await delay(AFTER_MS);
    const packetGapMs = await longestPause(hearer.page, changedAtMs);
    const said = await words.end();
    await stopRecording(hearer.page);
    const after = (await inboundSound(witness.page)).since(before);
    await talker.release();
    const others = scenario.does === 'listens' ? `another hearer: made up ${percent(after.concealedShare)}` : NONE;
    const again = pressedAgain ? ', after another press' : '';
    return {
      what: scenario.what,
      ours: `sound ${(heardAfterMs / 1000).toFixed(1)} s after the network${again}; without packets ${(packetGapMs / 1000).toFixed(1)} s; it said: ${said.join(' > ') || 'nothing'}`,
      goal: 'sound within 3 s',
      python: NONE,
      control: others,
      data: { scenario, heardAfterMs, packetGapMs, pressedAgain, said, others: after.counts },
    };
  } finally {
    for (const each of [far, near, witness]) await each.close();
  }
}

function heardAgain(page: Page): Promise<unknown> {
  return page.waitForFunction(() => window.testEar.soundMs > 0, undefined, { timeout: PATIENCE_MS, polling: 20 });
}

async function isConnected(page: Page): Promise<boolean> {
  return (await page.locator('voice-streaming-card').getAttribute('data-connection')) === 'ready';
}

/** Each thing that the card says, and when. */
function watchWords(dashboard: Dashboard): { end: () => Promise<string[]> } {
  const fromMs = Date.now();
  const said: string[] = [];
  let last = '';
  let watching = true;
  const watch = async (): Promise<void> => {
    while (watching) {
      const now = (await dashboard.status()).replaceAll(/\s+/g, ' ').trim();
      const plain = now.replaceAll(/\d+/g, '#');
      if (plain !== last && last !== '') said.push(`${((Date.now() - fromMs) / 1000).toFixed(1)} s "${now}"`);
      last = plain;
      await delay(50);
    }
  };
  const done = watch().catch(() => undefined);
  return {
    end: async () => {
      watching = false;
      await done;
      return said;
    },
  };
}

/** Notes when packets came, on whatever connection. */
async function watchPackets(page: Page): Promise<void> {
  await page.evaluate(() => {
    const cameAtMs: number[] = [];
    Object.assign(window, { cameAtMs });
    const counts = new Map<RTCPeerConnection, number>();
    setInterval(() => {
      for (const connection of window.testEar.connections) {
        if (connection.connectionState === 'closed') continue;
        void connection.getStats().then((report) => {
          let packets = 0;
          for (const entry of (report as unknown as Map<string, { type: string; packetsReceived?: number }>).values())
            if (entry.type === 'inbound-rtp') packets += entry.packetsReceived ?? 0;
          if (packets !== (counts.get(connection) ?? 0)) cameAtMs.push(Date.now());
          counts.set(connection, packets);
        });
      }
    }, 20);
  });
}

async function longestPause(page: Page, fromMs: number): Promise<number> {
  const cameAtMs = await page.evaluate(() => (window as unknown as { cameAtMs: number[] }).cameAtMs);
  const times = [fromMs, ...cameAtMs.filter((atMs) => atMs > fromMs)];
  return Math.max(...times.slice(1).map((atMs, i) => atMs - times[i]!));
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
