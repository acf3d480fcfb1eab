/** https with a certificate of its own: the page speaks, and a card of another origin hears it by its `url` and `token`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium } from '../support/browsers.ts';
import { configure } from '../support/card-session.ts';
import { CertificateFolder, makeCertificate } from '../support/certificate.ts';
import { Dashboard } from '../support/dashboard.ts';
import { giveEars, hear } from '../support/ear.ts';
import { compareSpeech, SAME_SPEECH } from '../support/judge.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { COUNTING, speak, type Speech } from '../support/speech.ts';

const HEARD_MS = 5000;

let folder: CertificateFolder;
let server: TestServer;
let browser: Browser;
let speech: Speech;

beforeAll(async () => {
  folder = await CertificateFolder.create();
  await folder.put(await makeCertificate());
  speech = await speak(COUNTING);
  [server, browser] = await Promise.all([
    startServer({ SSL: 'true', CERTFILE: folder.certFile, KEYFILE: folder.keyFile }),
    launchChromium({ microphone: speech.file }),
  ]);
});

afterAll(async () => {
  await browser.close();
  await server.stop();
  await folder.remove();
});

/** A device that has accepted the certificate. */
async function open(url: string): Promise<Dashboard> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, permissions: ['microphone'] });
  await giveEars(context);
  const page = await context.newPage();
  // A dashboard of somebody else, with our card on it.
  await page.route('https://dashboard.test/', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<!doctype html><script type="module" src="${server.page}voice-streaming-card.js"></script>
        <voice-streaming-card></voice-streaming-card>`,
    }),
  );
  await page.goto(url);
  return new Dashboard(context, page);
}

it('is spoken and heard through', async () => {
  expect(server.page).toMatch(/^https:\/\/localhost:\d+\/$/);
  expect(server.media).toMatch(/^http:/);
  const { accessToken } = JSON.parse(await readFile(join(server.dataDir, 'secrets.json'), 'utf8')) as {
    accessToken: string;
  };
  const talker = await open(server.page);
  await talker.isReady();
  const listener = await open('https://dashboard.test/');
  await configure(listener.page, { url: server.page, token: accessToken, name: 'Far' });
  await listener.isReady();
  await listener.startRecording();
  await talker.press();
  await talker.becomes('onAir');
  await listener.becomes('receiving');
  const verdict = compareSpeech(await hear(listener.page, HEARD_MS), speech.pcm);
  expect(verdict.score, JSON.stringify(verdict)).toBeGreaterThan(SAME_SPEECH);
  await talker.release();
  await Promise.all([talker.close(), listener.close()]);
});
