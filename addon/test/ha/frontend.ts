/** Home Assistant's own frontend in a browser, as one person at one device sees it. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { giveEars } from '../support/ear.ts';
import type { CoreUser, RealCore } from './real-core.ts';

export interface FrontendOptions {
  dark?: boolean;
  viewport?: { width: number; height: number };
}

export interface Frontend {
  context: BrowserContext;
  page: Page;
  /** Errors of the page's console and uncaught ones. */
  errors: string[];
}

/** Logged in, at `path`. */
export async function openFrontend(
  browser: Browser,
  core: RealCore,
  user: CoreUser,
  path: string,
  { dark = false, viewport = { width: 1100, height: 800 } }: FrontendOptions = {},
): Promise<Frontend> {
  const context = await browser.newContext({
    permissions: ['microphone'],
    viewport,
    colorScheme: dark ? 'dark' : 'light',
    locale: 'en',
  });
  await giveEars(context);
  await context.addInitScript((tokens) => localStorage.setItem('hassTokens', JSON.stringify(tokens)), user.tokens);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.stack ?? error.message));
  page.on('console', (message) => {
    // Core's frontend fetches pictures from the world outside, which is not there.
    const isOurs = new URL(message.location().url || core.url).origin === core.url;
    if (isOurs && message.type() === 'error') errors.push(message.text());
  });
  await page.goto(core.url + path);
  return { context, page, errors };
}
