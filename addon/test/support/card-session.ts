/** What a test may ask a card's session, beside what a person sees. */
import type { Locator, Page } from 'playwright-core';

export interface TestSession {
  streamId: string | null;
  receiver: {
    target: unknown;
    elsewhere: boolean;
    heard: readonly string[];
    talkers: readonly { streamId: string; mid: string }[];
    setVolume(streamId: string, volume: number): void;
    playHere(): void;
  };
  sender: { state: string };
}

export interface TestCard extends HTMLElement {
  session: TestSession | null;
  setConfig(config: Record<string, unknown>): void;
}

/** Wherever it is: pages keep it in a shadow root. */
export function cardOf(page: Page): Locator {
  return page.locator('voice-streaming-card');
}

/** As a dashboard would give it. */
export async function configure(page: Page, config: Record<string, unknown>): Promise<void> {
  const whole = { type: 'custom:voice-streaming-card', ...config };
  await cardOf(page).evaluate((card: TestCard, given) => card.setConfig(given), whole);
}

/** Waits until the server has said what this device is called. */
export async function streamIdOf(page: Page): Promise<string> {
  return cardOf(page).evaluate(async (card: TestCard) => {
    for (;;) {
      const id = card.session?.streamId;
      if (id) return id;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
}

/** Ids of the streams that this page can hear now. */
export async function heardBy(page: Page): Promise<readonly string[]> {
  return cardOf(page).evaluate((card: TestCard) => [...(card.session?.receiver.heard ?? [])]);
}
