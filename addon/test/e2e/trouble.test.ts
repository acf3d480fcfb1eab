/** The page says clearly what is wrong, and what to do about it. */
import { networkInterfaces } from 'node:os';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { launchChromium } from '../support/browsers.ts';
import { openDashboard, type Dashboard, type DashboardOptions } from '../support/dashboard.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { COUNTING, speak } from '../support/speech.ts';

const ACCESS_TOKEN = 'a-token-for-the-tests-only';

let server: TestServer;
let browser: Browser;
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  const speech = await speak(COUNTING);
  [server, browser] = await Promise.all([startServer({ ACCESS_TOKEN }), launchChromium({ microphone: speech.file })]);
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

async function dashboard(url: string, options: DashboardOptions = {}, by = browser): Promise<Dashboard> {
  const opened = await openDashboard(by, url, options);
  open.push(opened);
  return opened;
}

it('says that the server is away, and goes on by itself when it is back', async () => {
  const first = await startServer();
  const page = await dashboard(first.page);
  await page.isReady();
  await first.stop();
  await page.becomes('trouble');
  expect(await page.status()).toMatch(/server does not answer/i);

  const second = await startServer({ PORT: String(first.port) });
  try {
    await page.isReady();
    await page.becomes('idle');
  } finally {
    await second.stop();
  }
});

it('says that the microphone is not allowed, and how to allow it', async () => {
  const page = await dashboard(server.page, { permissions: [] });
  await page.isReady();
  await page.press();
  await page.becomes('trouble');
  expect(await page.status()).toMatch(/microphone.*(blocked|not allowed)/is);
  expect(await page.status()).toMatch(/allow/i);
});

it('says that there is no microphone', async () => {
  const withoutMicrophone = await launchChromium();
  try {
    const page = await dashboard(server.page, {}, withoutMicrophone);
    await page.isReady();
    await page.press();
    await page.becomes('trouble');
    expect(await page.status()).toMatch(/no microphone found/i);
  } finally {
    await withoutMicrophone.close();
  }
});

it('says at an http address of the network that talking needs https', async () => {
  const page = await dashboard(`http://${networkAddress()}:${server.port}/#token=${ACCESS_TOKEN}`);
  await page.isReady();
  await page.becomes('trouble');
  expect(await page.status()).toMatch(/https/);
});

it('asks for the token at an address of the network, and says so when it is wrong', async () => {
  const card = await dashboard(`http://${networkAddress()}:${server.port}/`);
  const form = card.page.locator('form.token');
  const field = card.page.locator('[data-field="token"]');
  await field.fill('not-the-token-of-the-tests');
  expect(await form.innerText()).toMatch(/token/i);
  await field.press('Enter');
  await form.getByText(/wrong/i).first().waitFor();
  await field.fill(ACCESS_TOKEN);
  await field.press('Enter');
  await card.isReady();
});

/** One that browsers do not take for this machine itself. */
function networkAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((infos) => infos ?? []);
  const found = addresses.find(({ internal, family }) => !internal && family === 'IPv4');
  if (!found) throw new Error('This machine has no network address, only loopback.');
  return found.address;
}
