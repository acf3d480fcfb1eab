/** One state of the card on the sheet of `card/tools`, by its name. */
import type { Page } from 'playwright-core';
import type { ShowOptions } from '../../../card/tools/build.mjs';

export const showState = (page: Page, name: string, options: ShowOptions): Promise<void> =>
  page.evaluate(
    async ([state, how]) => {
      window.sheet.show(state, how);
      const card = document.querySelector<HTMLElement & { updateComplete: Promise<unknown> }>('still-card');
      await card?.updateComplete;
    },
    [name, options] as const,
  );

export const stateNames = (page: Page): Promise<string[]> => page.evaluate(() => window.sheet.names);
