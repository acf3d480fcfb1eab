/** A card's side of the signaling protocol, in Node. */
import { randomBytes } from 'node:crypto';
import type { Requests, RequestType, ServerMessage } from '@voice-streaming/shared/protocol';
import { WebSocket } from 'ws';
import { once } from '../../test/support/once.ts';

export class Signaling {
  readonly #socket: WebSocket;
  readonly #pending = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  readonly #seen = new Map<string, ServerMessage>();
  readonly #listeners = new Set<(message: ServerMessage) => void>();
  #requests = 0;

  constructor(port: number) {
    this.#socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
    this.#socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as ServerMessage;
      if (message.type === 'result') this.#pending.get(message.id)?.resolve(message.result);
      else if (message.type === 'error') {
        this.#pending.get(message.id ?? -1)?.reject(new Error(`${message.code}: ${message.message}`));
      }
      this.#seen.set(message.type, message);
      for (const listener of [...this.#listeners]) listener(message);
    });
    this.#socket.on('error', () => undefined);
  }

  static async open(port: number): Promise<Signaling> {
    const signaling = new Signaling(port);
    await signaling.said('hello');
    return signaling;
  }

  /** Resolves when the server has said this, now or before. */
  said(type: ServerMessage['type']): Promise<ServerMessage> {
    const seen = this.#seen.get(type);
    if (seen) return Promise.resolve(seen);
    return once<ServerMessage>((resolve) => {
      const listener = (message: ServerMessage): void => {
        if (message.type !== type) return;
        this.#listeners.delete(listener);
        resolve(message);
      };
      this.#listeners.add(listener);
    }, `the server says ${type}`);
  }

  request<T extends RequestType>(type: T, args: Requests[T]['args']): Promise<Requests[T]['result']> {
    const id = ++this.#requests;
    return once<Requests[T]['result']>((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as (result: unknown) => void, reject });
      this.#socket.send(JSON.stringify({ id, type, args }));
    }, `the answer to ${type}`);
  }

  async introduce(name: string): Promise<string> {
    const { streamId } = await this.request('introduce', { deviceKey: randomBytes(16).toString('base64url'), name });
    return streamId;
  }

  close(): void {
    this.#socket.terminate();
  }
}
