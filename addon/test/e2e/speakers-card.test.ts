/** One tap in the card sends the voice to speakers: real browser, real add-on, speakers that really fetch. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { launchChromium } from '../support/browsers.ts';
import { Dashboard } from '../support/dashboard.ts';
import { decodeAudio } from '../support/pcm.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { speak } from '../support/speech.ts';
import { StubHomeAssistant } from '../support/stub-home-assistant.ts';
import { StubSpeaker, type SpeakerHabits } from '../support/stub-speaker.ts';

const PATIENCE_MS = 15_000;

let browser: Browser;
let folder: string;
/** What the microphone hears once, some time after it is opened. */
let word: Float32Array;
let house: StubHomeAssistant;
let server: TestServer | undefined;
const speakers: StubSpeaker[] = [];
let context: BrowserContext | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voice-streaming-dinner-'));
  const { pcm } = await speak('Dinner!');
  word = pcm.slice(
    0,
    pcm.findLastIndex((sample) => Math.abs(sample) > 0.003),
  );
  const microphone = join(folder, 'dinner.wav');
  await writeFile(microphone, wavOf(word));
  browser = await launchChromium({ microphone });
});

beforeEach(async () => {
  const network = { '8081/tcp': await freePort(), '8080/tcp': null };
  house = await StubHomeAssistant.start({ app: { ingressPort: await freePort(), network } });
  house.core.home.serve = async (call) => {
    for (const id of [call.data['entity_id']].flat())
      await speakers.find(({ entityId }) => entityId === id)?.obey(call);
  };
});

afterEach(async () => {
  await context?.close();
  for (const speaker of speakers.splice(0)) speaker.close();
  await server?.kill();
  server = undefined;
  await house.close();
});

afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

const eventually = <T>(check: () => T): Promise<T> => vi.waitFor(check, { timeout: PATIENCE_MS, interval: 20 });

function speaker(name: string, habits?: SpeakerHabits): StubSpeaker {
  const one = new StubSpeaker(house.core, name, habits);
  speakers.push(one);
  return one;
}

/** A dashboard of somebody who is no administrator. */
async function open(config: Record<string, unknown>): Promise<Dashboard> {
  server = await startServer({ ...house.env, ANNOUNCED_ADDRESS: '127.0.0.1' });
  await eventually(() => expect(house.core.home.resources).toHaveLength(1));
  context = await browser.newContext({ permissions: ['microphone'], viewport: { width: 480, height: 900 } });
  // As it was spoken.
  await context.addInitScript(() => {
    const processing = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    localStorage.setItem('voice-streaming.microphone', JSON.stringify(processing));
  });
  const page = await context.newPage();
  await page.goto(house.core.dashboardUrl(house.core.home.plainUser, { talk: 'hold', ...config }));
  const dashboard = new Dashboard(context, page);
  await dashboard.isReady();
  return dashboard;
}

const says = ({ page }: Dashboard, words: RegExp): Promise<void> =>
  page
    .locator('voice-streaming-card [role="status"]')
    .filter({ hasText: words })
    .first()
    .waitFor({ timeout: PATIENCE_MS });
/** The word was said, and it is quiet again: as the ring shows it. */
const hasSpoken = ({ page }: Dashboard): Promise<void> =>
  page.locator('voice-streaming-card .ring').evaluate(
    (ring: HTMLElement) =>
      new Promise<void>((resolve) => {
        let wasLoud = false;
        const look = (): void => {
          const level = Number(ring.style.getPropertyValue('--level'));
          wasLoud ||= level > 0.2;
          if (wasLoud && level < 0.05) resolve();
          else requestAnimationFrame(look);
        };
        look();
      }),
  );
const sign = ({ page }: Dashboard): Locator => page.locator('[data-action="speakers"]');

