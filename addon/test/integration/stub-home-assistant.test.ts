/** The stubs keep the rules of the real ones (see addon/test/ha for the real Core): else what is tested with them means little. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { mkdir, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { once } from '../support/once.ts';
import { askCore, openCore, type CoreLink } from '../support/stub-core-link.ts';
import { StubHomeAssistant } from '../support/stub-home-assistant.ts';

/** In place of the add-on: remembers what comes, echoes what is said. */
interface App {
  server: Server;
  sockets: WebSocketServer;
  requests: { url: string | undefined; headers: IncomingMessage['headers']; from: string | undefined }[];
}

let house: StubHomeAssistant;
let app: App;

beforeEach(async () => {
  house = await StubHomeAssistant.start({ sourceAddress: '127.0.0.2' });
  app = await startApp();
  house.supervisor.app.ingressPort = (app.server.address() as AddressInfo).port;
});

afterEach(async () => {
  await house.close();
  for (const socket of app.sockets.clients) socket.terminate();
  await new Promise((resolve) => app.server.close(resolve));
});

async function startApp(): Promise<App> {
  const requests: App['requests'] = [];
  const remember = ({ url, headers, socket }: IncomingMessage): void =>
    void requests.push({ url, headers, from: socket.remoteAddress });
  const server = createServer((request, response) => {
    remember(request);
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'x-own': 'yes' });
    response.end(request.method === 'HEAD' ? '' : 'hello');
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket, request) => {
    remember(request);
    socket.on('message', (data: Buffer) => {
      if (data.toString() === 'go away') socket.close(4001, 'because');
      else socket.send(data.toString());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, sockets, requests };
}

const entry = (): string => `/api/hassio_ingress/${house.supervisor.app.ingressToken}`;

/** As the card does it: a session by Core's command, then the cookie. */
async function cookieOf(token: string): Promise<string> {
  const { session } = await ask<{ session: string }>(token, {
    type: 'supervisor/ingress/session',
    slug: house.supervisor.app.slug,
  });
  return `theme=dark; ingress_session=${session}`;
}

function ask<T>(token: string, command: Record<string, unknown>): Promise<T> {
  return askCore<T>({ url: house.core.url, accessToken: token, version: '' }, command);
}

/** The WebSocket as a browser sees it: when it closes, with which code. */
function dial(path: string, cookie: string): { socket: WebSocket; closed: Promise<number>; opened: Promise<unknown> } {
  const socket = new WebSocket(house.core.url.replace('http', 'ws') + entry() + path, { headers: { cookie } });
  socket.on('error', () => undefined);
  const closed = once<number>((resolve) => socket.on('close', resolve), 'close');
  return { socket, closed, opened: once((resolve) => socket.on('open', resolve), 'open') };
}

describe('ingress, from the browser to the add-on', () => {
  it('carries the user and nobody else’s word about him, from the Supervisor’s address', async () => {
    const { plainUser } = house.core.home;
    const cookie = await cookieOf(plainUser.token);
    const answer = await fetch(`${house.core.url}${entry()}/a%20b?c=d`, {
      headers: { cookie, 'x-remote-user-id': 'owner', 'x-supervisor-token': 'x', origin: 'http://localhost' },
    });
    expect(await answer.text()).toBe('hello');
    // The parameters of the type are lost on the way, other headers are not.
    expect(answer.headers.get('content-type')).toBe('text/plain');
    expect(answer.headers.get('x-own')).toBe('yes');
    const [request] = app.requests;
    expect(request?.url).toBe('/a%20b?c=d');
    expect(request?.from).toBe('127.0.0.2');
    expect(request?.headers).toMatchObject({
      'x-remote-user-id': plainUser.id,
      'x-remote-user-display-name': Buffer.from('Björn').toString('latin1'),
      'x-ingress-path': entry(),
      'x-hass-source': 'core.ingress',
      'x-forwarded-for': '127.0.0.1, 127.0.0.1',
      'x-forwarded-proto': 'http',
      origin: 'http://localhost',
      host: new URL(house.core.url).host,
    });
    expect(request?.headers).not.toHaveProperty('x-supervisor-token');
  });

  it('answers for the add-on where nothing may pass: no session, a stranger’s token, a suspicious query, nobody there', async () => {
    const cookie = await cookieOf(house.core.home.plainUser.token);
    const status = async (path: string, headers = { cookie }): Promise<number> =>
      (await fetch(house.core.url + path, { headers })).status;
    expect(await status(`${entry()}/`, { cookie: 'ingress_session=wrong' })).toBe(401);
    expect(await status('/api/hassio_ingress/0123abcd_voice_streaming/')).toBe(503);
    expect(await status(`${entry()}/x?stream=/a/b`)).toBe(400);
    expect(await status(`${entry()}/x?room=/kitchen/x`)).toBe(200);
    house.supervisor.app.ingressPort = 1;
    expect(await status(`${entry()}/`)).toBe(502);
    house.supervisor.ingress.expireSessions();
    expect(await status(`${entry()}/`)).toBe(401);
  });

  it('opens a WebSocket before it asks the add-on, passes messages, and loses the reason of a close', async () => {
    const { socket, opened, closed } = dial('/ws', await cookieOf(house.core.home.plainUser.token));
    await opened;
    const heard = once<string>((resolve) => socket.on('message', (data: Buffer) => resolve(data.toString())), 'echo');
    socket.send('hello');
    expect(await heard).toBe('hello');
    expect(app.requests[0]?.headers['x-remote-user-id']).toBe(house.core.home.plainUser.id);
    // Sessions are looked at when a request comes, not later.
    house.supervisor.ingress.expireSessions();
    socket.send('go away');
    expect(await closed).toBe(1000);

    const refused = dial('/ws', 'ingress_session=wrong');
    await refused.opened;
    await refused.closed;
  });

  it('renews a session by command, until it is over', async () => {
    const session = house.supervisor.ingress.createSession(null);
    const command = { type: 'supervisor/ingress/validate_session', session };
    await ask(house.core.home.plainUser.token, command);
    house.supervisor.ingress.expireSessions();
    await expect(ask(house.core.home.plainUser.token, command)).rejects.toThrow('unknown_error');
  });
});

describe('generations of the commands for ingress', () => {
  const old = (method: string, endpoint: string) => ({ type: 'supervisor/api', endpoint, method });

  it('has the old ones for plain users, without the options', async () => {
    const { home } = house.core;
    home.generation = 'old';
    house.supervisor.app.options = { access_token: 'secret' };
    const { slug } = house.supervisor.app;
    const info = await ask<Record<string, unknown>>(home.plainUser.token, old('get', `/addons/${slug}/info`));
    expect(info).toMatchObject({ state: 'started', ingress_url: `${entry()}/` });
    expect(info).not.toHaveProperty('options');
    await expect(ask(home.plainUser.token, old('get', '/network/info'))).rejects.toThrow('unauthorized');
    await expect(ask(home.plainUser.token, { type: 'supervisor/ingress/info', slug })).rejects.toThrow(
      'unknown_command',
    );
  });

  it('has the new ones for plain users only where the panel is for everybody', async () => {
    const { home } = house.core;
    home.generation = 'new';
    const { slug } = house.supervisor.app;
    const info = { type: 'supervisor/ingress/info', slug };
    expect(await ask(home.plainUser.token, info)).toMatchObject({ slug, state: 'started', ingress_url: `${entry()}/` });
    await expect(ask(home.plainUser.token, old('post', '/ingress/session'))).rejects.toThrow('unauthorized');
    house.supervisor.app.panelAdmin = true;
    await expect(ask(home.plainUser.token, info)).rejects.toThrow('unauthorized');
    expect(await ask(home.admin.token, info)).toMatchObject({ slug });
  });
});

describe('what the add-on asks', () => {
  const get = async (path: string, token = house.supervisor.appToken): Promise<[number, unknown]> => {
    const answer = await fetch(house.supervisor.url + path, { headers: { authorization: `Bearer ${token}` } });
    return [answer.status, await answer.json().catch(() => null)];
  };
  const appLink = (): CoreLink => ({
    url: `${house.supervisor.url}/core`,
    accessToken: house.supervisor.appToken,
    version: '',
  });

  it('is answered in envelopes, as far as its role goes', async () => {
    const { supervisor } = house;
    expect(await get('/addons/self/info')).toMatchObject([200, { result: 'ok', data: { slug: supervisor.app.slug } }]);
    expect(await get('/network/info')).toMatchObject([
      200,
      { data: { interfaces: [{ primary: false }, { primary: true }] } },
    ]);
    expect(await get('/services/mqtt')).toEqual([400, { result: 'error', message: 'Service not enabled' }]);
    supervisor.mqtt = {
      host: 'core-mosquitto',
      port: 1883,
      username: 'u',
      password: 'p',
      ssl: false,
      protocol: '3.1.1',
    };
    expect(await get('/services/mqtt')).toMatchObject([200, { data: { host: 'core-mosquitto' } }]);
    expect((await get('/ingress/session'))[0]).toBe(403);
    expect((await get('/network/info', 'wrong'))[0]).toBe(403);
    expect((await fetch(`${supervisor.url}/network/info`)).status).toBe(401);
  });

  it('reaches Core as the administrator “Supervisor”, and never the Supervisor’s own commands', async () => {
    const { home } = house.core;
    const resource = await askCore<{ id: string }>(appLink(), {
      type: 'lovelace/resources/create',
      res_type: 'module',
      url: '/local/x.js?v=1',
    });
    expect(home.resources).toEqual([{ id: resource.id, type: 'module', url: '/local/x.js?v=1' }]);
    await askCore(appLink(), { type: 'fire_event', event_type: 'voice_streaming_started', event_data: { a: 1 } });
    expect(home.events).toMatchObject([
      { event_type: 'voice_streaming_started', context: { user_id: home.supervisorUser.id } },
    ]);
    await expect(askCore(appLink(), { type: 'supervisor/api' })).rejects.toThrow('unauthorized');
    home.resourceMode = 'yaml';
    const create = { type: 'lovelace/resources/create', res_type: 'module', url: '/local/x.js' };
    await expect(askCore(appLink(), create)).rejects.toThrow('unknown_command');
    await expect(openCore({ ...appLink(), accessToken: 'wrong' })).rejects.toThrow('auth_invalid');
  });

  it('fails in every way that it can fail', async () => {
    const { faults } = house.supervisor;
    faults.set('badGateway');
    expect(await get('/info')).toEqual([502, null]);
    faults.set('unauthorized');
    expect((await get('/info'))[0]).toBe(401);
    faults.set('garbage');
    expect(await get('/info')).toEqual([200, null]);
    faults.set('away');
    await expect(get('/info')).rejects.toThrow('fetch failed');
    faults.set('slow');
    const slow = get('/info');
    faults.set(null);
    expect((await slow)[0]).toBe(200);
    house.supervisor.coreFaults.set('badGateway');
    await expect(openCore(appLink())).rejects.toThrow();
    expect((await get('/info'))[0]).toBe(200);
  });
});

describe('/local', () => {
  it('is there only when the folder was there as Core started', async () => {
    await writeFile(join(house.configDirectory, 'www/x.js'), '1');
    expect((await fetch(`${house.core.url}/local/x.js`)).status).toBe(200);
    const fresh = await StubHomeAssistant.start({ www: false });
    await mkdir(join(fresh.configDirectory, 'www'));
    await writeFile(join(fresh.configDirectory, 'www/x.js'), '1');
    expect((await fetch(`${fresh.core.url}/local/x.js`)).status).toBe(404);
    await fresh.close();
  });
});
