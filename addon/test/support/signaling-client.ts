import { parseServerMessage } from '@voice-streaming/shared/parse';
import type { Requests, RequestType, ServerMessage } from '@voice-streaming/shared/protocol';
import { WebSocket, type ClientOptions } from 'ws';
import { once } from './once.ts';

type Said<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>;
type Reply = Said<'result'> | Said<'error'>;

/** A real WebSocket client that keeps and awaits what the server says. */
export class SignalingClient {
  readonly said: ServerMessage[] = [];
  readonly closed: Promise<number>;
  readonly webSocket: WebSocket;
  readonly #waiting = new Set<() => void>();
  #nextId = 1;

  private constructor(webSocket: WebSocket) {
    this.webSocket = webSocket;
    this.closed = new Promise((resolve) => webSocket.on('close', resolve));
    webSocket.on('message', (data: Buffer) => {
      this.said.push(parseServerMessage(data.toString()));
      for (const check of [...this.#waiting]) check();
    });
    // What goes wrong is seen by what is said, and by `closed`.
    webSocket.on('error', () => undefined);
  }

  /** Resolves when the server has said its first word. */
  static async open(url: string, options: ClientOptions = {}): Promise<SignalingClient> {
    const client = new SignalingClient(new WebSocket(url, options));
    await client.until((said) => said[0], 'the first message');
    return client;
  }

  /** Resolves as soon as `find` finds something in what was said, now or later. */
  until<T>(find: (said: readonly ServerMessage[]) => T | undefined, what: string): Promise<T> {
    return once((resolve) => {
      const check = (): void => {
        const found = find(this.said);
        if (found === undefined) return;
        this.#waiting.delete(check);
        resolve(found);
      };
      this.#waiting.add(check);
      check();
    }, what);
  }

  /** The first message of a type that fits, said since `start()` of the client. */
  event<T extends ServerMessage['type']>(type: T, fits: (message: Said<T>) => boolean = () => true): Promise<Said<T>> {
    const isIt = (message: ServerMessage): message is Said<T> => message.type === type && fits(message as Said<T>);
    return this.until((said) => said.find(isIt), type);
  }

  ask<T extends RequestType>(type: T, args: Requests[T]['args']): Promise<Reply> {
    const id = this.#nextId++;
    this.webSocket.send(JSON.stringify({ id, type, args }));
    return this.until(
      (said) => said.find((message): message is Reply => 'id' in message && message.id === id),
      `reply to ${type}`,
    );
  }

  /** Asks and unwraps the result; an error is a failure of the test. */
  async get<T extends RequestType>(type: T, args: Requests[T]['args']): Promise<Requests[T]['result']> {
    const reply = await this.ask(type, args);
    if (reply.type === 'error') throw new Error(`${type}: ${reply.code}, ${reply.message}`);
    return reply.result as Requests[T]['result'];
  }

  /** The error that a text or a binary frame is answered with. */
  async refusalOf(data: string | Buffer): Promise<Said<'error'>> {
    const before = this.said.length;
    this.webSocket.send(data);
    return this.until(
      (said) => said.slice(before).find((message): message is Said<'error'> => message.type === 'error'),
      'an error',
    );
  }

  all<T extends ServerMessage['type']>(type: T): Said<T>[] {
    return this.said.filter((message): message is Said<T> => message.type === type);
  }

  async close(): Promise<void> {
    this.webSocket.close();
    await this.closed;
  }
}
