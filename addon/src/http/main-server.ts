/**
 * MainServer: what people and tools come to: the page, signaling, status, WHIP and WHEP, and the media streams without
 * keys. It stands behind a door of its own or behind the one of ingress. Signaling, WHIP and stream routes are handed in;
 * it decides only who gets to them.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import express, { type Express, type Router } from 'express';
import type { Closeable } from '../closeable.ts';
import type { Log } from '../log.ts';
import type { Door } from './access.ts';
import { accessRequestOf, admissionOf, admit, clientAddressOf } from './admit.ts';
import type { Metrics } from './metrics.ts';
import { createAnnounceRouter } from './announce-routes.ts';
import { createPage, securityHeaders } from './page.ts';
import { bareAnswer, errorHandler, NOT_FOUND, notFound, onlyMethods, sendPlain } from './plain.ts';
import type { Admission, Announcer } from './ports.ts';
import type { Status } from './status.ts';
import { hasTicket, parsePath } from './media-path.ts';
import { TcpServer, type Place, type TcpServerOptions } from './tcp-server.ts';
import { createWishRouter, type WishEndpoint } from './wish-routes.ts';

export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer, admission: Admission) => void;

export interface MainServerOptions extends Pick<
  TcpServerOptions,
  | 'maxConnections'
  | 'breaches'
  | 'headersTimeoutMs'
  | 'requestTimeoutMs'
  | 'keepAliveTimeoutMs'
  | 'maxHeaderBytes'
  | 'tls'
  | 'handshakeTimeoutMs'
> {
  log: Log;
  port: number;
  /** Where the port is chosen, for errors; undefined: it is not ours to choose. */
  portOption: string | undefined;
  host: string | undefined;
  door: Door;
  /** Where the page and the card's bundle are: card/dist. */
  pageDirectory: string;
  status: Status;
  metrics: Metrics;
  whip: WishEndpoint;
  whep: WishEndpoint;
  /** Left out: there are no speakers. */
  announcer?: Announcer | undefined;
  /** The routes of MP3 and WAV, checking no key, but tickets. */
  streamRoutes: Router;
  /** Takes over a WebSocket to `/ws`. */
  onUpgrade: UpgradeHandler;
}

const SIGNALING_PATH = '/ws';

export class MainServer implements Closeable {
  readonly #options: MainServerOptions;
  readonly #server: TcpServer;

  constructor(options: MainServerOptions) {
    this.#options = options;
    const log = options.log.child('http');
    this.#server = new TcpServer({
      ...options,
      log,
      handler: this.#createApp(log),
      onUpgrade: (request, socket, head) => {
        this.#upgrade(request, socket, head).catch((error: unknown) => {
          log.error('an upgrade failed', error);
          socket.destroy();
        });
      },
    });
  }

  get port(): number {
    return this.#server.port;
  }

  /** See TcpServer; rejects with ListenError. */
  listen(place?: Place): Promise<void> {
    return this.#server.listen(place);
  }

  stopAccepting(): void {
    this.#server.stopAccepting();
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  #createApp(log: Log): Express {
    const { door, pageDirectory, status, metrics, whip, whep, announcer, streamRoutes } = this.#options;
    const readOnly = onlyMethods('GET', 'HEAD');
    const check = admit(door);
    const app = express();
    app.disable('x-powered-by').set('etag', 'strong').set('query parser', 'simple');
    app.use(securityHeaders);
    if (door.isPrivate) app.use(check);
    app.all('/health', readOnly, status.healthHandler());
    app.all('/metrics', readOnly, check, metrics.handler());
    app.all('/stream/status', readOnly, check, status.streamsHandler(true));
    app.use('/whip', createWishRouter(whip, check));
    app.use('/whep', createWishRouter(whep, check));
    app.use('/announce', createAnnounceRouter(announcer, admit(door, { administers: true })));
    // By the routes' own reading of the path, so that no spelling gets past the check.
    app.use((request, response, next) => {
      const target = parsePath(request.path);
      if (target && !hasTicket(target)) check(request, response, next);
      else next();
    });
    app.use((request, response, next) => {
      if (admissionOf(response).rights?.mayListen === false && parsePath(request.path)) {
        sendPlain(response, 403, 'You may not listen here: an administrator chose who may.');
      } else next();
    });
    app.use(streamRoutes);
    app.all(SIGNALING_PATH, (_request, response) => {
      response.set({ Upgrade: 'websocket', Connection: 'Upgrade, close' });
      sendPlain(response, 426, 'This address takes WebSockets only.');
    });
    app.use(createPage(pageDirectory));
    app.use(notFound, errorHandler(log, this.#options.breaches));
    return app;
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // Without a listener a reset connection would end the process.
    socket.on('error', () => socket.destroy());
    const { door, onUpgrade } = this.#options;
    const isSignaling = request.url?.split('?', 1)[0] === SIGNALING_PATH;
    if (!isSignaling && !door.isPrivate) {
      refuse(socket, 404, NOT_FOUND);
      return;
    }
    const decision = await door.decide(accessRequestOf(request, 'websocket'));
    if (socket.destroyed) return;
    if (decision.kind === 'refused') {
      refuse(socket, decision.status, decision.reason);
    } else if (!isSignaling) {
      refuse(socket, 404, NOT_FOUND);
    } else {
      onUpgrade(request, socket, head, {
        ...(decision.kind === 'granted' ? { user: decision.user, rights: decision.rights } : { user: undefined }),
        address: clientAddressOf(request, door),
      });
    }
  }
}

function refuse(socket: Duplex, status: number, sentence: string): void {
  const headers = status === 401 ? ['WWW-Authenticate: Bearer realm="voice-streaming"'] : [];
  socket.end(bareAnswer(status, sentence, headers), () => socket.destroy());
}