it('a speaker is chosen and tested on the card, and hears the first word though it needs its time', async () => {
  const kitchen = speaker('kitchen', { connectMs: 1_500 });
  speaker('hall');
  const card = await open({ announce_chime: 'none' });
  const { page } = card;
  expect(await sign(card).count()).toBe(0);
  await page.locator('[data-action="menu"]').click();
  await page.locator('[data-page="speakers"]').click();
  const row = page.locator('[data-speaker="media_player.kitchen"]');
  await row.locator('button.row').click({ timeout: PATIENCE_MS });
  await row.locator('[data-test-speaker]').click();
  await row.filter({ hasText: /about .* behind/ }).waitFor({ timeout: PATIENCE_MS });
  await eventually(() => expect(kitchen.heard).toHaveLength(1));
  // The test is over, and the speaker is as it was.
  await row.locator('[data-test-speaker]:not([disabled])').waitFor({ timeout: PATIENCE_MS });
  await page.keyboard.press('Escape');
  expect(await sign(card).innerText()).toMatch(/\+ 1 speaker/);

  const spoken = hasSpoken(card);
  await card.press();
  await card.becomes('onAir');
  await page.locator('voice-streaming-card[data-speakers="playing"]').waitFor({ timeout: PATIENCE_MS });
  expect(await sign(card).innerText()).toMatch(/Playing on kitchen/);
  await spoken;
  await card.release();
  await page.locator('voice-streaming-card[data-speakers="chosen"]').waitFor({ timeout: PATIENCE_MS });
  expect(kitchen.heard).toHaveLength(2);
  const file = join(folder, 'heard');
  await writeFile(file, kitchen.heard[1]?.bytes ?? '');
  // The first word and nothing else; a frame that a busy machine's microphone loses is no matter here.
  const heardMs = loudMs(await decodeAudio(file));
  expect(heardMs).toBeGreaterThan(0.7 * loudMs(word));
  expect(heardMs).toBeLessThan(1.5 * loudMs(word));
  expect(kitchen.state).toMatchObject({ state: 'idle', volume: 0.3 });

  // Kept in this browser.
  await page.reload();
  await card.isReady();
  expect(await sign(card).innerText()).toMatch(/\+ 1 speaker/);
});

it('a speaker that fails is named with its reason while the other goes on, and one tap stops all', async () => {
  const kitchen = speaker('kitchen', { connectMs: 60_000 });
  const bath = speaker('bath');
  house.core.home.players.set(bath.entityId, 'unavailable', { friendly_name: 'bath' });
  const card = await open({ mode: 'sender', speakers: [kitchen.entityId, bath.entityId] });
  const { page } = card;
  await sign(card).filter({ hasText: '+ 2 speakers' }).waitFor({ timeout: PATIENCE_MS });
  await card.press();
  await card.becomes('onAir');
  await says(card, /Not played on bath.*Switch it on/);
  expect(await sign(card).innerText()).toMatch(/Starting on kitchen/);
  await card.release();
  await page.locator('[data-action="stopSpeakers"]').waitFor({ timeout: PATIENCE_MS });
  // Loaded anew while it plays: the card finds it again.
  await page.reload();
  await card.isReady();
  await page.locator('[data-action="stopSpeakers"]').click({ timeout: PATIENCE_MS });
  await card.becomes('trouble');
  await says(card, /Not played on bath/);
  expect(await page.locator('[data-action="stopSpeakers"]').count()).toBe(0);
  expect(kitchen.heard).toEqual([]);
  await eventually(() => expect(kitchen.state.state).toBe('idle'));
});

/** How much of it can be heard, in frames of 20 ms. */
function loudMs(pcm: Float32Array): number {
  const frames = Array.from({ length: Math.floor(pcm.length / 960) }, (_, at) => pcm.slice(at * 960, at * 960 + 960));
  return frames.filter((frame) => frame.some((sample) => Math.abs(sample) > 0.04)).length * 20;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

/** With silence around it: what is said before ON AIR is lost to everybody. */
function wavOf(pcm: Float32Array): Buffer {
  const around = 48_000 * 2;
  const samples = Int16Array.from({ length: pcm.length + 2 * around }, (_, at) => 32_767 * (pcm[at - around] ?? 0));
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.byteLength, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(48_000, 24);
  header.writeUInt32LE(96_000, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([header, Buffer.from(samples.buffer)]);
}
