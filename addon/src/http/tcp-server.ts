/**
 * TcpServer: an http.Server with limits, a listen() that says in plain words what is in its way, and a close() after
 * which no socket is left, streaming and upgraded ones included.
 */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Closeable } from '../closeable.ts';
import type { Log } from '../log.ts';
import { LimitBreaches, type BreachCounter } from '../media/limit-breaches.ts';
import { bareAnswer, LIMIT_HEADER, sendBare } from './plain.ts';
import type { TlsPair } from './tls-certificate.ts';

/** Where to listen. */
export interface Place {
  port: number;
  /** Undefined: every address, IPv4 and IPv6. */
  host: string | undefined;
}

export interface TcpServerOptions extends Place {
  log: Log;
  /** Where the port is chosen, for errors: `PORT`. Undefined: it is not ours to choose. */
  portOption: string | undefined;
  handler: RequestListener;
  /** Takes requests to change the protocol; without it they are plain requests. */
  onUpgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Connections at once; more are dropped. Default 512. */
  maxConnections?: number;
  breaches?: BreachCounter | undefined;
  /** https instead of http; without a usable pair every handshake fails until there is one. */
  tls?: TlsSource | undefined;
  /** A client that has not sent its headers by then is cut off. Default 10 s. */
  headersTimeoutMs?: number;
  /** The same for the whole request; says nothing of the response, which may stream for ever. Default 30 s. */
  requestTimeoutMs?: number;
  /** An idle connection is closed after this. Default 5 s. */
  keepAliveTimeoutMs?: number;
  /** Default 16 KiB, more is answered 431. */
  maxHeaderBytes?: number;
  /** A client whose TLS handshake is not over by then is cut off. Default 10 s. */
  handshakeTimeoutMs?: number;
}

/** Where certificate and key come from; TlsCertificate is one. */
export interface TlsSource {
  readonly pair: TlsPair | undefined;
  onRenewed(listener: (pair: TlsPair) => void): () => void;
}

/** The port cannot be listened on; main.ts prints the message and exits with `exitCode`. */
export class ListenError extends Error {
  readonly exitCode = 2;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ListenError';
  }
}

/** How often Node looks for clients past their timeouts; its default of 30 s would triple ours. */
const CHECK_INTERVAL_MS = 2_000;

const MAX_HEADER_BYTES = 16 * 1024;

export class TcpServer implements Closeable {
  readonly #options: TcpServerOptions;
  readonly #server: Server | SecureServer;
  readonly #unsubscribe: () => void;
  readonly #breaches: BreachCounter;
  readonly #upgraded = new Set<Duplex>();
  #place: Place;
  #closing: Promise<void> | undefined;
  /** With TLS: also those in mid-handshake, which `closeAllConnections` does not know. */
  readonly #sockets = new Set<Duplex>();

