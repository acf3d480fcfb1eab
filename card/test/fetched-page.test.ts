/** A page that is fetched when it is opened: the module comes, does not come, comes too late. */
import { nothing, type TemplateResult } from 'lit';
import { beforeEach, describe, expect, it } from 'vitest';
import { FetchedPage, type DevicesModel, type OpenedPage } from '../src/fetched-page.ts';
import { en } from '../src/translations/en.ts';

const MODEL: DevicesModel = { session: null, hears: true, talks: true };
const OPENED = { name: 'the opened page' } as unknown as TemplateResult;

class FakePage implements OpenedPage<DevicesModel> {
  updates = 0;
  closed = 0;
  isMicrophoneOpen = false;
  page = (): TemplateResult => OPENED;
  update = (): void => void (this.updates += 1);
  close = (): void => void (this.closed += 1);
}

let asked: { file: string; come: () => void; fail: () => void }[];
let opened: FakePage[];
let drawings: number;
let page: FetchedPage<'devices'>;

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** As Lit draws a card: with the page open, or without it. */
function draw(open: boolean): TemplateResult | null {
  page.hostUpdate();
  const drawn = open ? page.page(MODEL) : null;
  page.hostUpdated();
  return drawn;
}

/** Every word and every action in what was drawn. */
function saidBy(drawn: unknown): string {
  const { strings = [], values = [] } = drawn as { strings?: readonly string[]; values?: unknown[] };
  const nested = values.map((value) => (typeof value === 'string' || value === nothing ? '' : saidBy(value)));
  return [...strings, ...values.filter((value) => typeof value === 'string'), ...nested].join(' ');
}

beforeEach(() => {
  [asked, opened, drawings] = [[], [], 0];
  const host = {
    addController: () => undefined,
    removeController: () => undefined,
    requestUpdate: () => void (drawings += 1),
    updateComplete: Promise.resolve(true),
    renderRoot: { querySelector: () => null } as unknown as DocumentFragment,
  };
  const load = (file: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const devices = (): FakePage => {
        const one = new FakePage();
        opened.push(one);
        return one;
      };
      asked.push({ file, come: () => resolve({ devices }), fail: () => reject(new Error('offline')) });
    });
  page = new FetchedPage(host, 'devices', load);
});

describe('FetchedPage', () => {
  it('fetches nothing before it is opened, and once while it is open', async () => {
    draw(false);
    expect(asked).toHaveLength(0);
    expect(saidBy(draw(true))).toContain(en.texts['menu.loading']);
    draw(true);
    expect(asked).toHaveLength(1);
    asked[0]?.come();
    await settle();
    expect(drawings).toBeGreaterThan(0);
    expect(draw(true)).toBe(OPENED);
    expect([asked.length, opened.length, opened[0]?.updates]).toEqual([1, 1, 1]);
  });

  it('closes what was opened with the page, and when the card is taken away', async () => {
    for (const leave of [() => draw(false), () => page.hostDisconnected()]) {
      draw(true);
      asked.at(-1)?.come();
      await settle();
      draw(true);
      const last = opened.at(-1);
      if (last) last.isMicrophoneOpen = true;
      expect(page.isMicrophoneOpen).toBe(true);
      leave();
      expect([last?.closed, page.isMicrophoneOpen]).toEqual([1, false]);
    }
  });

  it('shows nothing of a module that comes after the page was closed', async () => {
    draw(true);
    draw(false);
    asked[0]?.come();
    await settle();
    expect(opened.map(({ closed }) => closed)).toEqual([1]);
    expect(saidBy(draw(true))).toContain(en.texts['menu.loading']);
  });

  it('says that it failed, and tries again by a press, by a URL that no browser remembers', async () => {
    draw(true);
    asked[0]?.fail();
    await settle();
    const drawn = draw(true);
    expect(saidBy(drawn)).toContain(en.texts['menu.failed']);
    expect(saidBy(drawn)).toContain('data-action="retry"');
    expect(asked).toHaveLength(1);
    pressIn(drawn);
    expect(saidBy(draw(true))).toContain(en.texts['menu.loading']);
    expect(asked).toHaveLength(2);
    expect(asked[1]?.file).toMatch(/^\.\/pages\.js#\d+$/);
    expect(asked[1]?.file).not.toBe(asked[0]?.file);
    asked[1]?.come();
    await settle();
    expect(draw(true)).toBe(OPENED);
  });
});

function pressIn(drawn: unknown): void {
  const { values = [] } = drawn as { values?: unknown[] };
  for (const value of values) {
    if (typeof value === 'function') (value as () => void)();
    else if (typeof value === 'object' && value !== null) pressIn(value);
  }
}
