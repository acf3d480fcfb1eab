import { EventEmitter } from 'node:events';
import { parseServerMessage } from '@voice-streaming/shared/parse';
import type { ClientMessage, ServerMessage } from '@voice-streaming/shared/protocol';
import type { RawSocket } from '../../src/signaling/client-socket.ts';

type Said<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>;

/** A client's WebSocket driven by hand: what the server says is parsed as a card would parse it. */
export class FakeSocket extends EventEmitter implements RawSocket {
  bufferedAmount = 0;
  readonly said: ServerMessage[] = [];
  closeCode: number | undefined;
  isTerminated = false;
  pings = 0;
  answersPings = true;
  answersClose = true;
  #nextId = 1;

  send(text: string, flushed: (error?: Error) => void): void {
    if (this.closeCode !== undefined) throw new Error('sent after close');
    this.said.push(parseServerMessage(text));
    if (this.bufferedAmount === 0) flushed();
  }

  ping(): void {
    this.pings += 1;
    if (this.answersPings) this.emit('pong');
  }

  close(code: number): void {
    this.closeCode = code;
    if (this.answersClose) this.emit('close', code);
  }

  terminate(): void {
    this.isTerminated = true;
    this.emit('close', 1006);
  }

  /** The client's side says a text as it is. */
  receiveText(text: string): void {
    this.emit('message', Buffer.from(text), false);
  }

  /** The client asks; returns the request's id. */
  ask<T extends ClientMessage['type']>(type: T, args: Extract<ClientMessage, { type: T }>['args']): number {
    const id = this.#nextId++;
    this.receiveText(JSON.stringify({ id, type, args }));
    return id;
  }

  /** The one reply to a request; fails when there is none or more than one. */
  replyTo(id: number): Said<'result'> | Said<'error'> {
    const replies = this.said.filter((message) => 'id' in message && message.id === id);
    if (replies.length !== 1) throw new Error(`request ${id} has ${replies.length} replies`);
    return replies[0] as Said<'result'> | Said<'error'>;
  }

  /** Everything said of one type, oldest first. */
  all<T extends ServerMessage['type']>(type: T): Said<T>[] {
    return this.said.filter((message): message is Said<T> => message.type === type);
  }

  get types(): string[] {
    return this.said.map(({ type }) => type);
  }
}