  constructor(options: TcpServerOptions) {
    this.#options = options;
    this.#place = options;
    this.#breaches = options.breaches ?? new LimitBreaches(options);
    const { onUpgrade, tls } = options;
    const handler: RequestListener = (request, response) => {
      const isAskedWell = request.headers.host !== undefined || request.httpVersion === '1.0';
      if (isAskedWell) options.handler(request, response);
      else sendBare(response, 400, 'The request names no Host.');
    };
    const limits = {
      headersTimeout: options.headersTimeoutMs ?? 10_000,
      requestTimeout: options.requestTimeoutMs ?? 30_000,
      keepAliveTimeout: options.keepAliveTimeoutMs ?? 5_000,
      maxHeaderSize: options.maxHeaderBytes ?? MAX_HEADER_BYTES,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
      // Asked for below: Node's own refusal has none of our headers.
      requireHostHeader: false,
      noDelay: true,
    };
    if (tls) {
      const handshakeTimeout = options.handshakeTimeoutMs ?? 10_000;
      const server = createSecureServer({ ...limits, ...tls.pair, handshakeTimeout }, handler);
      this.#unsubscribe = tls.onRenewed((pair) => server.setSecureContext(pair));
      server.on('connection', (socket) => {
        this.#sockets.add(socket);
        socket.once('close', () => this.#sockets.delete(socket));
      });
      this.#server = server;
    } else {
      this.#server = createServer(limits, handler);
      this.#unsubscribe = () => undefined;
    }
    this.#server.maxConnections = options.maxConnections ?? 512;
    this.#server.on('clientError', (error, socket) => this.#refuse(error, socket));
    this.#server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
      sendBare(response, 417, 'Only 100-continue may be expected here.');
    });
    this.#server.on('drop', () => this.#countDrop());
    if (onUpgrade) {
      this.#server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
        this.#upgraded.add(socket);
        socket.once('close', () => this.#upgraded.delete(socket));
        try {
          onUpgrade(request, socket, head);
        } catch (error) {
          // Nobody catches what a listener of 'upgrade' throws: it would end the process.
          options.log.error('an upgrade failed', error);
          socket.destroy();
        }
      });
    }
  }

  get listening(): boolean {
    return this.#server.listening;
  }

  /** The port really listened on; 0 before. */
  get port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? 0;
  }

  /** Or moves, when it listens elsewhere already: whoever is connected stays. Rejects with ListenError. */
  listen(place: Place = this.#options): Promise<void> {
    const { host, port } = place;
    if (this.#server.listening && host === this.#place.host && port === this.#place.port) return Promise.resolve();
    this.#place = place;
    if (this.#server.listening) this.#server.close();
    return new Promise((resolve, reject) => {
      const fail = (error: NodeJS.ErrnoException): void =>
        reject(new ListenError(this.#explain(error), { cause: error }));
      this.#server.off('error', this.#onError).once('error', fail);
      this.#server.listen({ port, host }, () => {
        this.#server.off('error', fail).on('error', this.#onError);
        resolve();
      });
    });
  }

  /** Lets nobody new in; who is in stays. */
  stopAccepting(): void {
    this.#closing ??= new Promise((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
  }

  close(): Promise<void> {
    this.stopAccepting();
    this.#unsubscribe();
    for (const socket of this.#upgraded) socket.destroy();
    this.#server.closeAllConnections();
    for (const socket of this.#sockets) socket.destroy();
    return this.#closing ?? Promise.resolve();
  }

  readonly #onError = (error: Error): void => this.#options.log.error('the server failed', error);

  #countDrop(): void {
    const what = `More than ${this.#server.maxConnections} connections at once: further ones are dropped.`;
    this.#breaches.count('connections', what);
  }

  /** Instead of Node's own bare answers; those of a connection that has had an answer are nobody's to read any more. */
  #refuse(
    error: Error & { code?: string },
    socket: Duplex & { bytesWritten?: number; secureConnecting?: boolean },
  ): void {
    const isHeader = error.code === 'HPE_HEADER_OVERFLOW';
    if (isHeader) {
      const { maxHeaderBytes = MAX_HEADER_BYTES } = this.#options;
      this.#breaches.count('header_bytes', `A request had more than ${maxHeaderBytes} bytes of headers.`);
    }
    // Nothing can be said before a handshake is done: it would wait for that for ever.
    const isMute = !socket.writable || socket.secureConnecting === true;
    if (error.code === 'ECONNRESET' || isMute || (socket.bytesWritten ?? 0) > 0) {
      socket.destroy();
      return;
    }
    // A client that keeps its half of the connection open gets no longer one.
    socket.end(refusalOf(error.code), () => socket.destroy());
  }

  #explain(error: NodeJS.ErrnoException): string {
    const { portOption } = this.#options;
    const { port, host } = this.#place;
    const choose = portOption === undefined ? '' : `choose another port with ${portOption}`;
    switch (error.code) {
      case 'EADDRINUSE':
        return `Port ${port} is taken by another program: stop it${choose && `, or ${choose}`}.`;
      case 'EACCES':
        return `Port ${port} needs rights this user has not${portOption === undefined ? '' : `: choose one above 1023 with ${portOption}`}.`;
      case 'EADDRNOTAVAIL':
      case 'ENOTFOUND':
      case 'EAI_AGAIN':
        if (portOption === undefined) return `This machine has no address ${host ?? ''} just now.`;
        return `HOST ${host ?? ''} is no address of this machine: choose one of its own, or leave HOST out.`;
      default:
        return `Port ${port}${portOption === undefined ? '' : ` (${portOption})`} cannot be listened on: ${error.message}.`;
    }
  }
}

function refusalOf(code: string | undefined): string {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return bareAnswer(431, 'The headers are too large.', [`${LIMIT_HEADER}: header_bytes`]);
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return bareAnswer(408, 'The request took too long.');
    default:
      return bareAnswer(400, 'The request cannot be read.');
  }
}
