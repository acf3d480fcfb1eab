/** The page says clearly what is wrong, and what to do about it. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { launchChromium } from '../support/browsers.ts';
import { configure, type TestCard } from '../support/card-session.ts';
import { openDashboard, type Dashboard, type DashboardOptions } from '../support/dashboard.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { COUNTING, speak } from '../support/speech.ts';
import { UdpGate } from '../support/udp-gate.ts';

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

it('says of a page at http where to find it by https, as a link', async () => {
  const page = await dashboard(`http://${networkAddress()}:${server.port}/#token=${ACCESS_TOKEN}`);
  await page.isReady();
  await page.page.locator('[data-action="menu"]').click();
  const link = page.page.locator('dialog .trouble a');
  expect(await link.getAttribute('href')).toBe(`https://${networkAddress()}:${server.port}/`);
});

it('says that something between stops all sound, when signaling works and UDP does not', async () => {
  const card = await untouchedDashboard();
  const gate = await UdpGate.of(card);
  open.push(gate);
  gate.shut();
  await card.goto(server.page);
  const status = card.locator('voice-streaming-card[data-trouble="mediaBlocked"] [role="status"]');
  await status.waitFor({ timeout: 20_000 });
  expect(gate.opened).toBeGreaterThan(0);
  expect(await card.locator('voice-streaming-card').getAttribute('data-connection')).toBe('ready');
  expect(await status.innerText()).toMatch(/no sound gets through.*udp/is);
});

it.each(['intercom', 'sender', 'receiver'])('says in a browser without WebRTC that it has none: %s', async (mode) => {
  const card = await untouchedDashboard();
  await card.addInitScript(() => {
    Reflect.deleteProperty(globalThis, 'RTCPeerConnection');
  });
  await card.goto(server.page);
  await card.locator('voice-streaming-card[data-connection="ready"]').waitFor();
  await configure(card, { mode });
  const status = card.locator('voice-streaming-card[data-trouble="noWebRtc"] [role="status"]');
  await status.waitFor();
  expect(await status.innerText()).toMatch(/no webrtc.*kiosk/is);
});

it('has a button that reloads a page that is too old for its server', async () => {
  const card = await untouchedDashboard();
  await card.routeWebSocket(/\/ws$/, (socket) => {
    const limits = { maxMessageBytes: 65_536, maxMessagesPerSecond: 50, slots: 1, maxEchoMs: 10_000 };
    const versions = { protocolVersion: 99, minProtocolVersion: 99, serverVersion: '99.0.0' };
    socket.send(JSON.stringify({ type: 'hello', ...versions, auth: 'none', limits }));
  });
  await card.goto(server.page);
  await card.locator('voice-streaming-card[data-trouble="cardTooOld"]').waitFor();
  const fetched: string[] = [];
  card.on('request', (request) => fetched.push(request.url()));
  const reloaded = card.waitForEvent('load');
  await card.locator('[data-action="reload"]').click();
  await reloaded;
  // The script first: browsers keep it for long, and a mere reload would bring the old one again.
  expect(new URL(fetched[0] ?? '').pathname).toBe('/page.js');
});

it('says that something else answers at the url, and that a certificate may be in the way', async () => {
  const script = await readFile(new URL('../../../card/dist/voice-streaming-card.js', import.meta.url));
  // A dashboard of its own: our page may ask no other server.
  const other = createServer(({ url }, response) => {
    const isScript = url === '/card.js';
    response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : '<script type="module" src="card.js"></script><voice-streaming-card>');
  });
  const secure = createSecureServer(await selfSigned(), (_request, response) => response.end('hello'));
  const [otherUrl, secureUrl] = [
    `http://localhost:${await listen(other)}`,
    `https://localhost:${await listen(secure)}`,
  ];
  const page = await untouchedDashboard();
  await page.goto(otherUrl);
  const status = (code: string): Promise<string> =>
    page.locator(`voice-streaming-card[data-trouble="${code}"] [role="status"]`).innerText();
  await configure(page, { url: otherUrl.replace('localhost', '127.0.0.1') });
  expect(await status('notVoiceServer')).toContain('answers at http://127.0.0.1:');
  await configure(page, { url: secureUrl });
  expect(await status('certificate')).toMatch(/certificate/);
  await page.locator('[data-action="menu"]').click();
  expect(await page.locator('dialog .trouble a').getAttribute('href')).toBe(secureUrl);
});

it('says that the token in the card’s config is wrong', async () => {
  const card = await dashboard(`http://${networkAddress()}:${server.port}/#token=${ACCESS_TOKEN}`);
  await card.isReady();
  await card.page.evaluate((url) => {
    const element = document.createElement('voice-streaming-card') as TestCard;
    // Another address of the same server: a session of its own.
    element.setConfig({ type: 'custom:voice-streaming-card', url, token: 'not-the-token-of-the-tests' });
    element.id = 'second';
    document.body.append(element);
  }, `http://${networkAddress()}:${server.port}/?`);
  const second = card.page.locator('#second[data-trouble="tokenWrong"] [role="status"]');
  expect(await second.innerText()).toMatch(/wrong token.*secrets\.json/is);
});

/** A page that something is done to before it is opened. */
async function untouchedDashboard(): Promise<Page> {
  const context = await browser.newContext({ permissions: ['microphone'] });
  open.push(context);
  return context.newPage();
}

/** Its port; it is closed with the test. */
async function listen(other: Server): Promise<number> {
  await once(other.listen(0, 'localhost'), 'listening');
  open.push({ close: () => closed(other) });
  return (other.address() as AddressInfo).port;
}

function closed(other: Server): Promise<void> {
  return new Promise((resolve) => {
    other.close(() => resolve());
    other.closeAllConnections();
  });
}

/** Key and certificate of nobody that a browser knows. */
async function selfSigned(): Promise<{ key: Buffer; cert: Buffer }> {
  const folder = await mkdtemp(join(tmpdir(), 'voice-streaming-tls-'));
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
    await promisify(execFile)('openssl', [...args, '-subj', '/CN=localhost', '-keyout', key, '-out', cert]);
    return { key: await readFile(key), cert: await readFile(cert) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One that browsers do not take for this machine itself. */
function networkAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((infos) => infos ?? []);
  const found = addresses.find(({ internal, family }) => !internal && family === 'IPv4');
  if (!found) throw new Error('This machine has no network address, only loopback.');
  return found.address;
}
