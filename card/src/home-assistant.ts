/**
 * Home Assistant as a card meets it: who the user is, and the commands about ingress in both generations. The only file
 * that knows the commands of its WebSocket API.
 */
import { Emitter } from './emitter.ts';

/** What is read of the object that dashboards give to cards. */
export interface Hass {
  language?: string;
  locale?: { language?: string };
  user?: { id: string; is_admin: boolean };
  /** `NOT_RUNNING`, `STARTING`, `RUNNING`… */
  config?: { state?: string };
  callWS?: (message: { type: string; [key: string]: unknown }) => Promise<unknown>;
}

/** An add-on, as far as every user may know it. */
export interface AppInfo {
  state: string;
  /** `/api/hassio_ingress/<token>/`, the same over updates. */
  ingressUrl: string;
}

/** `notInstalled`: no such add-on. `forbidden`: not for this user. `noSupervisor`: Home Assistant knows no add-ons at all. */
export type RefusalCode = 'notInstalled' | 'forbidden' | 'noSupervisor';

/** Home Assistant has answered, and asking again changes nothing by itself. */
export class RefusedError extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode) {
    super(code);
    this.name = 'RefusedError';
    this.code = code;
  }
}

const RUNNING = 'RUNNING';

type Command = { type: string; [key: string]: unknown };

export class HomeAssistant {
  /** Another user looks at this page now. */
  readonly userChanged = new Emitter();
  #hass: Hass | null = null;
  /** It does not know the commands of 2026.11, which plain users need from then on. */
  #isOlder = false;

  /** The newest object; a new one comes with every change in the house. */
  set hass(hass: Hass) {
    const before = this.#hass?.user?.id;
    this.#hass = hass;
    if (before !== undefined && hass.user?.id !== before) this.userChanged.emit();
  }

  get userId(): string | undefined {
    return this.#hass?.user?.id;
  }

  get isAdmin(): boolean {
    return this.#hass?.user?.is_admin ?? false;
  }

  /** Not all parts of it are there while it starts. */
  get isRunning(): boolean {
    return (this.#hass?.config?.state ?? RUNNING) === RUNNING;
  }

  /** Rejects with RefusedError, or with whatever went wrong on the way. */
  async appInfo(slug: string): Promise<AppInfo> {
    const info = (await this.#ask(
      { type: 'supervisor/ingress/info', slug },
      { type: 'supervisor/api', endpoint: `/addons/${slug}/info`, method: 'get' },
    )) as { state?: unknown; ingress_url?: unknown };
    if (typeof info.ingress_url !== 'string') throw new RefusedError('notInstalled');
    return { state: String(info.state), ingressUrl: info.ingress_url };
  }

  async createSession(slug: string): Promise<string> {
    const { session } = (await this.#ask(
      { type: 'supervisor/ingress/session', slug },
      { type: 'supervisor/api', endpoint: '/ingress/session', method: 'post' },
    )) as { session: string };
    return session;
  }

  /** 15 more minutes; rejects when it is none any more. */
  async validateSession(session: string): Promise<void> {
    await this.#ask(
      { type: 'supervisor/ingress/validate_session', session },
      { type: 'supervisor/api', endpoint: '/ingress/validate_session', method: 'post', data: { session } },
    );
  }

  /** For administrators; resolves when it is up. */
  startApp(slug: string): Promise<unknown> {
    return this.#call({ type: 'supervisor/api', endpoint: `/addons/${slug}/start`, method: 'post', timeout: null });
  }

  async #ask(newer: Command, older: Command): Promise<unknown> {
    if (this.#isOlder) {
      try {
        return await this.#call(older);
      } catch (error) {
        if (!['unauthorized', 'unknown_command'].includes(codeOf(error) ?? '')) throw refusalOf(error);
        // It may have been updated under this page.
        this.#isOlder = false;
      }
    }
    try {
      return await this.#call(newer);
    } catch (error) {
      if (codeOf(error) !== 'unknown_command') throw refusalOf(error);
    }
    try {
      const result = await this.#call(older);
      this.#isOlder = true;
      return result;
    } catch (error) {
      throw this.isRunning ? refusalOf(error) : error;
    }
  }

  #call(command: Command): Promise<unknown> {
    return this.#hass?.callWS?.(command) ?? Promise.reject(new Error('no hass'));
  }
}

/** Of the page: there is one Home Assistant, however many cards. */
export const homeAssistant = new HomeAssistant();

/** The add-on that registered this file as a resource of dashboards says so in its URL. */
export function ownSlug(resourceUrl: string = import.meta.url): string | undefined {
  return new URL(resourceUrl).searchParams.get('app') ?? undefined;
}

/** Core rejects with `{code, message}`; a lost connection is a bare number. */
function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

function refusalOf(error: unknown): unknown {
  const { message } = (error ?? {}) as { message?: unknown };
  switch (codeOf(error)) {
    case 'unknown_command':
      return new RefusedError('noSupervisor');
    case 'unauthorized':
      return new RefusedError('forbidden');
    case 'not_found':
      return new RefusedError('notInstalled');
    case 'unknown_error':
      return /does not exist|not installed|404/i.test(String(message)) ? new RefusedError('notInstalled') : error;
    default:
      return error;
  }
}
