import type { Page } from 'playwright-core';

export interface ShowOptions {
  widthPx: number;
  /** Fixed, as a dashboard with `grid_options.rows` does. */
  heightPx?: number;
  /** Home Assistant's default themes; `own`: no theme at all. */
  theme?: 'light' | 'dark' | 'own';
  /** `en`, or one of `languages`. */
  language?: string;
}

/** What is on the page as `window.sheet`. */
export interface Sheet {
  names: string[];
  /** The eight that DESIGN.md tells apart. */
  mainStates: string[];
  languages: string[];
  /** One card. */
  show(name: string, options: ShowOptions): void;
  /** All of them. */
  showAll(options?: Partial<ShowOptions>): void;
  /** The picture in the README. */
  showHero(): void;
}

declare global {
  interface Window {
    sheet: Sheet;
  }
}

export function bundleSheet(): Promise<{ script: string; style: string }>;

/** A page of Playwright's with the sheet in it, still empty. */
export function openSheet(page: Page): Promise<void>;
