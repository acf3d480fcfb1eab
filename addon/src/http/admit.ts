/** A door as an Express middleware: in, or refused with one sentence. */
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { User } from '@voice-streaming/shared/protocol';
import type { RequestHandler, Response } from 'express';
import type { AccessRequest, Door } from './access.ts';
import { sendPlain } from './plain.ts';
import type { Admission } from './ports.ts';
import { ALL_RIGHTS } from './user-rights.ts';

export function accessRequestOf(request: IncomingMessage, kind: AccessRequest['kind']): AccessRequest {
  const { socket, headers, httpVersion } = request;
  return { kind, remoteAddress: socket.remoteAddress, secure: socket instanceof TLSSocket, httpVersion, headers };
}

/** Of a request that `admit` let in. */
export function userOf(response: Response): User {
  return admissionOf(response).user ?? { name: null, isAdmin: false };
}

/** As the door let this request in; whoever came by a ticket or a key, past the door, has no name. */
export function admissionOf(response: Response): Required<Pick<Admission, 'user' | 'rights'>> {
  const { user, rights } = (response.locals['admission'] as Admission | undefined) ?? {};
  return { user, rights: rights ?? ALL_RIGHTS };
}

/** Where the client itself is: behind ingress what Home Assistant says, which nobody else can reach; undefined: not known. */
export function clientAddressOf({ socket, headers }: IncomingMessage, door: Door): string | undefined {
  const forwarded = [headers['x-forwarded-for']].flat()[0];
  const address = door.isPrivate ? forwarded?.split(',', 1)[0]?.trim() : socket.remoteAddress;
  return address?.replace(/^::ffff:/, '');
}

export function admit(door: Door, { administers = false } = {}): RequestHandler {
  return async (request, response, next) => {
    const decision = await door.decide({ ...accessRequestOf(request, 'http'), administers });
    if (decision.kind === 'granted') {
      response.locals['admission'] = decision;
      next();
      return;
    }
    const { status, reason } =
      decision.kind === 'refused' ? decision : { status: 401, reason: 'An access token is needed.' };
    if (status === 401) response.set('WWW-Authenticate', 'Bearer realm="voice-streaming"');
    sendPlain(response, status, reason);
  };
}
