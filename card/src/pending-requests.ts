/** Requests that wait for their answer: each settles exactly once, by answer, by time or with the connection. */
import { RequestError, type ErrorCode } from '@voice-streaming/shared/errors';
import type { ErrorMessage, Requests, RequestType, ResultMessage } from '@voice-streaming/shared/protocol';

/** The connection went while, or before, a request could be answered. */
export class ConnectionLostError extends Error {
  constructor(type: RequestType) {
    super(`The connection to the server was lost before "${type}" was answered.`);
    this.name = 'ConnectionLostError';
  }
}

export class RequestTimeoutError extends Error {
  constructor(type: RequestType, timeoutMs: number) {
    super(`The server did not answer "${type}" within ${timeoutMs} ms.`);
    this.name = 'RequestTimeoutError';
  }
}

interface Pending {
  type: RequestType;
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
  timer: ReturnType<typeof setTimeout>;
}

export class PendingRequests {
  readonly #timeoutMs: number;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** Gives the request an id and hands it to `send`. */
  add<T extends RequestType>(
    type: T,
    args: Requests[T]['args'],
    send: (text: string) => void,
  ): Promise<Requests[T]['result']> {
    const id = this.#nextId++;
    return new Promise<Requests[T]['result']>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#take(id)?.reject(new RequestTimeoutError(type, this.#timeoutMs));
      }, this.#timeoutMs);
      this.#pending.set(id, { type, resolve: resolve as (result: unknown) => void, reject, timer });
      send(JSON.stringify({ id, type, args }));
    });
  }

  /** An answer to a request that has given up is nothing. */
  settle(message: ResultMessage | ErrorMessage): void {
    if (message.id === null) return;
    const request = this.#take(message.id);
    if (message.type === 'result') request?.resolve(message.result);
    else request?.reject(new RequestError(message.code as ErrorCode, message.message));
  }

  connectionLost(): void {
    for (const id of [...this.#pending.keys()]) {
      const request = this.#take(id);
      request?.reject(new ConnectionLostError(request.type));
    }
  }

  #take(id: number): Pending | undefined {
    const request = this.#pending.get(id);
    if (request) clearTimeout(request.timer);
    this.#pending.delete(id);
    return request;
  }
}
