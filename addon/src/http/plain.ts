/**
 * Plain answers: every refusal of both servers is one sentence of text. Express's own 404 and error pages are HTML,
 * which players would show as garbage or try to play.
 */
import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import type { Log } from '../log.ts';
import { LimitBreaches, type BreachCounter } from '../media/limit-breaches.ts';

/** Names the limit that was reached, as in PROTOCOL.md. */
export const LIMIT_HEADER = 'Voice-Streaming-Limit';
/** Also of a wrong key: nothing tells it from an unknown id. */
export const NOT_FOUND = 'Not found.';

/** Of what is text and nothing else. */
export const BARE_HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
} as const;

export function sendPlain(response: Response, status: number, sentence: string): void {
  response.status(status).type('text/plain').set('Cache-Control', 'no-store').send(`${sentence}\n`);
}

export const notFound: RequestHandler = (_request, response) => sendPlain(response, 404, NOT_FOUND);

/** For the end of a route: 405 with Allow, and an answer to OPTIONS. */
export function onlyMethods(...methods: readonly string[]): RequestHandler {
  const allow = [...methods, 'OPTIONS'].join(', ');
  return (request, response, next) => {
    if (methods.includes(request.method)) {
      next();
      return;
    }
    response.set('Allow', allow);
    if (request.method === 'OPTIONS') response.status(204).end();
    else sendPlain(response, 405, `This address takes ${methods.join(', ')} only.`);
  };
}

/** A whole answer, as bytes, where there is no Express: before a request could be read, or to a refused upgrade. */
export function bareAnswer(status: number, sentence: string, headers: readonly string[] = []): string {
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(sentence) + 1}`,
    ...Object.entries(BARE_HEADERS).map(([name, value]) => `${name}: ${value}`),
    ...headers,
    'Connection: close',
    '',
    `${sentence}\n`,
  ].join('\r\n');
}

/** The same where no app is asked. */
export function sendBare(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', ...BARE_HEADERS, Connection: 'close' });
  response.end(`${sentence}\n`);
}

/** The last handler of an app: the client's faults keep their status, ours are logged and tell nothing. */
export function errorHandler(log: Log, breaches: BreachCounter = new LimitBreaches({ log })): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const status = clientStatusOf(error);
    if (status === undefined) log.error(`${request.method} failed`, error);
    if (response.headersSent) {
      // Express's default handler then closes the connection, which is all that is left to say.
      next(error);
      return;
    }
    if (status === 413) {
      breaches.count('body_bytes', 'The body of a request is too large.');
      response.set(LIMIT_HEADER, 'body_bytes');
    }
    sendPlain(response, status ?? 500, status === undefined ? 'Something failed here.' : sentenceOf(status));
  };
}

function clientStatusOf(error: unknown): number | undefined {
  // A broken percent escape in a path, wherever it is decoded.
  if (error instanceof URIError) return 400;
  if (typeof error !== 'object' || error === null || !('status' in error)) return undefined;
  const { status } = error;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}

function sentenceOf(status: number): string {
  if (status === 400) return 'The address or the body cannot be read.';
  if (status === 404) return NOT_FOUND;
  if (status === 413) return 'The body is too large.';
  return `${STATUS_CODES[status] ?? 'Refused'}.`;
}
