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
  const { socket, headers } = request;
  return { kind, remoteAddress: socket.remoteAddress, secure: socket instanceof TLSSocket, headers };
}

/** Of a request that `admit` let in. */
export function userOf(response: Response): User {
  return admissionOf(response).user ?? { name: null, isAdmin: false };
}

/** As the door let this request in; whoever came by a ticket or a key, past the door, has no name. */
export function admissionOf(response: Response): Required<Admission> {
  const { user, rights } = (response.locals['admission'] as Admission | undefined) ?? {};
  return { user, rights: rights ?? ALL_RIGHTS };
}

export function admit(door: Door): RequestHandler {
  return async (request, response, next) => {
    const decision = await door.decide(accessRequestOf(request, 'http'));
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
