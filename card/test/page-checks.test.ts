import { expect, it } from 'vitest';
import { pageChecks, type PageCheck, type PageFacts } from '../src/page-checks.ts';
import { schemeOf, THEME_VARIABLES } from '../src/page-theme.ts';
import { tokens } from '../src/tokens.ts';
import page from '../src/translations/page/en.ts';

const FACTS: PageFacts = {
  secure: true,
  permission: 'granted',
  microphones: 1,
  connected: true,
  path: 'connected',
  blocked: false,
  clockLeadMs: 120,
};

const one = (check: string, facts: Partial<PageFacts>): PageCheck | undefined =>
  pageChecks({ ...FACTS, ...facts }).find((each) => each.check === check);

it('says ok of all that is as it should be', () => {
  expect(pageChecks(FACTS).map(({ check, state }) => [check, state])).toEqual(
    ['https', 'microphone', 'connection', 'udp', 'clock'].map((check) => [check, 'ok']),
  );
});

it.each<[string, string, string, Partial<PageFacts>, string?]>([
  ['https', 'failed', 'on plain http', { secure: false }],
  ['microphone', 'waiting', 'on plain http, where no permission helps', { secure: false }, 'https.failed'],
  ['microphone', 'failed', 'when it was refused', { permission: 'denied' }],
  ['microphone', 'failed', 'without one', { microphones: 0 }, 'microphone.none'],
  ['microphone', 'waiting', 'when nobody was asked yet', { permission: 'prompt' }],
  ['microphone', 'waiting', 'when the browser does not tell', { permission: 'not told', microphones: null }],
  ['connection', 'failed', 'when the server is away', { connected: false, path: null }],
  ['udp', 'waiting', 'when the server is away', { connected: false, path: null }, 'connection.failed'],
  ['udp', 'waiting', 'while it opens', { path: 'connecting' }],
  ['udp', 'failed', 'when a try failed', { path: null, blocked: true }],
  ['clock', 'warning', 'when this one is ahead', { clockLeadMs: 6_000 }],
  ['clock', 'warning', 'when this one is behind', { clockLeadMs: -6_000 }],
  ['clock', 'waiting', 'when the server did not tell its own', { clockLeadMs: null }],
])('%s is %s %s', (check, state, _when, facts, next) => {
  expect(one(check, facts)).toEqual({ check, state, ...(next !== undefined && { next }) });
  // Whatever is not ok says what to do.
  expect(page).toHaveProperty([next ?? `${check}.${state}`]);
});

it('the page takes each of Home Assistant’s variables that its tokens read', () => {
  const read = [...tokens.cssText.matchAll(/var\((--[a-z][\w-]*)/g)].map(([, name]) => name);
  expect(read.length).toBeGreaterThan(10);
  expect([...new Set(read)].filter((name) => !THEME_VARIABLES.includes(name!))).toEqual([]);
});

it.each([
  ['rgb(17, 34, 51)', 'dark'],
  ['rgb(240, 240, 240)', 'light'],
  ['rgba(255, 255, 255, 0.9)', 'light'],
  ['color(srgb 1 1 1)', ''],
  ['', ''],
])('%s is %s', (background, scheme) => {
  expect(schemeOf(background)).toBe(scheme);
});
