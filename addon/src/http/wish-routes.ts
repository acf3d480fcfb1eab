/**
 * The HTTP that WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep) share: an offer in by POST, an answer and a session URL
 * out, DELETE on that URL ends it. Errors are one sentence of text. Neither trickle ICE nor ICE restarts: our answer
 * holds all candidates and the client's checks say where it is, so PATCH is not allowed.
 */
import { randomBytes } from 'node:crypto';
import express, { Router, type Request, type RequestHandler, type Response } from 'express';
import { admissionOf } from './admit.ts';
import type { LimitName } from '../media/limit-breaches.ts';
import { LIMIT_HEADER, onlyMethods, sendPlain } from './plain.ts';
import type { Admission } from './ports.ts';

/** One of the two protocols behind the routes. */
export interface WishEndpoint {
  /** First part of the path: `whip` or `whep`. */
  readonly protocol: 'whip' | 'whep';
  /** Rejects with WishError. */
  open(request: WishRequest): Promise<WishSession>;
  /** The session of this URL, if it is open. */
  find(id: string, sessionId: string): WishSession | undefined;
}

export interface WishRequest {
  /** The last part of the endpoint's path. */
  id: string;
  offer: string;
  /** What `?name=` says. */
  name: string | undefined;
  /** Who asks. Left out: somebody who may do all. */
  admission?: Admission;
  /** The client's address. */
  address?: string | undefined;
}

export interface WishSession {
  /** 128 random bits: whoever knows the URL may end the session. */
  readonly sessionId: string;
  readonly answer: string;
  end(): Promise<void>;
}

/** A request that was understood and refused. */
export class WishError extends Error {
  readonly status: 400 | 403 | 404 | 406 | 409 | 503;
  readonly limit: LimitName | undefined;

  constructor(
    status: WishError['status'],
    message: string,
    options?: ErrorOptions & { limit?: LimitName | undefined },
  ) {
    super(message, options);
    this.limit = options?.limit;
    this.name = 'WishError';
    this.status = status;
  }
}

export const SDP_TYPE = 'application/sdp';
/** As much as signaling takes, see shared/parse.ts. */
const MAX_OFFER_BYTES = 64 * 1024;
const RETRY_AFTER_SECONDS = '5';

/** `check` is the door; preflights pass before it, as they carry no token. */
export function createWishRouter(endpoint: WishEndpoint, check: RequestHandler): Router {
  // Not strict: a slash at the end, as people paste addresses, is no other address.
  const router = Router();
  // Pages elsewhere may use it with a token; the loopback rule never lets another origin in.
  router.use((_request, response, next) => {
    response.set({
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Allow-Methods': 'POST, DELETE',
      'Access-Control-Allow-Headers': 'Authorization, Content-Type, If-Match',
      'Access-Control-Expose-Headers': `Location, ETag, WWW-Authenticate, Retry-After, ${LIMIT_HEADER}`,
      'Cross-Origin-Resource-Policy': 'cross-origin',
    });
    next();
  });
  router
    .route('/:id')
    .options((_request, response) => {
      response.set({ Allow: 'POST, OPTIONS', 'Accept-Post': SDP_TYPE }).status(200).end();
    })
    // RFC 9725 4.1: a resource without a representation, not a wrong method.
    .get(check, noContent)
    .post(check, onlySdp, express.text({ type: SDP_TYPE, limit: MAX_OFFER_BYTES, inflate: false }), post(endpoint))
    .all(onlyMethods('POST'));
  router
    .route('/:id/:session')
    .get(check, noContent)
    .delete(check, async (request: Request<{ id: string; session: string }>, response) => {
      const session = endpoint.find(request.params.id, request.params.session);
      if (!session) {
        sendPlain(response, 404, 'There is no such session; it may have ended.');
        return;
      }
      await session.end();
      response.status(200).end();
    })
    .all(onlyMethods('DELETE'));
  return router;
}

const noContent: RequestHandler = (_request, response) => {
  response.status(204).end();
};

/** `Content-Type` may have parameters; anything but SDP is told what would be right. */
const onlySdp: RequestHandler = (request, response, next) => {
  const type = request.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  if (type === SDP_TYPE) {
    next();
    return;
  }
  response.set('Accept-Post', SDP_TYPE);
  sendPlain(response, 415, `Send the offer as Content-Type: ${SDP_TYPE}.`);
};

function post(endpoint: WishEndpoint): RequestHandler<{ id: string }> {
  return async (request, response) => {
    const body: unknown = request.body;
    const { name } = request.query;
    const offer = typeof body === 'string' ? body : '';
    if (!/^v=0\r?\n/.test(offer) || !/\nm=/.test(offer)) {
      sendPlain(response, 400, 'The body is no SDP offer: it must begin with "v=0" and have a media section ("m=").');
      return;
    }
    const { id } = request.params;
    try {
      const session = await endpoint.open({
        id,
        offer,
        name: typeof name === 'string' ? name : undefined,
        admission: admissionOf(response),
        address: request.socket.remoteAddress,
      });
      await answer(response, session, locationOf(request, session));
    } catch (error) {
      if (!(error instanceof WishError)) throw error;
      if (error.status === 503) response.set('Retry-After', RETRY_AFTER_SECONDS);
      if (error.limit) response.set(LIMIT_HEADER, error.limit);
      sendPlain(response, error.status, error.message);
    }
  };
}

/**
 * Relative to the URL of the request (RFC 9725 4.2 allows it, RFC 3986 5 says how): behind a proxy that puts something
 * before our paths, as ingress does, only the client knows the whole of it.
 */
function locationOf({ path, params: { id } }: Request<{ id: string }>, { sessionId }: WishSession): string {
  return path.endsWith('/') ? sessionId : `${encodeURIComponent(id)}/${sessionId}`;
}

async function answer(response: Response, session: WishSession, location: string): Promise<void> {
  if (response.destroyed) {
    // The client left while the peer was made: nobody will ever know the session's URL.
    await session.end();
    return;
  }
  response.status(201).set({
    Location: location,
    ETag: `"${randomBytes(8).toString('hex')}"`,
    'Cache-Control': 'no-store',
    'Content-Type': SDP_TYPE,
  });
  // As bytes, or Express would add a charset, which application/sdp does not have (RFC 8866 8.1).
  response.end(session.answer);
}
