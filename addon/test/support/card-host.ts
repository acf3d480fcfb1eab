/** A page that is nothing but a host of the card, as a dashboard of Home Assistant is. */
import type { BrowserContext, Page } from 'playwright-core';
import { Dashboard } from './dashboard.ts';

/** `prepare` is done before the page loads. Resolves when the card is connected. */
export async function openCardHost(
  context: BrowserContext,
  base: string,
  config: Record<string, unknown>,
  prepare?: (page: Page) => unknown,
): Promise<Dashboard> {
  const page = await context.newPage();
  await prepare?.(page);
  const body = `<!doctype html><title>Host</title><main></main>
    <script type="module">
      import './voice-streaming-card.js';
      const card = document.createElement('voice-streaming-card');
      card.setConfig(${JSON.stringify({ type: 'custom:voice-streaming-card', ...config })});
      document.querySelector('main').append(card);
    </script>`;
  await page.route('**/host', (route) => route.fulfill({ contentType: 'text/html', body }));
  await page.goto(new URL('host', base).href);
  const dashboard = new Dashboard(context, page);
  await dashboard.isReady();
  return dashboard;
}
