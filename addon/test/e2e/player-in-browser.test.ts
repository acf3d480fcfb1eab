/**
 * A browser as a player of the media server: `<audio>` takes both formats, and the waiting page plays by itself. Muted,
 * as Firefox gives up on a machine without loudspeakers; it decodes all the same.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createStreamRoutes } from '../../src/http/stream-routes.ts';
import { Relay } from '../../src/media/relay.ts';
import { Transcoder } from '../../src/media/transcoder/transcoder.ts';
import { launchChromium, launchFirefox } from '../support/browsers.ts';
import { encodeOpus, OpusVoice, tone } from '../support/opus-voice.ts';
import { quietLog } from '../support/quiet-log.ts';

const workerUrl = new URL('../../dist/transcoder-worker.js', import.meta.url);

describe.each([
  ['Chromium', () => launchChromium()],
  ['Firefox', () => launchFirefox()],
])('%s', (_name, launch) => {
  const log = quietLog();
  const relay = new Relay({ log });
  const transcoder = new Transcoder({ log, relay, workerUrl });
  let server: Server;
  let base: string;
  let browser: Browser;
  let page: Page;
  let packets: Buffer[];

  beforeAll(async () => {
    server = createServer(express().use(createStreamRoutes({ transcoder, relay, log })));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/stream`;
    packets = await encodeOpus(tone(440, 2000));
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
    await relay.close();
    await transcoder.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  beforeEach(async () => {
    page = await browser.newPage();
  });
  afterEach(() => page.close());

  /** Seconds that the page's audio element has played. */
  const played = (): Promise<number> => page.evaluate(() => document.querySelector('audio')?.currentTime ?? -1);

  it.each(['mp3', 'wav'])('plays latest.%s in an audio element, silence and speech', async (format) => {
    await page.route('**/blank', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<audio autoplay muted></audio>' }),
    );
    await page.goto(`${base}/blank`);
    await page.evaluate((url) => {
      document.querySelector('audio')!.src = url;
    }, `${base}/latest.${format}`);
    await expect.poll(played, { timeout: 20_000 }).toBeGreaterThan(0.5);
    const stream = relay.start({ id: 'hall', name: 'Hall' });
    await new OpusVoice({ stream, packets }).speak(50);
    relay.end(stream, 'stopped');
    const before = await played();
    await expect.poll(played, { timeout: 20_000 }).toBeGreaterThan(before + 0.5);
    expect(await page.evaluate(() => document.querySelector('audio')!.error?.message ?? '')).toBe('');
  });

  it('waits on an idle stream and plays as soon as somebody speaks, again and again', async () => {
    const response = await page.goto(`${base}/hall.mp3`);
    expect(response?.status()).toBe(404);
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    await page.evaluate(() => (document.querySelector('audio')!.muted = true));
    const status = page.getByRole('status');
    for (let talk = 0; talk < 2; talk += 1) {
      await expect.poll(() => status.textContent()).toContain('Nobody speaks here');
      const stream = relay.start({ id: 'hall', name: 'Hall' });
      const voice = new OpusVoice({ stream, packets }).speak();
      await expect.poll(() => status.textContent(), { timeout: 20_000 }).toBe('Live');
      await expect.poll(played, { timeout: 20_000 }).toBeGreaterThan(0.2);
      await voice;
      relay.end(stream, 'stopped');
      await expect.poll(() => status.textContent(), { timeout: 20_000 }).toContain('Nobody speaks here');
    }
    expect(complaints.filter((line) => /Content.Security.Policy/i.test(line))).toEqual([]);
  });
});
