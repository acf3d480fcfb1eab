/** The real Core keeps the rules that the stubs are made after. When one of these fails, the stubs are out of date. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startEchoApp, type EchoApp } from '../support/echo-app.ts';
import { testIngress } from '../support/ingress-contract.ts';
import { askCore, openCore, type CoreLink } from '../support/stub-core-link.ts';
import { RealCore, SUPERVISOR_ADDRESS, type CoreUser } from './real-core.ts';

let core: RealCore;
let ada: CoreUser;
let björn: CoreUser;

beforeAll(async () => {
  core = await RealCore.start();
  ada = await core.onboard();
  björn = await core.addUser(ada, 'Björn', 'bjorn');
});

afterAll(() => core.close());

describe('ingress of the real Core', () => {
  let app: EchoApp;
  beforeEach(async () => {
    const { ipAddress, ingressPort } = core.supervisor.app;
    app = await startEchoApp(ipAddress, ingressPort);
  });
  afterEach(() => app.close());

  testIngress(() => ({
    url: core.url,
    supervisor: core.supervisor,
    app,
    user: { id: björn.id, token: björn.tokens.access_token },
    sourceAddress: SUPERVISOR_ADDRESS,
  }));
});

describe('Core behind the Supervisor', () => {
  const app = (): CoreLink => ({
    url: `${core.supervisor.url}/core`,
    accessToken: core.supervisor.appToken,
    version: '',
  });

  it('lets the add-on register resources, fire events and see the users, as an administrator', async () => {
    expect(await askCore(app(), { type: 'lovelace/info' })).toEqual({ resource_mode: 'storage' });
    const made = await askCore<{ id: string }>(app(), {
      type: 'lovelace/resources/create',
      res_type: 'module',
      url: '/local/x.js?v=1',
    });
    expect(await askCore(app(), { type: 'lovelace/resources' })).toEqual([
      { id: made.id, type: 'module', url: '/local/x.js?v=1' },
    ]);
    const users = await askCore<{ id: string; name: string }[]>(app(), { type: 'config/auth/list' });
    expect(users.map(({ name }) => name)).toEqual(expect.arrayContaining(['Supervisor', 'Ada', 'Björn']));
    expect(await askCore(app(), { type: 'fire_event', event_type: 'voice_streaming_started' })).toHaveProperty(
      'context',
    );
    expect(await askCore(app(), { type: 'network' })).toHaveProperty('adapters');
    await expect(openCore({ ...app(), accessToken: 'wrong' })).rejects.toThrow('auth_invalid');
  });

  it('refuses plain users what only administrators may', async () => {
    const commands = [
      { type: 'config/auth/list' },
      { type: 'fire_event', event_type: 'x' },
      { type: 'lovelace/resources/create', res_type: 'module', url: '/local/x.js' },
      { type: 'subscribe_events', event_type: 'voice_streaming_started' },
    ];
    for (const command of commands) await expect(core.ask(björn.tokens, command)).rejects.toThrow('unauthorized');
  });
});
