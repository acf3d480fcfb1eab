/** From the add-on's start to a voice in another room, in Home Assistant's own frontend, through Core's own ingress. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { User } from '@voice-streaming/shared/protocol';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium } from '../support/browsers.ts';
import { hear, startRecording } from '../support/ear.ts';
import { compareSpeech, SAME_SPEECH } from '../support/judge.ts';
import { COUNTING, speak, type Speech } from '../support/speech.ts';
import { openFrontend } from './frontend.ts';
import { DASHBOARD, RealHouse } from './real-house.ts';

const HEARD_MS = 4_000;
const CARD = 'voice-streaming-card';
const PATIENCE_MS = 20_000;

let house: RealHouse;
let speech: Speech;
/** Without a microphone, and with one that speaks. */
let quiet: Browser;
let speaking: Browser;

beforeAll(async () => {
  speech = await speak(COUNTING);
  [house, quiet, speaking] = await Promise.all([
    RealHouse.build(),
    launchChromium(),
    launchChromium({ microphone: speech.file }),
  ]);
  await house.startAddon();
});

afterAll(async () => {
  await Promise.all([quiet.close(), speaking.close()]);
  await house.close();
});

/** For a person to look at: only when VOICE_STREAMING_SCREENSHOTS names a folder. */
async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env['VOICE_STREAMING_SCREENSHOTS'];
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

/** Core stops only when its browsers have left, and starts slowly on a busy machine. */
const RESTART_LIMIT_MS = 150_000;

/** Whom the server took this page for, at each of its connections. */
function greetedUsers(page: Page): (User | undefined)[] {
  const users: (User | undefined)[] = [];
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => {
      const text = payload.toString();
      if (text.includes('"type":"hello"')) users.push((JSON.parse(text) as { user?: User }).user);
    });
  });
  return users;
}

const becomes = (page: Page, state: string): Promise<void> =>
  page.locator(`${CARD}[data-state="${state}"]`).waitFor({ timeout: PATIENCE_MS });

it('the add-on registers its card, once, and plain users can load it', async () => {
  const card = await house.cardInstalled();
  expect(card).toMatchObject({ type: 'module' });
  expect(card.url).toMatch(
    /^\/local\/voice-streaming\/voice-streaming-card\.js\?v=[\d.]+&app=0123abcd_voice_streaming$/,
  );
  const file = await fetch(house.core.url + card.url);
  expect([file.status, file.headers.get('content-type')]).toEqual([200, 'text/javascript']);
  expect(await house.resources()).toHaveLength(1);
});

it('is found in the card picker, and added with its editor', async () => {
  await house.show([]);
  const { page, context, errors } = await openFrontend(quiet, house.core, house.ada, `/${DASHBOARD}/0?edit=1`);
  await page.locator('hui-grid-section .add').first().click({ timeout: PATIENCE_MS });
  await page.getByText('By card', { exact: true }).click();
  const search = page.locator('hui-card-picker input').first();
  await search.fill('voice');
  const choice = page.locator('hui-card-picker').getByText('Voice Streaming', { exact: true });
  await choice.waitFor();
  await screenshot(page, 'picker');
  await choice.click({ force: true });
  const editor = page.locator('hui-dialog-edit-card');
  await editor.locator(CARD).waitFor({ timeout: PATIENCE_MS });
  // The form, whose fields Home Assistant loads one after the other.
  await editor.locator('ha-form ha-selector').first().waitFor({ timeout: PATIENCE_MS });
  await screenshot(page, 'editor');
  await editor.getByText('Save', { exact: true }).click();
  await expect.poll(() => house.cards(), { timeout: PATIENCE_MS }).toMatchObject([{ type: `custom:${CARD}` }]);
  expect(errors).toEqual([]);
  await context.close();
});

it('a plain user speaks on one dashboard, an administrator hears it on another', async () => {
  await house.show([{ type: `custom:${CARD}` }, { type: 'markdown', content: 'Shopping list' }]);
  const ada = await openFrontend(quiet, house.core, house.ada, `/${DASHBOARD}/0`);
  const björn = await openFrontend(speaking, house.core, house.björn, `/${DASHBOARD}/0`, { dark: true });
  for (const { page } of [ada, björn]) {
    await page.locator(`${CARD}[data-connection="ready"]`).waitFor({ timeout: PATIENCE_MS });
  }
  await screenshot(ada.page, 'idle-light');
  await startRecording(ada.page);
  await björn.page.locator('[data-action="talk"]').hover();
  await björn.page.mouse.down();
  await becomes(björn.page, 'onAir');
  await becomes(ada.page, 'receiving');
  await screenshot(björn.page, 'on-air-dark');
  const heard = await hear(ada.page, HEARD_MS);
  await screenshot(ada.page, 'receiving-light');
  await björn.page.mouse.up();
  await becomes(björn.page, 'idle');
  const verdict = compareSpeech(heard, speech.pcm);
  expect(verdict.score, JSON.stringify(verdict)).toBeGreaterThan(SAME_SPEECH);
  expect([...ada.errors, ...björn.errors]).toEqual([]);
  await Promise.all([ada.context.close(), björn.context.close()]);
});

it(
  'lives through a restart of Core: heard again, and an administrator is still one',
  async () => {
    const ada = await openFrontend(quiet, house.core, house.ada, `/${DASHBOARD}/0`);
    const björn = await openFrontend(speaking, house.core, house.björn, `/${DASHBOARD}/0`);
    const users = [ada, björn].map(({ page }) => greetedUsers(page));
    await Promise.all([ada, björn].map(({ page }) => page.reload()));
    const ready = async (isReady: boolean): Promise<void> => {
      const state = `${CARD}${isReady ? '' : ':not('}[data-connection="ready"]${isReady ? '' : ')'}`;
      for (const { page } of [ada, björn]) await page.locator(state).waitFor({ timeout: RESTART_LIMIT_MS / 2 });
    };
    await ready(true);
    for (const known of users) known.length = 0;
    const restarted = house.core.restart();
    await ready(false);
    // And the sessions are gone: the next ones may be made while the Supervisor cannot ask who that is.
    house.core.supervisor.ingress.expireSessions();
    await restarted;
    await ready(true);
    const last = users.map((known) => known.at(-1));
    expect(last, JSON.stringify(users)).toEqual([
      { name: 'Ada', isAdmin: true },
      { name: 'Björn', isAdmin: false },
    ]);
    await startRecording(ada.page);
    await björn.page.locator('[data-action="talk"]').hover();
    await björn.page.mouse.down();
    await becomes(ada.page, 'receiving');
    const verdict = compareSpeech(await hear(ada.page, HEARD_MS), speech.pcm);
    await björn.page.mouse.up();
    expect(verdict.score, JSON.stringify(verdict)).toBeGreaterThan(SAME_SPEECH);
    await Promise.all([ada.context.close(), björn.context.close()]);
  },
  RESTART_LIMIT_MS,
);

it('shows its page as the panel of the app, to a plain user too', async () => {
  const { slug } = house.core.supervisor.app;
  const { page, context, errors } = await openFrontend(quiet, house.core, house.björn, `/app/${slug}`);
  await page.frameLocator('iframe').locator(`${CARD}[data-connection="ready"]`).waitFor({ timeout: PATIENCE_MS });
  await screenshot(page, 'panel');
  expect(errors).toEqual([]);
  await context.close();
});
