/** `npm run art`: the store's pictures, drawn from card/art by Chromium: icon.png and logo.png at the root. */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { findCommand, NEEDS } from '../../addon/tools/prepare-machine.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const font = await readFile(
  new URL('../../node_modules/@fontsource/roboto/files/roboto-latin-500-normal.woff2', import.meta.url),
);
/** Twice what the store shows, for displays with small pixels. */
const PICTURES = [
  { name: 'icon', width: 256, height: 256 },
  { name: 'logo', width: 500, height: 200 },
];

const executablePath = findCommand(NEEDS.find(({ playwright }) => playwright === 'chromium')?.commands ?? []);
const browser = await chromium.launch({
  args: ['--no-sandbox', '--disable-gpu'],
  ...(executablePath && { executablePath }),
});
try {
  for (const { name, width, height } of PICTURES) {
    const page = await browser.newPage({ viewport: { width, height } });
    const svg = await readFile(new URL(`../art/${name}.svg`, import.meta.url), 'utf8');
    await page.setContent(`<!doctype html><style>
      @font-face { font-family: Roboto; font-weight: 500; src: url(data:font/woff2;base64,${font.toString('base64')}); }
      html, body { margin: 0; background: transparent; }
      svg { display: block; width: ${width}px; height: ${height}px; }
    </style>${svg}`);
    await page.evaluate(() => document.fonts.ready);
    await writeFile(`${root}${name}.png`, await page.screenshot({ omitBackground: true }));
    await page.close();
  }
} finally {
  await browser.close();
}
