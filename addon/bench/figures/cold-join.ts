/**
 * From nothing to sound: a page without the card, and a werift client, join a stream that is live. Control: the page joins a
 * second connection of its own, which no server can beat.
 */
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../../test/support/browsers.ts';
import { startServer } from '../../test/support/server.ts';
import type { Receivers } from '../processes/receivers.ts';
import type { Sender } from '../processes/sender.ts';
import { Child } from '../support/child.ts';
import { delay } from '../support/clock.ts';
import { NONE, type Figure } from '../support/figure.ts';
import { giveBench, openBlankPage, type DirectJoin, type Join } from '../support/page.ts';
import { pair, spread } from '../support/statistics.ts';

const PAGES = 10;
const JOINS_OF_A_PAGE = 4;
const WERIFT_JOINS = 10;
/** For the page's audio clock to be known, and never in step with the packets. */
const SETTLE_MS = 150;

export async function join(): Promise<Figure[]> {
  const server = await startServer();
  const sender = new Child<Sender>('processes/sender.ts');
  const receivers = new Child<Receivers>('processes/receivers.ts');
  const browser = await launchChromium();
  try {
    await sender.call('talk', { port: server.port, name: 'Bench', saying: 'tone' });
    const joins = new Joins<Join>();
    const direct = new Joins<DirectJoin>();
    for (let i = 0; i < PAGES; i += 1) {
      await joins.add(browser, server.page, (page) => page.evaluate(() => window.bench.join()));
      await direct.add(browser, server.page, (page) => page.evaluate(() => window.bench.joinDirectly()));
    }
    const werift: { fromSocketMs: number; fromRequestMs: number }[] = [];
    for (let i = 0; i < WERIFT_JOINS; i += 1) werift.push(await receivers.call('coldJoin', { port: server.port }));
    return figuresOf(joins, direct, werift);
  } finally {
    await Promise.all([sender.close(), receivers.close(), browser.close()]);
    await server.stop();
  }
}

/** Several of each page, whose first also waits for what the browser loads for it. */
class Joins<T> {
  readonly first: T[] = [];
  readonly all: T[] = [];

  async add(browser: Browser, origin: string, join: (page: Page) => Promise<T>): Promise<void> {
    const context = await browser.newContext();
    await giveBench(context);
    const page = await openBlankPage(context, origin);
    for (let k = 0; k < JOINS_OF_A_PAGE; k += 1) {
      await delay(SETTLE_MS + 3 * k);
      const joined = await join(page);
      this.all.push(joined);
      if (k === 0) this.first.push(joined);
    }
    await context.close();
  }
}

function figuresOf(
  { first, all }: Joins<Join>,
  direct: Joins<DirectJoin>,
  werift: { fromSocketMs: number; fromRequestMs: number }[],
): Figure[] {
  const of = <T extends DirectJoin>(joins: T[], key: keyof T & string): { p50: number; p99: number } =>
    spread(
      joins.map((one) => one[key] as number),
      key,
    );
  const steps = `answered ${pair(of(all, 'answeredMs'), 'ms')}, connected ${pair(of(all, 'connectedMs'), 'ms')}`;
  const directSteps = `connected ${pair(of(direct.all, 'connectedMs'), 'ms')}`;
  return [
    {
      what: `cold join, Chromium: request to first sound (${all.length} joins)`,
      ours: `${pair(of(all, 'fromRequestMs'), 'ms')} (${steps})`,
      goal: '<= 70 / 150 ms',
      python: '1090 ms',
      control: `page to itself: ${pair(of(direct.all, 'fromRequestMs'), 'ms')} (${directSteps})`,
      data: { all: of(all, 'fromRequestMs'), joins: all, direct: direct.all },
    },
    {
      what: `the same, first connection of its page (${first.length})`,
      ours: pair(of(first, 'fromRequestMs'), 'ms'),
      goal: NONE,
      python: NONE,
      control: `page to itself: ${pair(of(direct.first, 'fromRequestMs'), 'ms')}`,
      data: { joins: first, direct: direct.first },
    },
    {
      what: 'cold join, Chromium: new WebSocket to first sound',
      ours: pair(of(all, 'fromSocketMs'), 'ms'),
      goal: NONE,
      python: NONE,
      control: NONE,
      data: { all: of(all, 'fromSocketMs') },
    },
    {
      what: `cold join, werift: request to first packet (${werift.length})`,
      ours: pair(
        spread(
          werift.map((one) => one.fromRequestMs),
          'werift joins',
        ),
        'ms',
      ),
      goal: NONE,
      python: NONE,
      control: 'of it 100 ms that a werift DTLS client sleeps',
      data: { joins: werift },
    },
  ];
}
