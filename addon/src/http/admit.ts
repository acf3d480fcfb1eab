/** The main door as an Express middleware: in with the user, or 401. */
import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import { decide, type AccessRequest, type Door } from './access.ts';
import { sendPlain } from './plain.ts';

export function accessRequestOf(request: IncomingMessage, kind: AccessRequest['kind']): AccessRequest {
  return { kind, remoteAddress: request.socket.remoteAddress, headers: request.headers };
}

export function admit(door: Door): RequestHandler {
  return (request, response, next) => {
    const decision = decide(door, accessRequestOf(request, 'http'));
    if (decision.kind === 'granted') {
      next();
      return;
    }
    response.set('WWW-Authenticate', 'Bearer realm="voice-streaming"');
    sendPlain(response, 401, decision.kind === 'refused' ? decision.reason : 'An access token is needed.');
  };
}
