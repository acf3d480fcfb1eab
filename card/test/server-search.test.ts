import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ServerSearch, type Finding } from '../src/server-search.ts';
import { connectionTrouble } from '../src/trouble.ts';

const OWN = 'wss://house:8123/api/ws';
const OTHER = 'wss://192.168.1.10:8080/ws';
const away = { state: 'away', bye: null } as const;

let answer: () => Promise<Response>;
let asked: string[];
let search: ServerSearch;

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
const json =
  (body: unknown, status = 200) =>
  (): Promise<Response> =>
    Promise.resolve(new Response(JSON.stringify(body), { status }));
const nobody = (): Promise<Response> => Promise.reject(new TypeError('Failed to fetch'));

async function fail(url: string, times = 1): Promise<Finding | null> {
  for (let time = 0; time < times; time += 1) {
    search.failed(url);
    await settle();
  }
  return search.finding;
}

beforeEach(() => {
  vi.stubGlobal('location', new URL('https://house:8123/lovelace'));
  asked = [];
  search = new ServerSearch({
    fetch: (url) => {
      asked.push((url as URL).href);
      return answer();
    },
  });
});

afterEach(() => vi.unstubAllGlobals());

describe('ServerSearch', () => {
  it('is certain only when it is so before and after a failed try', async () => {
    answer = nobody;
    expect(await fail(OWN)).toBeNull();
    expect(await fail(OWN)).toBe('nothing');
    expect(asked).toEqual(Array(2).fill('https://house:8123/api/health'));
    answer = json({ webrtc_available: true });
    // It has just started: the next try may reach it.
    expect(await fail(OWN)).toBeNull();
    search.found();
    expect(search.finding).toBeNull();
  });

  it.each([
    ['the voice server, without its WebSocket', json({ webrtc_available: true }), 'noWebSocket'],
    ['something else', json({ message: 'API running.' }), 'other'],
    ['a page', () => Promise.resolve(new Response('<html>')), 'other'],
    ['a proxy whose server is away', json({}, 502), 'nothing'],
  ] as const)('tells at the page’s own origin: %s', async (_what, says, finding) => {
    answer = says;
    expect(await fail(OWN, 2)).toBe(finding);
  });

  it('knows of another origin only that something answers', async () => {
    answer = () => Promise.resolve({ type: 'opaque', status: 0 } as Response);
    expect(await fail(OTHER, 2)).toBe('other');
  });

  it('asks seldom once it knows', async () => {
    answer = nobody;
    await fail(OWN, 40);
    expect(asked.length).toBeLessThan(15);
    expect(search.finding).toBe('nothing');
  });
});

describe('a server that is away', () => {
  it.each([
    ['nothing', false, OTHER, { code: 'certificate', detail: 'https://192.168.1.10:8080' }],
    ['nothing', true, OTHER, { code: 'serverAway' }],
    ['nothing', false, OWN, { code: 'serverAway' }],
    ['other', false, OTHER, { code: 'notVoiceServer', detail: 'https://192.168.1.10:8080' }],
    ['noWebSocket', true, OWN, { code: 'webSocketBlocked' }],
    [null, false, OTHER, { code: 'serverAway' }],
  ] as const)('%s (was there: %s) at %s', (finding, wasThere, url, trouble) => {
    expect(connectionTrouble(away, url, { finding, wasThere })).toEqual(trouble);
  });
});
