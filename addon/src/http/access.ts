/**
 * Access: who gets in by which door. The main door decides from the request alone and knows two ways: the access token,
 * which is explicit and therefore good from any origin, and the loopback rule, which is ambient (a browser on this
 * machine proves nothing by being there) and therefore checks Host against DNS rebinding and Origin against other sites.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP } from 'node:net';
import type { User } from '@voice-streaming/shared/protocol';
import type { Rights, TokenAuthority } from './ports.ts';

export interface Door {
  /** Nothing at all is for those whom `decide` refuses; otherwise page, card and health are for everybody. */
  readonly isPrivate: boolean;
  /** Never rejects. */
  decide(request: AccessRequest): Decision | Promise<Decision>;
}

export interface MainDoorOptions {
  tokens: TokenAuthority;
  /** The loopback rule holds; false in the add-on, where nothing is trusted for its address. */
  trustLoopback: boolean;
}

export interface AccessRequest {
  kind: 'http' | 'websocket';
  remoteAddress: string | undefined;
  /** Came over TLS. Default false. */
  secure?: boolean;
  /** As Node names it. Default 1.1. */
  httpVersion?: string;
  /** It depends on whether this is an administrator, which a door may have to ask for. WebSockets always do. */
  administers?: boolean;
  headers: IncomingHttpHeaders;
}

export type Decision =
  /** Without `rights`: all of them. */
  | { kind: 'granted'; user: User; rights?: Rights | undefined }
  /** A WebSocket may open, but must say the token before anything else. */
  | { kind: 'authenticate' }
  | { kind: 'refused'; status: 401 | 403; reason: string };

/** A request that went through a proxy comes from somebody else than its address says. */
const PROXY_HEADERS = ['forwarded', 'via', 'x-real-ip'];
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');
const LOCAL_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i;

export function mainDoor(options: MainDoorOptions): Door {
  return { isPrivate: false, decide: (request) => decide(options, request) };
}

export function decide(door: MainDoorOptions, request: AccessRequest): Decision {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const token = /^Bearer +([^\s]+) *$/i.exec(authorization)?.[1];
    const user = token === undefined ? undefined : door.tokens.userOfToken(token);
    if (user) return { kind: 'granted', user };
    return { kind: 'refused', status: 401, reason: 'The access token is wrong.' };
  }
  if (door.trustLoopback && isFromThisMachine(request)) {
    return { kind: 'granted', user: { name: null, isAdmin: true } };
  }
  if (request.kind === 'websocket') return { kind: 'authenticate' };
  return { kind: 'refused', status: 401, reason: 'An access token is needed: send it as "Authorization: Bearer …".' };
}

/** The loopback rule: all of it, or a token. */
function isFromThisMachine({ remoteAddress, secure, httpVersion, headers }: AccessRequest): boolean {
  return (
    isLoopback(remoteAddress) &&
    // What nginx says of itself, when nobody tells it to say more: it calls us by our own name and adds no header.
    httpVersion !== '1.0' &&
    headers.host !== undefined &&
    LOCAL_HOST.test(headers.host) &&
    !Object.keys(headers).some((name) => name.startsWith('x-forwarded-') || PROXY_HEADERS.includes(name)) &&
    isSameOrigin(headers, `${secure === true ? 'https' : 'http'}://${headers.host}`)
  );
}

/** Whether it is this IPv4 address, also as it looks on a socket of both families (::ffff:172.30.32.2). */
export function isAddress(address: string | undefined, expected: string): boolean {
  const list = new BlockList();
  list.addAddress(expected);
  return isOn(list, address);
}

/** 127.0.0.0/8, ::1 and what they look like on a socket of both families (::ffff:127.0.0.1). */
function isLoopback(address: string | undefined): boolean {
  return isOn(LOOPBACK, address);
}

/** Node's own reading: ::127.0.0.1, which a neighbour may really have, looks like loopback to others. */
function isOn(list: BlockList, address = ''): boolean {
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** What no browser sends across sites: absent headers (a tool), an address typed in (`none`), or our own page. */
function isSameOrigin(headers: IncomingHttpHeaders, own: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'none' && site !== 'same-origin') return false;
  const { origin } = headers;
  if (origin === undefined) return true;
  // Parsed, as a browser leaves out a default port and may write a host in capitals. `own` may be none: port 99999.
  if (!URL.canParse(origin) || !URL.canParse(own)) return false;
  const said = new URL(origin);
  // No browser writes a user or a path there.
  return said.href === `${said.origin}/` && said.origin === new URL(own).origin;
}
