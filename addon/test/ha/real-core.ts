/**
 * The real Home Assistant Core as a process, in the network that addon/tools/house-network.sh makes: Core on port 8123, the stub
 * Supervisor where the real one is, `http://supervisor`.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { insideRoot } from '../../tools/home-assistant.mjs';
import { askCore, type CoreLink } from '../support/stub-core-link.ts';
import { StubSupervisor, type SupervisorOptions } from '../support/stub-supervisor.ts';

/** As the Supervisor starts an app on the host's network, and as it starts Core. */
export const SUPERVISOR_ADDRESS = '172.30.32.2';
const APP_ADDRESS = '172.30.32.1';
const APP_INGRESS_PORT = 62_345;
const CLIENT_ID = 'http://localhost:8123/';
const START_TIMEOUT_MS = 45_000;
/** It waits for browsers to leave, and saves last of all what it knows. */
const STOP_TIMEOUT_MS = 40_000;
const SOCKET_NAME = 'core.sock';

export interface CoreUser {
  id: string;
  name: string;
  username: string;
  isAdmin: boolean;
  tokens: Tokens;
}

/** As Core's frontend keeps them in localStorage under `hassTokens`. */
export interface Tokens {
  access_token: string;
  refresh_token: string;
  token_type: string;
  expires_in: number;
  expires: number;
  hassUrl: string;
  clientId: string;
}

export interface RealCoreOptions extends SupervisorOptions {
  /** More lines of configuration.yaml. */
  yaml?: string;
  resourceMode?: 'storage' | 'yaml';
  /** Whether `<config>/www` is there when Core starts. */
  www?: boolean;
}

export class RealCore {
  readonly url = 'http://localhost:8123';
  readonly supervisor: StubSupervisor;
  /** What the add-on has as `/homeassistant`. */
  readonly configDirectory: string;
  #process: ChildProcess | undefined;
  #exited: Promise<unknown> = Promise.resolve();
  #log = '';
  #version = '';

  private constructor(supervisor: StubSupervisor, configDirectory: string) {
    this.supervisor = supervisor;
    this.configDirectory = configDirectory;
  }

  /** A fresh installation that has never been started, with its Supervisor. Resolves when it answers. */
  static async start(options: RealCoreOptions = {}): Promise<RealCore> {
    const configDirectory = await mkdtemp(join(tmpdir(), 'core-'));
    if (options.www !== false) await mkdir(join(configDirectory, 'www'));
    await writeFile(join(configDirectory, 'configuration.yaml'), configuration(options));
    await writeFile(join(configDirectory, 'automations.yaml'), '[]\n');
    const supervisor = await StubSupervisor.start({
      address: SUPERVISOR_ADDRESS,
      port: 80,
      sourceAddress: SUPERVISOR_ADDRESS,
      ...options,
      app: { ipAddress: APP_ADDRESS, ingressPort: APP_INGRESS_PORT, ...options.app },
    });
    const core = new RealCore(supervisor, configDirectory);
    try {
      await core.#start();
    } catch (error) {
      await core.close();
      throw error;
    }
    return core;
  }

