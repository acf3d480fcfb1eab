/** What a browser and an add-on may rely on in Core's ingress: the real Core and the stub are held to the same words. */
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { EchoApp } from './echo-app.ts';
import { once } from './once.ts';
import { askCore } from './stub-core-link.ts';
import type { StubSupervisor } from './stub-supervisor.ts';

export interface IngressHouse {
  /** Core's. */
  url: string;
  supervisor: StubSupervisor;
  /** The add-on behind the Supervisor. */
  app: EchoApp;
  /** A plain user, called Björn. */
  user: { id: string; token: string };
  /** Of the Supervisor's connections to the add-on. */
  sourceAddress: string;
}

/** Defines the tests. `house` is asked in each of them. */
export function testIngress(house: () => IngressHouse): void {
  const entry = (): string => `/api/hassio_ingress/${house().supervisor.app.ingressToken}`;
  const ask = <T>(command: Record<string, unknown>): Promise<T> =>
    askCore<T>({ url: house().url, accessToken: house().user.token, version: '' }, command);

  /** As the card does it: a session by Core's command, then the cookie. */
  const newCookie = async (): Promise<string> => {
    const command = { type: 'supervisor/ingress/session', slug: house().supervisor.app.slug };
    const { session } = await ask<{ session: string }>(command);
    return `theme=dark; ingress_session=${session}`;
  };

  const dial = (cookie: string) => {
    const socket = new WebSocket(`${house().url.replace('http', 'ws')}${entry()}/ws`, { headers: { cookie } });
    socket.on('error', () => undefined);
    const closed = once<number>((resolve) => socket.on('close', resolve), 'close');
    return { socket, closed, opened: once((resolve) => socket.on('open', resolve), 'open') };
  };

  it('carries the user and nobody else’s word about him, from the Supervisor’s address', async () => {
    const { app, url, user, sourceAddress } = house();
    const answer = await fetch(`${url}${entry()}/a%20b?c=d`, {
      headers: {
        cookie: await newCookie(),
        'x-remote-user-id': 'owner',
        'x-supervisor-token': 'x',
        origin: 'http://localhost',
      },
    });
    expect(await answer.text()).toBe('hello');
    // The parameters of the type are lost on the way, other headers are not.
    expect(answer.headers.get('content-type')).toBe('text/plain');
    expect(answer.headers.get('x-own')).toBe('yes');
    const request = app.requests.at(-1);
    expect(request?.url).toBe('/a%20b?c=d');
    expect(request?.from).toBe(sourceAddress);
    expect(request?.headers).toMatchObject({
      'x-remote-user-id': user.id,
      'x-remote-user-display-name': Buffer.from('Björn').toString('latin1'),
      'x-ingress-path': entry(),
      'x-hass-source': 'core.ingress',
      'x-forwarded-proto': 'http',
      origin: 'http://localhost',
      host: new URL(url).host,
    });
    expect(request?.headers['x-forwarded-for']).toMatch(/^127\.0\.0\.1, [\d.]+$/);
    expect(request?.headers).not.toHaveProperty('x-supervisor-token');
  });

  it('answers for the add-on where nothing may pass: no session, a stranger’s token, a suspicious query, nobody there', async () => {
    const { supervisor, url } = house();
    const cookie = await newCookie();
    const status = async (path: string, headers = { cookie }): Promise<number> =>
      (await fetch(url + path, { headers })).status;
    expect(await status(`${entry()}/`, { cookie: 'ingress_session=wrong' })).toBe(401);
    expect(await status(`/api/hassio_ingress/${supervisor.app.slug}/`)).toBe(503);
    expect(await status(`${entry()}/x?stream=/a/b`)).toBe(400);
    expect(await status(`${entry()}/x?room=/kitchen/x`)).toBe(200);
    const { ingressPort } = supervisor.app;
    supervisor.app.ingressPort = 1;
    expect(await status(`${entry()}/`)).toBe(502);
    supervisor.app.ingressPort = ingressPort;
    supervisor.ingress.expireSessions();
    expect(await status(`${entry()}/`)).toBe(401);
  });

  it('opens a WebSocket before it asks the add-on, passes messages, and loses the reason of a close', async () => {
    const { app, supervisor, user } = house();
    const { socket, opened, closed } = dial(await newCookie());
    await opened;
    const heard = once<string>((resolve) => socket.on('message', (data: Buffer) => resolve(data.toString())), 'echo');
    socket.send('hello');
    expect(await heard).toBe('hello');
    expect(app.requests.at(-1)?.headers['x-remote-user-id']).toBe(user.id);
    // Sessions are looked at when a request comes, not later.
    supervisor.ingress.expireSessions();
    socket.send('go away');
    expect(await closed).toBe(1000);
  });

  it('opens a WebSocket even where nothing may pass, and ends it without a word', async () => {
    const { supervisor } = house();
    const refused = dial('ingress_session=wrong');
    await refused.opened;
    const noSession = await refused.closed;
    const { ingressPort } = supervisor.app;
    supervisor.app.ingressPort = 1;
    const nobody = dial(await newCookie());
    await nobody.opened;
    const codes = { noSession, nobodyThere: await nobody.closed };
    supervisor.app.ingressPort = ingressPort;
    // Core breaks off where the Supervisor does not take the connection, and closes where the Supervisor breaks off.
    expect(codes).toEqual({ noSession: 1006, nobodyThere: 1000 });
  });

  it('renews a session by command, until it is over', async () => {
    const { supervisor } = house();
    const command = { type: 'supervisor/ingress/validate_session', session: supervisor.ingress.createSession(null) };
    await ask(command);
    supervisor.ingress.expireSessions();
    await expect(ask(command)).rejects.toThrow('unknown_error');
  });

  it('tells a plain user about the add-on, in the old way without its options', async () => {
    const { slug } = house().supervisor.app;
    house().supervisor.app.options = { access_token: 'secret' };
    const facts = { slug, state: 'started', ingress_url: `${entry()}/` };
    expect(await ask({ type: 'supervisor/ingress/info', slug })).toMatchObject(facts);
    const api = (endpoint: string) => ({ type: 'supervisor/api', endpoint, method: 'get' });
    const info = await ask(api(`/addons/${slug}/info`));
    expect(info).toMatchObject(facts);
    expect(info).not.toHaveProperty('options');
    await expect(ask(api('/network/info'))).rejects.toThrow('unauthorized');
    house().supervisor.app.panelAdmin = true;
    await expect(ask({ type: 'supervisor/ingress/info', slug })).rejects.toThrow('unauthorized');
    house().supervisor.app.panelAdmin = false;
  });
}
