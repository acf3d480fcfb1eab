/** Everybody hears everybody: several talk at once, and whoever listens to `all` hears each of them, never himself. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium, launchFirefox } from '../support/browsers.ts';
import { cardOf, configure, heardBy, streamIdOf, type TestCard } from '../support/card-session.ts';
import { openDashboard, type Dashboard } from '../support/dashboard.ts';
import { hearEach } from '../support/ears.ts';
import { compareSpeech, OTHER_SPEECH, SAME_SPEECH } from '../support/judge.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { COUNTING, RIDDLE, speak, STORY, type Speech } from '../support/speech.ts';

/** Enough words to know a speech by. */
const HEARD_MS = 5_000;

interface Device {
  dashboard: Dashboard;
  speech: Speech;
  id: string;
}

let server: TestServer;
let firefox: Dashboard;
const browsers: Browser[] = [];
const devices: Device[] = [];

/** A device of its own: its own browser, as a browser has one microphone, with its own words. */
async function device(text: string): Promise<Device> {
  const speech = await speak(text);
  const browser = await launchChromium({ microphone: speech.file });
  browsers.push(browser);
  const dashboard = await openDashboard(browser, server.page);
  await configure(dashboard.page, { mode: 'intercom', listen: 'all', talk: 'hold' });
  await dashboard.isReady();
  return { dashboard, speech, id: await streamIdOf(dashboard.page) };
}

beforeAll(async () => {
  server = await startServer();
  devices.push(...(await Promise.all([COUNTING, STORY, RIDDLE].map(device))));
  const browser = await launchFirefox();
  browsers.push(browser);
  firefox = await openDashboard(browser, server.page);
  await configure(firefox.page, { mode: 'receiver', listen: 'all' });
  await firefox.isReady();
});

afterEach(async () => {
  for (const { dashboard } of devices) await dashboard.release();
});

afterAll(async () => {
  await Promise.all(browsers.map((browser) => browser.close()));
  await server.stop();
});

async function hears(page: Page, ids: readonly string[]): Promise<void> {
  await expect.poll(async () => [...(await heardBy(page))].sort(), { timeout: 10_000 }).toEqual([...ids].sort());
}

describe('three dashboards in an intercom', () => {
  it.each([0, 1, 2])('number %i hears the other two, each well, and not itself', async (index) => {
    const listener = devices[index]!;
    const talkers = devices.filter((one) => one !== listener);
    for (const { dashboard } of talkers) await dashboard.press();
    await Promise.all(talkers.map(({ dashboard }) => dashboard.becomes('onAir')));
    await hears(
      listener.dashboard.page,
      talkers.map(({ id }) => id),
    );

    const voices = await hearEach(listener.dashboard.page, HEARD_MS);
    expect([...voices.keys()].sort()).toEqual(talkers.map(({ id }) => id).sort());
    for (const { id, speech } of talkers) {
      for (const other of talkers) {
        const verdict = compareSpeech(voices.get(id)!, other.speech.pcm);
        const said = JSON.stringify({ of: id, against: other.id, ...verdict });
        if (other.speech === speech) expect(verdict.score, said).toBeGreaterThan(SAME_SPEECH);
        else expect(verdict.score, said).toBeLessThan(OTHER_SPEECH);
      }
    }
    // A talker hears the other one, never itself.
    for (const { id, dashboard } of talkers) {
      expect(await heardBy(dashboard.page)).toEqual(talkers.filter((one) => one.id !== id).map((one) => one.id));
    }
    await Promise.all(talkers.map(({ dashboard }) => dashboard.release()));
    await Promise.all(devices.map(({ dashboard }) => dashboard.becomes('idle')));
  });

  it('plays each voice as loud as a person set it on this device', async () => {
    const [listener, quiet, loud] = devices as [Device, Device, Device];
    const { page } = listener.dashboard;
    await cardOf(page).evaluate((card: TestCard, id) => card.session!.receiver.setVolume(id, 0), quiet.id);
    for (const { dashboard } of [quiet, loud]) await dashboard.press();
    await hears(page, [quiet.id, loud.id]);
    expect([...(await hearEach(page, 100)).keys()]).toEqual([loud.id]);
    await Promise.all([quiet, loud].map(({ dashboard }) => dashboard.release()));
    await listener.dashboard.becomes('idle');

    await page.reload();
    await listener.dashboard.isReady();
    const kept = await page.evaluate(() => localStorage.getItem('voice-streaming.volumes'));
    expect(JSON.parse(kept!)).toEqual([[quiet.id, 0]]);
  });
});

describe('Firefox', () => {
  it('hears two at once over one connection, whose further sections it marks bundle-only', async () => {
    const talkers = devices.slice(1);
    const before = await energies(firefox.page);
    for (const { dashboard } of talkers) await dashboard.press();
    await hears(
      firefox.page,
      talkers.map(({ id }) => id),
    );
    // Above -40 dBFS for a second, on two sections of the same connection.
    await expect
      .poll(async () => (await energies(firefox.page)).filter((energy, section) => energy > before[section]! + 1e-3), {
        timeout: 15_000,
      })
      .toHaveLength(2);
    await Promise.all(talkers.map(({ dashboard }) => dashboard.release()));
    await firefox.becomes('idle');
  });
});

/** What each audio section of the one open receiver has received so far, as energy. */
async function energies(page: Page): Promise<number[]> {
  return page.evaluate(async () => {
    const open = window.testEar.connections.filter(({ connectionState }) => connectionState === 'connected');
    if (open.length !== 1) return [];
    const report = (await open[0]!.getStats()) as unknown as Map<string, { type: string; totalAudioEnergy?: number }>;
    return [...report.values()]
      .filter(({ type }) => type === 'inbound-rtp')
      .map(({ totalAudioEnergy }) => totalAudioEnergy ?? 0);
  });
}
