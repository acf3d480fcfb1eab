import type { OpenSocket, Socket, SocketHandlers } from '../../src/socket.ts';

/** A socket driven by hand: `say` is the server, `sent` what the client said. */
export class FakeSocket implements Socket {
  readonly sent: { id: number; type: string; args: unknown }[] = [];
  closed = false;
  readonly #handlers: SocketHandlers;

  constructor(handlers: SocketHandlers) {
    this.#handlers = handlers;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as FakeSocket['sent'][number]);
  }

  close(): void {
    this.closed = true;
  }

  say(message: object): void {
    this.#handlers.message(JSON.stringify(message));
  }

  hello(overrides: object = {}): void {
    const limits = { maxMessageBytes: 65_536, maxMessagesPerSecond: 50, slots: 1, maxEchoMs: 10_000 };
    const versions = { protocolVersion: 1, minProtocolVersion: 1, serverVersion: '0.1.0' };
    this.say({ type: 'hello', ...versions, auth: 'none', user: { name: null, isAdmin: true }, limits, ...overrides });
  }

  /** The connection breaks. */
  drop(): void {
    this.#handlers.closed();
  }
}

/** Keeps every socket that was opened; the newest is `last`. */
export class FakeSockets {
  readonly all: FakeSocket[] = [];

  readonly open: OpenSocket = (_url, handlers) => {
    const socket = new FakeSocket(handlers);
    this.all.push(socket);
    return socket;
  };

  get last(): FakeSocket {
    return this.all.at(-1)!;
  }
}
