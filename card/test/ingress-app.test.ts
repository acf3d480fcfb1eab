import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Backoff } from '../src/backoff.ts';
import { HomeAssistant, ownSlug } from '../src/home-assistant.ts';
import { IngressApp } from '../src/ingress-app.ts';
import { FakeCore } from './fakes/fake-core.ts';
import { FakeSockets } from './fakes/fake-socket.ts';

const ANNA = { id: 'anna', is_admin: false };
const URL_OF_APP = 'ws://house:8123/api/hassio_ingress/secret/ws';

let core: FakeCore;
let home: HomeAssistant;
let sockets: FakeSockets;
let document: { cookie: string; baseURI: string };
let app: IngressApp;
let stop: () => void;

/** One try: what was asked is answered. */
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(1);
const cookieOf = (session: string): string => `ingress_session=${session};path=/api/hassio_ingress/;SameSite=Strict`;

function make(baseURI = 'http://house:8123/lovelace/0'): void {
  document = { cookie: '', baseURI };
  app = new IngressApp({
    home,
    slug: 'abc_voice_streaming',
    document,
    openSocket: sockets.open,
    backoff: new Backoff({ firstMs: 100, maxMs: 100, random: () => 1 }),
  });
  stop = app.use();
}

beforeEach(() => {
  vi.useFakeTimers();
  core = new FakeCore();
  home = new HomeAssistant();
  home.hass = core.hass(ANNA);
  sockets = new FakeSockets();
});

