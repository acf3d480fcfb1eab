/** The stubs keep the rules of the real ones (see addon/test/ha for the real Core): else what is tested with them means little. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEchoApp, type EchoApp } from '../support/echo-app.ts';
import { testIngress } from '../support/ingress-contract.ts';
import { askCore, openCore, type CoreLink } from '../support/stub-core-link.ts';
import { StubHomeAssistant } from '../support/stub-home-assistant.ts';

let house: StubHomeAssistant;
let app: EchoApp;

beforeEach(async () => {
  house = await StubHomeAssistant.start({ sourceAddress: '127.0.0.2' });
  app = await startEchoApp('127.0.0.1');
  house.supervisor.app.ingressPort = app.port;
});

afterEach(async () => {
  await house.close();
  await app.close();
});

function ask<T>(token: string, command: Record<string, unknown>): Promise<T> {
  return askCore<T>({ url: house.core.url, accessToken: token, version: '' }, command);
}

describe('ingress of the stub', () => {
  testIngress(() => ({
    url: house.core.url,
    supervisor: house.supervisor,
    app,
    user: house.core.home.plainUser,
    sourceAddress: '127.0.0.2',
  }));
});

describe('generations of the commands for ingress', () => {
  const old = (method: string, endpoint: string) => ({ type: 'supervisor/api', endpoint, method });

  it('has the old ones for plain users, without the options', async () => {
    const { home } = house.core;
    home.generation = 'old';
    house.supervisor.app.options = { access_token: 'secret' };
    const { slug } = house.supervisor.app;
    const info = await ask<Record<string, unknown>>(home.plainUser.token, old('get', `/addons/${slug}/info`));
    expect(info).toMatchObject({
      state: 'started',
      ingress_url: expect.stringContaining('/api/hassio_ingress/') as unknown,
    });
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
    expect(await ask(home.plainUser.token, info)).toMatchObject({
      slug,
      state: 'started',
      ingress_url: expect.stringContaining('/api/hassio_ingress/') as unknown,
    });
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
