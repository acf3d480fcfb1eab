/**
 * MediaServer: the door for players, which send no headers and are no browsers: every URL opens by the key in it (or for
 * all, with `media_access: open`). Anybody's page may play from it, so CORS is open.
 */
import express, { type Express, type Router } from 'express';
import type { Closeable } from '../closeable.ts';
import type { Log } from '../log.ts';
import { errorHandler, notFound, onlyMethods } from './plain.ts';
import type { Status } from './status.ts';
import { TcpServer, type Place, type TcpServerOptions } from './tcp-server.ts';

export interface MediaServerOptions extends Pick<
  TcpServerOptions,
  'maxConnections' | 'breaches' | 'headersTimeoutMs' | 'requestTimeoutMs' | 'keepAliveTimeoutMs' | 'maxHeaderBytes'
> {
  log: Log;
  port: number;
  /** Where the port is chosen, for errors. */
  portOption: string;
  host: string | undefined;
  status: Status;
  /** `media_access: open`: ids are no secret then, and /stream/status names them. */
  open: boolean;
  /** The routes of MP3 and WAV, checking keys unless `open`. */
  streamRoutes: Router;
}

/** A browser that is sent to a sound makes a page of its own around it, which plays that. */
const MEDIA_POLICY = "default-src 'none'; media-src 'self'; frame-ancestors 'self'";
/** How long a browser may remember a preflight. */
const PREFLIGHT_SECONDS = '86400';

export class MediaServer implements Closeable {
  readonly #options: MediaServerOptions;
  readonly #server: TcpServer;

  constructor(options: MediaServerOptions) {
    this.#options = options;
    const log = options.log.child('media-http');
    this.#server = new TcpServer({ ...options, log, handler: this.#createApp(log) });
  }

  get port(): number {
    return this.#server.port;
  }

  get listening(): boolean {
    return this.#server.listening;
  }

  /** See TcpServer; rejects with ListenError. */
  listen(place?: Place): Promise<void> {
    return this.#server.listen(place);
  }

  stopAccepting(): void {
    this.#server.stopAccepting();
  }

  /** Ends every listener's response too. */
  close(): Promise<void> {
    return this.#server.close();
  }

  #createApp(log: Log): Express {
    const { status, open, streamRoutes } = this.#options;
    const app = express();
    app.disable('x-powered-by').disable('etag').set('query parser', 'simple');
    app.use((_request, response, next) => {
      response.set({
        'Access-Control-Allow-Origin': '*',
        'Access-Control-Allow-Headers': 'Icy-MetaData, Range',
        'Access-Control-Expose-Headers': 'icy-br, icy-metaint, icy-name',
        'Access-Control-Max-Age': PREFLIGHT_SECONDS,
        'Content-Security-Policy': MEDIA_POLICY,
        'Cross-Origin-Resource-Policy': 'cross-origin',
        'Referrer-Policy': 'no-referrer',
        'X-Content-Type-Options': 'nosniff',
      });
      next();
    });
    // Before any route: what a wrong method is told depends on no key and no id.
    app.use(onlyMethods('GET', 'HEAD'));
    app.all('/health', status.healthHandler());
    app.all('/stream/status', status.streamsHandler(open));
    app.use(streamRoutes);
    app.use(notFound, errorHandler(log, this.#options.breaches));
    return app;
  }
}
