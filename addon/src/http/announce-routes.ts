/**
 * Announcements over HTTP: POST /announce asks for one, GET /announce/<id> tells how it does, DELETE ends it. JSON in and
 * out, errors too. Whoever got past the door by token is an administrator; of those who come by ingress only they may, as a
 * plain user may only bring the own voice to speakers, and has none here.
 */
import { RequestError, type ErrorCode } from '@voice-streaming/shared/errors';
import express, { Router, type RequestHandler, type Response } from 'express';
import { userOf } from './admit.ts';
import { onlyMethods } from './plain.ts';
import type { Announcer } from './ports.ts';

const MAX_BODY_BYTES = 16 * 1024;
const STATUS: Partial<Record<ErrorCode, number>> = {
  bad_message: 400,
  bad_arguments: 400,
  forbidden: 403,
  announcement_not_found: 404,
  no_speakers: 503,
  server_full: 503,
  closing: 503,
};

/** `check` is the door. Without an announcer every request is answered no_speakers. */
export function createAnnounceRouter(announcer: Announcer | undefined, check: RequestHandler): Router {
  const router = Router();
  const here = (): Announcer => {
    if (announcer) return announcer;
    throw new RequestError(
      'no_speakers',
      'Speakers are reached through Home Assistant, and this server runs without it.',
    );
  };
  router
    .route('/')
    .all(onlyMethods('POST'), check)
    .post(
      onlyJson,
      express.text({ type: 'application/json', limit: MAX_BODY_BYTES, inflate: false }),
      answering((request, response) => {
        const user = userOf(response);
        if (!user.isAdmin) {
          throw new RequestError('forbidden', "Only an administrator may bring another's voice to speakers.");
        }
        return here().announceFrom({ user }, parseBody(request.body));
      }, 202),
    );
  router
    .route('/:id')
    .all(onlyMethods('GET', 'DELETE'), check)
    .get(answering((request, response) => here().get({ user: userOf(response) }, request.params['id'] ?? '')))
    .delete(
      answering((request, response) => {
        const asker = { user: userOf(response) };
        const id = request.params['id'] ?? '';
        here().stop(asker, id);
        return here().get(asker, id);
      }),
    );
  return router;
}

function answering(
  act: (request: express.Request<Record<string, string>>, response: Response) => object,
  status = 200,
): RequestHandler<Record<string, string>> {
  return (request, response) => {
    response.set('Cache-Control', 'no-store');
    try {
      response.status(status).json({ announcement: act(request, response) });
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      sendError(response, STATUS[error.code] ?? 500, error);
    }
  };
}

const onlyJson: RequestHandler = (request, response, next) => {
  if (request.is('application/json')) {
    next();
    return;
  }
  const message = 'Send the announcement as Content-Type: application/json.';
  sendError(response, 415, { code: 'bad_message', message });
};

function parseBody(body: unknown): unknown {
  try {
    return JSON.parse(typeof body === 'string' ? body : '');
  } catch {
    throw new RequestError(
      'bad_message',
      'The body is no JSON: send an object like {"targets": "media_player.kitchen"}.',
    );
  }
}

function sendError(
  response: Response,
  status: number,
  { code, message, limit }: { code: ErrorCode; message: string; limit?: string | undefined },
): void {
  response.status(status).set('Cache-Control', 'no-store').json({ error: { code, message, limit } });
}