  get link(): CoreLink {
    return { url: this.url, socketPath: join(this.configDirectory, SOCKET_NAME), version: this.#version };
  }

  get version(): string {
    return this.#version;
  }

  /** All it has logged so far. */
  get log(): string {
    return this.#log;
  }

  /** Stops it and starts it again, as its user does after a change that wants a restart. */
  async restart(): Promise<void> {
    await this.#stop();
    await this.#start();
  }

  /** The first user, who is the owner, and all steps of onboarding. */
  async onboard(name = 'Ada', username = 'ada'): Promise<CoreUser> {
    const person = { name, username, password: username, language: 'en', client_id: CLIENT_ID };
    const { auth_code } = await this.post<{ auth_code: string }>('/api/onboarding/users', person);
    const tokens = await this.#exchange(auth_code);
    await this.post('/api/onboarding/core_config', {}, tokens.access_token);
    await this.post('/api/onboarding/analytics', {}, tokens.access_token);
    const redirect = { client_id: CLIENT_ID, redirect_uri: CLIENT_ID };
    await this.post('/api/onboarding/integration', redirect, tokens.access_token);
    const { id } = await this.ask<{ id: string }>(tokens, { type: 'auth/current_user' });
    return { id, name, username, isAdmin: true, tokens };
  }

  /** Somebody of the household, without rights unless `isAdmin`. */
  async addUser(owner: CoreUser, name: string, username: string, isAdmin = false): Promise<CoreUser> {
    const group_ids = [isAdmin ? 'system-admin' : 'system-users'];
    const { user } = await this.ask<{ user: { id: string } }>(owner.tokens, {
      type: 'config/auth/create',
      name,
      group_ids,
    });
    const credentials = { user_id: user.id, username, password: username };
    await this.ask(owner.tokens, { type: 'config/auth_provider/homeassistant/create', ...credentials });
    return { id: user.id, name, username, isAdmin, tokens: await this.#logIn(username, username) };
  }

  /** A command of the WebSocket API in somebody's name. */
  ask<T>(tokens: Tokens, command: Record<string, unknown>): Promise<T> {
    return askCore<T>({ url: this.url, accessToken: tokens.access_token, version: '' }, command);
  }

  async post<T>(path: string, body: unknown, accessToken?: string): Promise<T> {
    const authorization = accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` };
    const headers = { 'content-type': 'application/json', ...authorization };
    const answer = await fetch(this.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
    return JSON.parse(text) as T;
  }

  async close(): Promise<void> {
    await this.#stop();
    await this.supervisor.close();
    await rm(this.configDirectory, { recursive: true, force: true });
  }

  async #logIn(username: string, password: string): Promise<Tokens> {
    const flow = { client_id: CLIENT_ID, handler: ['homeassistant', null], redirect_uri: CLIENT_ID };
    const { flow_id } = await this.post<{ flow_id: string }>('/auth/login_flow', flow);
    const answer = { username, password, client_id: CLIENT_ID };
    const { result } = await this.post<{ result: string }>(`/auth/login_flow/${flow_id}`, answer);
    return this.#exchange(result);
  }

  async #exchange(code: string): Promise<Tokens> {
    const body = new URLSearchParams({ grant_type: 'authorization_code', code, client_id: CLIENT_ID });
    const answer = await fetch(`${this.url}/auth/token`, { method: 'POST', body });
    const tokens = (await answer.json()) as Tokens;
    return { ...tokens, expires: Date.now() + tokens.expires_in * 1000, hassUrl: this.url, clientId: CLIENT_ID };
  }

  async #start(): Promise<void> {
    const [command = '', ...args] = insideRoot(['hass', '--config', '/config', '--skip-pip'], {
      binds: { [this.configDirectory]: '/config' },
      env: {
        SETUP_PORT: '8123',
        SUPERVISOR: SUPERVISOR_ADDRESS,
        SUPERVISOR_TOKEN: this.supervisor.coreToken,
        SUPERVISOR_CORE_API_SOCKET: `/config/${SOCKET_NAME}`,
      },
    });
    const core = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process = core;
    this.#exited = new Promise((resolve) => core.on('exit', resolve));
    for (const output of [core.stdout, core.stderr]) {
      output.setEncoding('utf8').on('data', (text: string) => (this.#log += text));
    }
    const deadline = Date.now() + START_TIMEOUT_MS;
    let version: string | undefined;
    while (version === undefined) {
      if (core.exitCode !== null) throw new Error(`Core ended with ${core.exitCode}:\n${this.#log}`);
      if (Date.now() > deadline) throw new Error(`Core did not answer:\n${this.#log}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
      version = await askCore<{ version: string; state: string }>(this.link, { type: 'get_config' }).then(
        (config) => (config.state === 'RUNNING' ? config.version : undefined),
        () => undefined,
      );
    }
    this.#version = version;
    this.supervisor.core = this.link;
  }

  async #stop(): Promise<void> {
    // Until it runs again the Supervisor neither asks it anything nor lets apps do so.
    this.supervisor.core = null;
    if (this.#process?.exitCode !== null) return;
    this.#process.kill('SIGTERM');
    const forced = setTimeout(() => this.#process?.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.#exited;
    clearTimeout(forced);
  }
}

function configuration({ resourceMode = 'storage', yaml = '' }: RealCoreOptions): string {
  return `
homeassistant:
  name: Home
  unit_system: metric
  time_zone: Europe/Berlin
frontend:
history:
logbook:
lovelace:
  resource_mode: ${resourceMode}
automation: !include automations.yaml
logger:
  default: warning
${yaml}
`;
}
