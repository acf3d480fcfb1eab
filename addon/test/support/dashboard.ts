/** A dashboard with the card on it, driven as a person does: by the hooks that card/README.md promises. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { giveEars, startRecording } from './ear.ts';

export type CardState = 'idle' | 'opening' | 'onAir' | 'closing' | 'receiving' | 'needsTap' | 'trouble' | 'alarm';

/** How long anything may take that a person waits for. */
const PATIENCE_MS = 15_000;

export interface DashboardOptions {
  /** Default: granted. Firefox is told by a preference, see browsers.ts. */
  permissions?: string[];
  /** Only opened: whatever else Playwright does to a page counts as a gesture of its user. */
  untouched?: boolean;
}

export class Dashboard {
  readonly page: Page;
  readonly #context: BrowserContext;

  constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.page = page;
  }

  /** Waits for a state of the card. */
  async becomes(state: CardState, timeoutMs = PATIENCE_MS): Promise<void> {
    await this.page
      .locator(`voice-streaming-card[data-state="${state}"]`)
      .waitFor({ timeout: timeoutMs })
      .catch(async (error: unknown) => {
        throw new Error(`The card does not become ${state}, it is ${await this.describe()}.`, { cause: error });
      });
  }

  /** Connected and quiet. */
  async isReady(): Promise<void> {
    await this.page
      .locator('voice-streaming-card[data-connection="ready"]')
      .waitFor({ timeout: PATIENCE_MS })
      .catch(async (error: unknown) => {
        throw new Error(`The card does not connect, it is ${await this.describe()}.`, { cause: error });
      });
  }

  /** A tap on the line that says that the browser wants one before it makes sound. */
  async enableSound(): Promise<void> {
    await this.page.locator('[data-action="enableSound"]').click();
  }

  /** What the card says: the text a person reads. */
  async status(): Promise<string> {
    return this.page.locator('voice-streaming-card [role="status"]').innerText();
  }

  /** Presses the button and holds it until `release`. */
  async press(): Promise<void> {
    await this.page.locator('[data-action="talk"]').hover();
    await this.page.mouse.down();
  }

  async release(): Promise<void> {
    await this.page.mouse.up();
  }

  /** From now on everything audible is kept, see ear.ts. */
  async startRecording(): Promise<void> {
    await startRecording(this.page);
  }

  async close(): Promise<void> {
    await this.#context.close();
  }

  private async describe(): Promise<string> {
    const card = this.page.locator('voice-streaming-card');
    if ((await card.count()) === 0) return 'not there';
    const { state, connection } = await card.evaluate((element: HTMLElement) => ({
      state: element.dataset['state'],
      connection: element.dataset['connection'],
    }));
    return `${state ?? 'without a state'}, connection ${connection ?? 'unknown'}: ${await this.status()}`;
  }
}

/** A device of its own, with its own storage. */
export async function openDashboard(browser: Browser, url: string, options: DashboardOptions = {}): Promise<Dashboard> {
  const isFirefox = browser.browserType().name() === 'firefox';
  const context = await browser.newContext(
    isFirefox || options.untouched === true
      ? {}
      : { permissions: options.permissions ?? ['microphone'], viewport: { width: 480, height: 900 } },
  );
  await giveEars(context);
  const page = await context.newPage();
  await page.goto(url);
  if (options.untouched !== true)
    await page.locator('voice-streaming-card[data-state]').waitFor({ state: 'attached', timeout: PATIENCE_MS });
  return new Dashboard(context, page);
}
