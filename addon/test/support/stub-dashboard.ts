/** The page of a stub Core: as much of Home Assistant's frontend as a card needs. */
import { isAdmin } from './stub-core-commands.ts';
import type { HomeUser } from './stub-core-home.ts';

/**
 * Connects to Core's WebSocket API as `user`, loads the dashboard resources, and shows the card with a `hass`. For tests:
 * `window.hass`, `window.ready` (a promise of the card), `window.updateHass(changes)` as when Core says something new.
 */
export function dashboardPage(user: HomeUser, config: Record<string, unknown>): string {
  const facts = {
    token: user.token,
    user: { id: user.id, name: user.name, is_admin: isAdmin(user), is_owner: user.is_owner },
    config: { type: 'custom:voice-streaming-card', ...config },
  };
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Home</title><style>
body { font-family: Roboto, sans-serif; margin: 16px; max-width: 480px; }
ha-card { display: block; border: 1px solid #ddd; border-radius: 12px; background: var(--card-background-color, white); }
</style></head><body><script type="application/json" id="facts">${JSON.stringify(facts).replaceAll('<', '\\u003c')}</script>
<script type="module">(${frontend.toString()})((url) => import(url));</script></body></html>`;
}

/** Runs in the browser. `load` is `import()`, which the tests' own bundler would rewrite here. */
function frontend(load: (url: string) => Promise<unknown>): void {
  interface Reply {
    id: number;
    type: string;
    success?: boolean;
    result?: unknown;
    error?: { code: string; message: string };
    event?: unknown;
  }
  type Card = HTMLElement & { hass: unknown; setConfig(config: unknown): void };
  const facts = JSON.parse(document.querySelector('#facts')!.textContent) as {
    token: string;
    user: object;
    config: { type: string };
  };
  const events = new EventTarget();
  const waiting = new Map<number, (reply: Reply) => void>();
  const subscriptions = new Map<number, (event: unknown) => void>();
  let socket: WebSocket | undefined;
  let lastId = 0;

  const send = (message: object): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = ++lastId;
      // As home-assistant-js-websocket: what Core refuses is rejected as {code, message}, a lost connection as 3.
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      waiting.set(id, ({ success, result, error }) => (success === true ? resolve(result) : reject(error ?? 3)));
      socket!.send(JSON.stringify({ id, ...message }));
    });
  const connect = (): Promise<void> =>
    new Promise((connected) => {
      socket = new WebSocket(new URL('/api/websocket', location.href.replace('http', 'ws')));
      lastId = 0;
      socket.onmessage = ({ data }: MessageEvent<string>) => {
        const message = JSON.parse(data) as Reply;
        if (message.type === 'auth_required') socket!.send(JSON.stringify({ type: 'auth', access_token: facts.token }));
        else if (message.type === 'auth_ok') {
          connected();
          events.dispatchEvent(new Event('ready'));
        } else if (message.type === 'event') subscriptions.get(message.id)?.(message.event);
        else {
          waiting.get(message.id)?.(message);
          waiting.delete(message.id);
        }
      };
      socket.onclose = () => {
        for (const settle of waiting.values()) settle({ id: 0, type: 'lost' });
        waiting.clear();
        events.dispatchEvent(new Event('disconnected'));
        setTimeout(() => void connect(), 500);
      };
    });
  const connection = {
    sendMessagePromise: send,
    subscribeMessage: async (callback: (event: unknown) => void, message: object) => {
      const answer = send(message);
      const id = lastId;
      subscriptions.set(id, callback);
      await answer;
      return () => Promise.resolve(subscriptions.delete(id));
    },
    addEventListener: (type: string, callback: () => void) => events.addEventListener(type, callback),
    removeEventListener: (type: string, callback: () => void) => events.removeEventListener(type, callback),
  };
  let hass: object = {
    user: facts.user,
    connected: true,
    connection,
    callWS: send,
    states: {},
    panels: {},
    language: 'en',
    locale: { language: 'en', number_format: 'language', time_format: 'language' },
    themes: { darkMode: false, themes: {}, theme: 'default' },
    config: { version: '2026.11.0', components: [] },
    hassUrl: (path = '') => new URL(path, location.origin).href,
    localize: (key: string) => key,
  };
  const page = window as unknown as Record<string, unknown>;
  customElements.define('ha-card', class extends HTMLElement {});
  let card: Card | undefined;
  page['hass'] = hass;
  page['updateHass'] = (changes: object) => {
    page['hass'] = hass = { ...hass, ...changes };
    if (card) card.hass = hass;
  };
  page['ready'] = (async () => {
    await connect();
    const resources = (await send({ type: 'lovelace/resources' })) as { url: string; type: string }[];
    for (const { url, type } of resources) if (type === 'module') await load(url);
    const tag = facts.config.type.replace('custom:', '');
    await customElements.whenDefined(tag);
    card = document.createElement(tag) as Card;
    card.setConfig(facts.config);
    card.hass = hass;
    document.body.append(card);
    return card;
  })();
}
