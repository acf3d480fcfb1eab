/** `npm run screenshots`: the sheet of states, light and dark, and the picture in the README. */
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { findCommand, NEEDS } from '../../addon/tools/prepare-machine.mjs';
import { openSheet } from './build.mjs';

const folder = fileURLToPath(new URL('../screenshots/', import.meta.url));
const commands = NEEDS.find(({ playwright }) => playwright === 'chromium')?.commands ?? [];
const executablePath = findCommand(commands);

await mkdir(folder, { recursive: true });
const browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: ['--no-sandbox'] });
try {
  for (const theme of ['light', 'dark']) {
    const page = await browser.newPage({
      colorScheme: theme,
      reducedMotion: 'reduce',
      viewport: { width: 1400, height: 900 },
    });
    await openSheet(page);
    await page.evaluate((name) => window.sheet.showAll({ theme: name }), theme);
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: `${folder}states-${theme}.png`, fullPage: true });
    if (theme === 'light') {
      await page.evaluate(() => window.sheet.showAll({ language: 'ar' }));
      await page.screenshot({ path: `${folder}states-arabic.png`, fullPage: true });
    }
    await page.close();
  }
  const page = await browser.newPage({ reducedMotion: 'reduce', viewport: { width: 1248, height: 900 } });
  await openSheet(page);
  await page.evaluate(() => window.sheet.showHero());
  await page.evaluate(() => document.fonts.ready);
  await page.locator('.hero').screenshot({ path: fileURLToPath(new URL('../screenshot.png', import.meta.url)) });
} finally {
  await browser.close();
}
