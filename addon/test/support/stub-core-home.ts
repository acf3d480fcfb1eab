/** What a stub Core knows and keeps: users, resources, events, services called. Tests read and change it at will. */
import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { CommandError } from './stub-core-commands.ts';
import { FakePlayers } from './stub-core-players.ts';

export interface HomeUser {
  id: string;
  name: string | null;
  username: string | null;
  is_owner: boolean;
  system_generated: boolean;
  group_ids: string[];
  /** Access token, also the one in the browser. */
  token: string;
}

export interface HomeEvent {
  event_type: string;
  data: Record<string, unknown>;
  context: { user_id: string };
}

export interface ServiceCall {
  domain: string;
  service: string;
  data: Record<string, unknown>;
  userId: string;
}

export interface Resource {
  id: string;
  type: string;
  url: string;
}

/**
 * Commands for ingress. `old`: only `supervisor/api`, plain users too, for three endpoints. `both`: 2026.11.0 has those and
 * `supervisor/ingress/*`. `new`: `supervisor/api` is for administrators alone.
 */
export type Generation = 'old' | 'both' | 'new';

export class FakeHome {
  readonly users: HomeUser[];
  readonly resources: Resource[] = [];
  readonly events: HomeEvent[] = [];
  readonly serviceCalls: ServiceCall[] = [];
  readonly players = new FakePlayers();
  /** What a service does, before it is answered; throws CommandError where it fails. */
  serve: (call: ServiceCall) => void | Promise<void> = () => undefined;
  /** Those that were created and not dismissed, by id. */
  readonly notifications = new Map<string, Record<string, unknown>>();
  /** Commands to be refused as an older Core would. */
  readonly unknownCommands = new Set<string>();
  readonly adapters: Record<string, unknown>[] = [
    { name: 'end0', enabled: true, auto: true, default: true, ipv4: [{ address: '192.168.1.5', network_prefix: 24 }] },
  ];
  generation: Generation = 'both';
  resourceMode: 'storage' | 'yaml' = 'storage';
  version = '2026.11.0';
  /** Where `supervisor/…` commands go. */
  supervisor: { url: string; coreToken: string } | null = null;
  readonly #emitter = new EventEmitter().setMaxListeners(0);

  constructor() {
    this.users = [
      user('Supervisor', null, ['system-admin'], { system_generated: true }),
      user('Ada', 'ada', ['system-admin'], { is_owner: true }),
      user('Björn', 'björn', ['system-users']),
    ];
  }

  get supervisorUser(): HomeUser {
    return this.users[0]!;
  }

  /** An administrator, who is the owner. */
  get admin(): HomeUser {
    return this.users[1]!;
  }

  get plainUser(): HomeUser {
    return this.users[2]!;
  }

  addUser(name: string, groups: string[] = ['system-users']): HomeUser {
    const added = user(name, name.toLowerCase(), groups);
    this.users.push(added);
    return added;
  }

  addResource(url: string, type = 'module'): Resource {
    const added = { id: randomBytes(16).toString('hex'), type, url };
    this.resources.push(added);
    return added;
  }

  resource(id: unknown): Resource {
    const found = this.resources.find((resource) => resource.id === id);
    if (!found) throw new CommandError('not_found', `Unable to find resource_id ${String(id)}`);
    return found;
  }

  fireEvent(type: string, data: Record<string, unknown>, userId: string): void {
    const event = { event_type: type, data, context: { user_id: userId } };
    this.events.push(event);
    this.#emitter.emit('event', event);
  }

  async callService(call: ServiceCall): Promise<void> {
    this.serviceCalls.push(call);
    if (call.domain === 'persistent_notification') {
      const id = (call.data['notification_id'] as string | undefined) ?? `notification-${this.serviceCalls.length}`;
      if (call.service === 'create') this.notifications.set(id, { ...call.data, notification_id: id });
      if (call.service === 'dismiss') this.notifications.delete(id);
    }
    this.#emitter.emit('service', call);
    await this.serve(call);
  }

  /** Call the returned function to stop. */
  onEvent(callback: (event: HomeEvent) => void): () => void {
    this.#emitter.on('event', callback);
    return () => this.#emitter.off('event', callback);
  }

  onService(callback: (call: ServiceCall) => void): () => void {
    this.#emitter.on('service', callback);
    return () => this.#emitter.off('service', callback);
  }

  config(): Record<string, unknown> {
    return {
      version: this.version,
      location_name: 'Home',
      language: 'en',
      internal_url: null,
      external_url: null,
      time_zone: 'Europe/Berlin',
      components: ['hassio', 'lovelace', 'frontend'],
      state: 'RUNNING',
    };
  }

  /** The `data` of the Supervisor's answer; what it refuses is refused as Core refuses it. */
  async askSupervisor(path: string, method = 'get', body?: unknown): Promise<Record<string, unknown>> {
    if (!this.supervisor) throw new CommandError('unknown_error', 'Error occurred connecting to supervisor');
    const { url, coreToken } = this.supervisor;
    const headers = { authorization: `Bearer ${coreToken}`, 'content-type': 'application/json' };
    const answer = await fetch(url + path, {
      method: method.toUpperCase(),
      headers,
      ...(body === undefined || method === 'get' ? {} : { body: JSON.stringify(body) }),
    }).catch(() => null);
    const said = (await answer?.json().catch(() => null)) as {
      message?: string;
      data?: Record<string, unknown>;
    } | null;
    if (!answer?.ok) throw new CommandError('unknown_error', said?.message ?? 'Unknown error, see supervisor');
    return said?.data ?? {};
  }
}

function user(name: string, username: string | null, groups: string[], more: Partial<HomeUser> = {}): HomeUser {
  return {
    id: randomBytes(16).toString('hex'),
    name,
    username,
    is_owner: false,
    system_generated: false,
    group_ids: groups,
    token: randomBytes(32).toString('base64url'),
    ...more,
  };
}
