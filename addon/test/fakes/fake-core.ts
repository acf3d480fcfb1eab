import * as v from 'valibot';
import { CoreError, type Core } from '../../src/homeassistant/core.ts';

type Message = { type: string; [key: string]: unknown };

/** Core as the parts around it see it: what they ask is kept, what it answers is set. */
export class FakeCore implements Pick<Core, 'connected' | 'request' | 'subscribe' | 'onConnected' | 'onDisconnected'> {
  connected = true;
  readonly requests: Message[] = [];
  /** By type of message; one that is not here is `unknown_command`, one that is an Error is thrown. */
  readonly answers: Record<string, unknown> = { fire_event: {}, call_service: {} };
  readonly #callbacks = new Set<() => void>();
  readonly #lostCallbacks = new Set<() => void>();
  #subscriptions: { message: Message; take: (event: unknown) => void }[] = [];

  async request<S extends v.GenericSchema>(message: Message, schema: S): Promise<v.InferOutput<S>> {
    if (!this.connected) throw new CoreError('away', 'Home Assistant Core is not connected.');
    await Promise.resolve();
    this.requests.push(message);
    if (!(message.type in this.answers)) throw new CoreError('unknown_command', 'Unknown command.');
    const prepared = this.answers[message.type];
    const answer: unknown = await (typeof prepared === 'function'
      ? (prepared as (m: Message) => unknown)(message)
      : prepared);
    if (answer instanceof Error) throw answer;
    const parsed = v.safeParse(schema, answer);
    if (!parsed.success) throw new CoreError('garbage', 'not as expected');
    return parsed.output;
  }

  onConnected(callback: () => void): () => void {
    this.#callbacks.add(callback);
    return () => this.#callbacks.delete(callback);
  }

  /** Answered as `request` is; `tell` brings the events. */
  async subscribe<S extends v.GenericSchema>(
    message: Message,
    schema: S,
    callback: (event: v.InferOutput<S>) => void,
  ): Promise<void> {
    await this.request(message, v.unknown());
    this.#subscriptions.push({ message, take: (event) => callback(v.parse(schema, event)) });
  }

  onDisconnected(callback: () => void): () => void {
    this.#lostCallbacks.add(callback);
    return () => this.#lostCallbacks.delete(callback);
  }

  /** To every subscription that was asked for with all of this. */
  tell(asked: Message, event: unknown): void {
    for (const { message, take } of this.#subscriptions) {
      if (Object.entries(asked).every(([key, value]) => message[key] === value)) take(event);
    }
  }

  /** Away, with all subscriptions. */
  leave(): void {
    this.connected = false;
    this.#subscriptions = [];
    for (const callback of this.#lostCallbacks) callback();
  }

  /** Back after it was away. */
  return(): void {
    this.connected = true;
    for (const callback of this.#callbacks) callback();
  }

  /** Messages of this type, in order. */
  asked(type: string): Message[] {
    return this.requests.filter((message) => message.type === type);
  }
}