afterEach(() => {
  stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe.each(['new', 'old'] as const)('with the %s commands', (generation) => {
  beforeEach(() => {
    core.generation = generation;
  });

  it('finds the add-on, and lets this browser in', async () => {
    make();
    expect(app.url).toBeNull();
    await settle();
    expect(app.url).toBe(URL_OF_APP);
    expect(app.trouble).toBeNull();
    expect(document.cookie).toBe(cookieOf('session-1'));
  });

  it('keeps a session, and makes a new one when it is no good', async () => {
    make();
    await settle();
    document.cookie = 'of another tab';
    await vi.advanceTimersByTimeAsync(60_000);
    expect(document.cookie).toBe(cookieOf('session-1'));
    core.sessions.clear();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(document.cookie).toBe(cookieOf('session-2'));
  });

  it.each([
    [false, 'appStoppedAsk'],
    [true, 'appStopped'],
  ])('says that the add-on is stopped, and goes on when it runs (administrator: %s)', async (isAdmin, code) => {
    home.hass = core.hass({ ...ANNA, is_admin: isAdmin });
    core.state = 'stopped';
    make();
    await settle();
    expect(app.trouble).toMatchObject({ code });
    expect(app.trouble?.start !== undefined).toBe(isAdmin);
    core.state = 'started';
    await vi.advanceTimersByTimeAsync(6_000);
    expect(app.trouble).toBeNull();
    expect(app.url).toBe(URL_OF_APP);
  });

  it('is started by an administrator, who sees how that goes', async () => {
    home.hass = core.hass({ ...ANNA, is_admin: true });
    core.state = 'stopped';
    make();
    await settle();
    core.startFailure = new Error('Image is missing.');
    app.trouble?.start?.();
    expect(app.trouble).toEqual({ code: 'appStarting' });
    await settle();
    expect(app.trouble).toMatchObject({ code: 'appStartFailed', detail: 'Image is missing.' });
    core.startFailure = null;
    app.trouble?.start?.();
    await settle();
    // The Supervisor takes its time.
    core.state = 'stopped';
    await vi.advanceTimersByTimeAsync(6_000);
    expect(app.trouble).toEqual({ code: 'appStarting' });
    core.state = 'started';
    await vi.advanceTimersByTimeAsync(6_000);
    expect([app.trouble, app.url]).toEqual([null, URL_OF_APP]);
    expect(core.asked.filter((what) => what === '/addons/abc_voice_streaming/start')).toHaveLength(2);
  });

  it('says that there is no such add-on, and does not ask all the time', async () => {
    core.state = null;
    make();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(app.trouble).toEqual({ code: 'appMissing' });
    expect(core.asked.filter((what) => what.includes('info')).length).toBeLessThanOrEqual(2);
  });

  it('believes no Home Assistant that starts', async () => {
    const { generation } = core;
    core.generation = 'none';
    home.hass = { ...core.hass(ANNA), config: { state: 'STARTING' } };
    make();
    await settle();
    expect(app.trouble).toBeNull();
    core.generation = generation;
    await vi.advanceTimersByTimeAsync(200);
    expect(app.url).toBe(URL_OF_APP);
    // Again, and its page has not heard yet that it does.
    core.generation = 'none';
    home.hass = { ...core.hass(ANNA), config: { state: 'RUNNING' } };
    await vi.advanceTimersByTimeAsync(60_000);
    expect(app.trouble).toBeNull();
  });

  it('asks again by itself while Home Assistant cannot answer', async () => {
    core.failure = new Error('Connection lost');
    make();
    await vi.advanceTimersByTimeAsync(500);
    expect(app.trouble).toBeNull();
    expect(core.asked.length).toBeGreaterThan(3);
    core.failure = null;
    await vi.advanceTimersByTimeAsync(200);
    expect(app.url).toBe(URL_OF_APP);
  });
});

describe('refused', () => {
  it('asks old commands once it knows, new ones again after an update', async () => {
    core.generation = 'old';
    make();
    await settle();
    core.asked.length = 0;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(core.asked.some((what) => what.startsWith('supervisor/'))).toBe(false);
    core.generation = 'new';
    await vi.advanceTimersByTimeAsync(60_000);
    expect(app.trouble).toBeNull();
    core.asked.length = 0;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(core.asked).toEqual(['supervisor/ingress/info', 'supervisor/ingress/validate_session']);
    expect(app.trouble).toBeNull();
  });

  it('is said: an add-on for administrators only, and a Home Assistant without add-ons', async () => {
    core.panelAdmin = true;
    make();
    await settle();
    expect(app.trouble).toEqual({ code: 'appForbidden' });
    stop();
    core.generation = 'none';
    make();
    await settle();
    expect(app.trouble).toEqual({ code: 'urlMissing' });
  });
});

describe('its socket', () => {
  const handlers = () => ({ message: vi.fn(), closed: vi.fn() });

  it('is opened once this browser is let in', async () => {
    make('https://house/lovelace/0');
    await settle();
    expect(app.url).toBe('wss://house/api/hassio_ingress/secret/ws');
    expect(document.cookie).toBe(`${cookieOf('session-1')};Secure`);
    document.cookie = 'of another tab';
    const { message, closed } = handlers();
    const socket = app.openSocket(URL_OF_APP, { message, closed });
    expect(sockets.all).toHaveLength(0);
    await settle();
    expect(document.cookie).toContain('session-1');
    sockets.last.say({ type: 'alive' });
    expect(message).toHaveBeenCalledOnce();
    socket.send('{"id":1}');
    expect(sockets.last.sent).toEqual([{ id: 1 }]);
    sockets.last.drop();
    sockets.last.drop();
    expect(closed).toHaveBeenCalledOnce();
  });

  it('is closed when the add-on does not run', async () => {
    make();
    await settle();
    core.state = 'stopped';
    const { message, closed } = handlers();
    app.openSocket(URL_OF_APP, { message, closed });
    await settle();
    expect(closed).toHaveBeenCalledOnce();
    expect(sockets.all).toHaveLength(0);
    expect(app.trouble).toEqual({ code: 'appStoppedAsk' });
  });

  const open = async () => {
    const given = handlers();
    app.openSocket(URL_OF_APP, given);
    await settle();
    return given;
  };
  const greet = (name: string | null): void =>
    sockets.last.say({ type: 'hello', auth: 'none', user: { name, isAdmin: name !== null } });

  it('keeps its session for as long as that is good, however a socket ended', async () => {
    make();
    await settle();
    await open();
    sockets.last.drop();
    await open();
    expect(document.cookie).toBe(cookieOf('session-1'));
    core.sessions.clear();
    sockets.last.drop();
    await open();
    expect(document.cookie).toBe(cookieOf('session-2'));
  });

  it('is opened with another session after one that names nobody, and heard only then', async () => {
    make();
    await settle();
    const first = await open();
    greet(null);
    expect(first.message).not.toHaveBeenCalled();
    expect(first.closed).toHaveBeenCalledOnce();
    const second = await open();
    expect(document.cookie).toBe(cookieOf('session-2'));
    greet('Anna');
    expect(second.message).toHaveBeenCalledOnce();
    expect(second.closed).not.toHaveBeenCalled();
  });

  it('is heard in the end when no session names anybody, long after Home Assistant has started', async () => {
    home.hass = { ...core.hass(ANNA), config: { state: 'STARTING' } };
    make();
    await settle();
    for (let i = 0; i < 20; i += 1) {
      const { message } = await open();
      greet(null);
      expect(message).not.toHaveBeenCalled();
    }
    home.hass = { ...core.hass(ANNA), config: { state: 'RUNNING' } };
    let tries = 0;
    for (let heard = false; !heard; tries += 1) {
      const { message } = await open();
      greet(null);
      heard = message.mock.calls.length > 0;
    }
    expect(tries).toBe(9);
  });

  it('is not opened when it is closed before', async () => {
    make();
    await settle();
    const { message, closed } = handlers();
    app.openSocket(URL_OF_APP, { message, closed }).close();
    await settle();
    expect(sockets.all).toHaveLength(0);
    expect(closed).not.toHaveBeenCalled();
  });

  it('is another one for another user', async () => {
    make();
    await settle();
    const { message, closed } = handlers();
    app.openSocket(URL_OF_APP, { message, closed });
    await settle();
    sockets.last.say({ type: 'alive' });
    home.hass = { ...core.hass(ANNA), language: 'de' };
    expect(closed).not.toHaveBeenCalled();
    home.hass = core.hass({ id: 'ben', is_admin: false });
    expect(closed).toHaveBeenCalledOnce();
    expect(sockets.last.closed).toBe(true);
    app.openSocket(URL_OF_APP, handlers());
    await settle();
    expect(document.cookie).toBe(cookieOf('session-2'));
  });
});

it('knows its slug from the URL it was loaded by', () => {
  expect(ownSlug('http://house:8123/local/voice-streaming/voice-streaming-card.js?v=1&app=abc_voice')).toBe(
    'abc_voice',
  );
  expect(ownSlug('http://house:8080/voice-streaming-card.js')).toBeUndefined();
});
