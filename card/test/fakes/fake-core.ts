import type { Hass } from '../../src/home-assistant.ts';

type Command = { type: string; [key: string]: unknown };

/** Core's commands about ingress, of either generation, with one add-on behind them. */
export class FakeCore {
  /** `none`: without a Supervisor. */
  generation: 'new' | 'old' | 'none' = 'new';
  /** Of plain users in the new generation. */
  panelAdmin = false;
  state: string | null = 'started';
  /** All is refused with this. */
  failure: Error | null = null;
  /** Of a start. */
  startFailure: Error | null = null;
  readonly asked: string[] = [];
  /** Valid ones. */
  readonly sessions = new Set<string>();
  #made = 0;

  hass(user = { id: 'anna', is_admin: true }): Hass {
    return {
      user,
      callWS: async (command) => {
        await Promise.resolve();
        const { endpoint } = command;
        this.asked.push(typeof endpoint === 'string' ? endpoint : command.type);
        return this.#answer(command, user.is_admin);
      },
    };
  }

  #answer(command: Command, isAdmin: boolean): unknown {
    if (this.failure !== null) throw this.failure;
    const { type, endpoint, data, session } = command;
    if (type === 'supervisor/api' && this.generation !== 'none') {
      if (this.generation === 'new' && !isAdmin) throw refusal('unauthorized');
      if (endpoint === '/ingress/session') return this.#create();
      if (endpoint === '/ingress/validate_session') return this.#validate((data as { session: string }).session);
      if (String(endpoint).endsWith('/start')) return this.#start();
      return this.#info(String(endpoint).split('/')[2], 'unknown_error');
    }
    if (this.generation !== 'new') throw refusal('unknown_command');
    if (!isAdmin && this.panelAdmin) throw refusal('unauthorized');
    if (type === 'supervisor/ingress/session') return this.#create();
    if (type === 'supervisor/ingress/validate_session') return this.#validate(String(session));
    return this.#info(String(command['slug']), 'not_found');
  }

  #info(slug: string | undefined, code: string): unknown {
    if (this.state === null) throw refusal(code, `App ${slug ?? ''} does not exist`);
    return { slug, name: 'Voice Streaming', state: this.state, ingress_url: '/api/hassio_ingress/secret/' };
  }

  #start(): unknown {
    if (this.startFailure !== null) throw this.startFailure;
    this.state = 'started';
    return {};
  }

  #create(): unknown {
    this.#made += 1;
    const session = `session-${this.#made}`;
    this.sessions.add(session);
    return { session };
  }

  #validate(session: string): unknown {
    if (!this.sessions.has(session)) throw refusal('unknown_error', '');
    return {};
  }
}

const refusal = (code: string, message = code): Error => Object.assign(new Error(message), { code });
