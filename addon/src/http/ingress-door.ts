/**
 * The ingress door: only the Supervisor gets in, and it says in X-Remote-User-* who stands behind it; it takes these
 * headers from what clients send, so they are true here and worth nothing at any other door. Host and Origin are those
 * of Home Assistant, whose login has been passed: they are not looked at.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { User } from '@voice-streaming/shared/protocol';
import { isAddress, type AccessRequest, type Decision, type Door } from './access.ts';
import type { Administrators } from './ports.ts';
import type { UserRights } from './user-rights.ts';

export interface IngressDoorOptions {
  administrators: Administrators;
  /** Undefined: everybody may do everything but administer. */
  rights?: UserRights | undefined;
  /** From where the Supervisor comes, in every installation. Default 172.30.32.2. */
  supervisorAddress?: string | undefined;
}

const SUPERVISOR_ADDRESS = '172.30.32.2';
const MAX_NAME_CHARS = 64;

export class IngressDoor implements Door {
  readonly isPrivate = true;
  readonly #options: IngressDoorOptions;

  constructor(options: IngressDoorOptions) {
    this.#options = options;
  }

  decide({
    kind,
    remoteAddress,
    headers,
    administers = kind === 'websocket',
  }: AccessRequest): Decision | Promise<Decision> {
    if (!isAddress(remoteAddress, this.#options.supervisorAddress ?? SUPERVISOR_ADDRESS)) {
      return { kind: 'refused', status: 403, reason: "This door is for Home Assistant's Supervisor alone." };
    }
    const name = nameOf(headers);
    const id = textOf(headers['x-remote-user-id']);
    const isLimited = this.#options.rights?.limitsSomebody === true;
    // Of page and sound nothing else depends on who it is: Core need not be asked.
    if (id === undefined || !(administers || isLimited)) return this.#grant(headers, { name, isAdmin: false });
    return this.#ask(headers, id, name);
  }

  async #ask(headers: IncomingHttpHeaders, id: string, name: string | null): Promise<Decision> {
    return this.#grant(headers, { name, isAdmin: await this.#options.administrators.has(id) });
  }

  #grant(headers: IncomingHttpHeaders, user: User): Decision {
    const names = ['id', 'name', 'display-name'].flatMap((part) => textOf(headers[`x-remote-user-${part}`]) ?? []);
    return { kind: 'granted', user, rights: this.#options.rights?.of(names, user.isAdmin) };
  }
}

/** The name people see, else the one they log in with. Absent: the Supervisor could not ask Core. */
function nameOf(headers: IncomingHttpHeaders): string | null {
  const name = textOf(headers['x-remote-user-display-name']) ?? textOf(headers['x-remote-user-name']);
  return name === undefined ? null : Array.from(name).slice(0, MAX_NAME_CHARS).join('');
}

/** The Supervisor writes UTF-8, Node reads Latin-1. */
function textOf(value: string | string[] | undefined): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = Buffer.from(value, 'latin1')
    .toString('utf8')
    .replace(/[\u0000-\u001f\u007f-\u009f]/g, '')
    .trim();
  return text === '' ? undefined : text;
}
