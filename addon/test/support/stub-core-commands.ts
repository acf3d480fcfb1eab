/** Commands of Core's WebSocket API: what the add-on and the card ask, answered and refused as Core does. */
import type { FakeHome, HomeUser } from './stub-core-home.ts';
import { PLAYER_COMMANDS } from './stub-core-players.ts';

/** Refused with Core's code; `message` is what a person might read. */
export class CommandError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface CommandContext {
  home: FakeHome;
  user: HomeUser;
  /** Later events of a subscription go here, under the id of its command. */
  send(message: unknown): void;
  onClose(callback: () => void): void;
}

type Command = { id: number; type: string } & Record<string, unknown>;
type Handler = (context: CommandContext, command: Command) => unknown;

/** What plain users may call by `supervisor/api`. */
const PLAIN_ENDPOINTS = /^(?:\/ingress\/(?:session|validate_session)|\/addons\/[^/]+\/info)$/;
/** Events that plain users may subscribe to, as far as a test may want them. */
const PLAIN_EVENTS = ['state_changed', 'lovelace_updated', 'panels_updated', 'themes_updated', 'component_loaded'];

const COMMANDS: Record<string, Handler> = {
  ...PLAYER_COMMANDS,
  'config/auth/list': admin(({ home }) => home.users.map(userInfo)),
  'auth/current_user': ({ user }) => ({ ...userInfo(user), is_admin: isAdmin(user), credentials: [], mfa_modules: [] }),
  'lovelace/info': ({ home }) => (home.generation === 'old' ? {} : { resource_mode: home.resourceMode }),
  'lovelace/resources': ({ home }) => home.resources,
  'lovelace/resources/list': ({ home }) => home.resources,
  'lovelace/resources/create': admin(({ home }, { res_type, url }) => {
    if (typeof url !== 'string' || typeof res_type !== 'string')
      throw invalid("required key not provided @ data['url']");
    return home.addResource(url, res_type);
  }),
  'lovelace/resources/update': admin(({ home }, { resource_id, res_type, url }) => {
    const found = home.resource(resource_id);
    if (typeof url === 'string') found.url = url;
    if (typeof res_type === 'string') found.type = res_type;
    return found;
  }),
  'lovelace/resources/delete': admin(({ home }, { resource_id }) => {
    home.resources.splice(home.resources.indexOf(home.resource(resource_id)), 1);
    return null;
  }),
  get_config: ({ home }) => home.config(),
  network: admin(({ home }) => ({ adapters: home.adapters, configured_adapters: [] })),
  'network/url': () => ({ internal: 'http://192.168.1.5:8123', external: null, cloud: null }),
  'persistent_notification/get': ({ home }) => [...home.notifications.values()],
  fire_event: admin(({ home, user }, { event_type, event_data }) => {
    home.fireEvent(String(event_type), (event_data ?? {}) as Record<string, unknown>, user.id);
    return { context: { id: 'context', parent_id: null, user_id: user.id } };
  }),
  call_service: async ({ home, user }, { domain, service, service_data, target }) => {
    await home.callService({
      domain: String(domain),
      service: String(service),
      data: { ...(service_data as object | undefined), ...(target as object | undefined) },
      userId: user.id,
    });
    return { context: { id: 'context', parent_id: null, user_id: user.id }, response: null };
  },
  subscribe_events: (context, { id, event_type }) => {
    const type = typeof event_type === 'string' ? event_type : null;
    if (!isAdmin(context.user) && (type === null || !PLAIN_EVENTS.includes(type))) throw unauthorized();
    const unsubscribe = context.home.onEvent((event) => {
      if (type === null || event.event_type === type) context.send({ id, type: 'event', event });
    });
    context.onClose(unsubscribe);
    return null;
  },
  unsubscribe_events: () => null,
  'supervisor/api': async ({ home, user }, { endpoint, method, data }) => {
    const path = String(endpoint);
    const admitted = home.generation !== 'new' && PLAIN_ENDPOINTS.test(path);
    if (!isAdmin(user) && !admitted) throw unauthorized();
    const body = { ...(data as object | undefined), ...(path === '/ingress/session' ? { user_id: user.id } : {}) };
    const result = await home.askSupervisor(path, String(method), body);
    if (!isAdmin(user)) delete result['options'];
    return result;
  },
  'supervisor/ingress/info': newer(async ({ home }, { slug }) => {
    const info = await home.askSupervisor(`/addons/${String(slug)}/info`);
    const { name, version, state, ingress_url } = info;
    return { name, slug: info['slug'], version, state, ingress_url };
  }),
  'supervisor/ingress/session': newer(async ({ home, user }) => {
    const { session } = await home.askSupervisor('/ingress/session', 'post', { user_id: user.id });
    return { session };
  }),
  'supervisor/ingress/validate_session': async ({ home }, { session }) => {
    if (home.generation === 'old') throw unknownCommand();
    await home.askSupervisor('/ingress/validate_session', 'post', { session });
    return null;
  },
};

/** The result of a command, or a promise of it; CommandError where Core refuses. */
export function runCommand(context: CommandContext, command: Command): unknown {
  const { home } = context;
  const handler = COMMANDS[command.type];
  const writesResources = /^lovelace\/resources\/(?:create|update|delete)$/.test(command.type);
  if (!handler || home.unknownCommands.has(command.type)) throw unknownCommand();
  // Core does not register them where resources are written in YAML.
  if (writesResources && home.resourceMode === 'yaml') throw unknownCommand();
  return handler(context, command);
}

export function isAdmin(user: HomeUser): boolean {
  return user.is_owner || user.group_ids.includes('system-admin');
}

function userInfo(user: HomeUser): Record<string, unknown> {
  return { ...user, token: undefined, is_active: true, local_only: false, credentials: [{ type: 'homeassistant' }] };
}

function admin(handler: Handler): Handler {
  return (context, command) => {
    if (!isAdmin(context.user)) throw unauthorized();
    return handler(context, command);
  };
}

/** Generation B, 2026.11 on: for administrators, and for everybody where the panel is not for administrators only. */
function newer(handler: Handler): Handler {
  return async (context, command) => {
    if (context.home.generation === 'old') throw unknownCommand();
    if (!isAdmin(context.user)) {
      const { panels } = await context.home.askSupervisor('/ingress/panels');
      const panel = (panels as Record<string, { admin: boolean } | undefined>)[String(command['slug'])];
      if (panel?.admin !== false) throw unauthorized();
    }
    return handler(context, command);
  };
}

function unauthorized(): CommandError {
  return new CommandError('unauthorized', 'Unauthorized');
}

function unknownCommand(): CommandError {
  return new CommandError('unknown_command', 'Unknown command.');
}

function invalid(message: string): CommandError {
  return new CommandError('invalid_format', message);
}
