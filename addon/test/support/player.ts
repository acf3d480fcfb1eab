/** Players of HTTP streams: a plain one that keeps what it hears, and one that speaks raw HTTP. */
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { once } from './once.ts';

export class Player {
  readonly response: IncomingMessage;
  /** All bytes so far. */
  readonly chunks: Buffer[] = [];
  /** Time of each chunk, performance.now. */
  readonly arrivedAtMs: number[] = [];
  /** Resolved with all bytes at the end of the stream. */
  readonly ended: Promise<Buffer>;
  #hear: (() => void) | undefined;

  constructor(response: IncomingMessage) {
    this.response = response;
    this.ended = new Promise((resolve) => {
      response.on('data', (chunk: Buffer) => {
        this.chunks.push(chunk);
        this.arrivedAtMs.push(performance.now());
        this.#hear?.();
      });
      response.on('close', () => resolve(Buffer.concat(this.chunks)));
      response.on('error', () => undefined);
    });
  }

  static async play(url: string, headers: Record<string, string> = {}): Promise<Player> {
    return new Player(await request(url, headers));
  }

  get bytes(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  /** Resolved when at least so many bytes have come. */
  heard(bytes: number): Promise<unknown> {
    return once<unknown>((resolve) => {
      this.#hear = () => {
        if (this.bytes >= bytes) resolve(undefined);
      };
      this.#hear();
    }, `${bytes} bytes of sound`);
  }

  leave(): void {
    this.response.destroy();
  }
}

/** Without waiting for a body. */
export function request(url: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { headers, agent: false }, resolve).on('error', reject);
  });
}

/** Sends exactly this text and returns all that comes until the server closes. */
export async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(text);
  return (await buffer(socket)).toString('latin1');
}
