/**
 * MessageDoor: what one client says comes in here. Every request gets exactly one result or error, in the order of
 * asking; faults are answered and counted, and only too many of them in a short time are reported to the session.
 */
import { ProtocolError, RequestError, type ErrorCode } from '@voice-streaming/shared/errors';
import { parseClientMessage } from '@voice-streaming/shared/parse';
import type { ClientMessage, RequestType, ServerMessage } from '@voice-streaming/shared/protocol';
import type { Log } from '../log.ts';
import type { BreachCounter, LimitName } from '../media/limit-breaches.ts';
import type { Counters } from './counters.ts';
import type { SignalingLimits } from './limits.ts';
import type { Outcome } from './requests.ts';
import { TokenBucket } from './token-bucket.ts';

/** Faults of the client itself, not of circumstances. */
const FAULTS: ReadonlySet<ErrorCode> = new Set([
  'bad_message',
  'unknown_type',
  'bad_arguments',
  'message_too_large',
  'rate_limited',
  'unauthorized',
  'bad_offer',
]);

export type DoorLimits = Pick<
  SignalingLimits,
  'maxMessagesPerSecond' | 'maxMessageBurst' | 'maxErrors' | 'errorWindowMs'
>;

export interface MessageDoorOptions {
  log: Log;
  limits: DoorLimits;
  counters: Counters;
  breaches: BreachCounter;
  handle: (message: ClientMessage) => Outcome<RequestType> | Promise<Outcome<RequestType>>;
  send: (message: ServerMessage) => void;
  /** An error has been said; the client may be out of tries. */
  onRefused: () => void;
  onTooManyFaults: () => void;
}

export class MessageDoor {
  readonly #options: MessageDoorOptions;
  readonly #messages: TokenBucket;
  readonly #faults: TokenBucket;
  readonly #queue: ClientMessage[] = [];
  #isBusy = false;
  #isShut = false;
  #hasWarned = false;

  constructor(options: MessageDoorOptions) {
    const { maxMessageBurst, maxMessagesPerSecond, maxErrors, errorWindowMs } = options.limits;
    this.#options = options;
    this.#messages = new TokenBucket(maxMessageBurst, maxMessagesPerSecond);
    this.#faults = new TokenBucket(maxErrors, (maxErrors * 1000) / errorWindowMs);
  }

  receive(text: string): void {
    if (this.#isShut) return;
    this.#options.counters.messagesIn += 1;
    const isWithinRate = this.#messages.take();
    let message: ClientMessage;
    try {
      message = parseClientMessage(text);
    } catch (error) {
      this.#fail(error instanceof ProtocolError ? error.requestId : null, error);
      return;
    }
    if (isWithinRate) {
      this.#queue.push(message);
      this.#drain();
    } else {
      const sentence = `More than ${this.#options.limits.maxMessagesPerSecond} messages a second; ask less often.`;
      this.#fail(message.id, new RequestError('rate_limited', sentence, { limit: 'messages_per_second' }));
    }
  }

  /** A message that was not even text to parse. */
  refuse(error: ProtocolError): void {
    if (this.#isShut) return;
    this.#options.counters.messagesIn += 1;
    this.#messages.take();
    this.#fail(error.requestId, error);
  }

  /** Nothing is taken in or answered any more. */
  shut(): void {
    this.#isShut = true;
    this.#queue.length = 0;
  }

  #drain(): void {
    while (!this.#isBusy && !this.#isShut) {
      const message = this.#queue.shift();
      if (!message) return;
      this.#handle(message);
    }
  }

  /** What is decided synchronously is answered before anything else can happen. */
  #handle(message: ClientMessage): void {
    let outcome: Outcome<RequestType> | Promise<Outcome<RequestType>>;
    try {
      outcome = this.#options.handle(message);
      if (!(outcome instanceof Promise)) {
        this.#reply(message.id, outcome);
        return;
      }
    } catch (error) {
      this.#fail(message.id, error);
      return;
    }
    this.#isBusy = true;
    void outcome
      .then((settled) => this.#reply(message.id, settled))
      .catch((error: unknown) => this.#fail(message.id, error))
      .finally(() => {
        this.#isBusy = false;
        this.#drain();
      });
  }

  #reply(id: number, { result, afterwards }: Outcome<RequestType>): void {
    if (this.#isShut) return;
    this.#options.send({ type: 'result', id, result });
    try {
      afterwards?.();
    } catch (error) {
      // The request has had its one reply.
      this.#options.log.error('what follows a result failed', error);
    }
  }

  #fail(id: number | null, error: unknown): void {
    if (this.#isShut) return;
    const { log, counters, breaches, send, onRefused, onTooManyFaults } = this.#options;
    const known = error instanceof RequestError ? error : undefined;
    const code = known?.code ?? 'internal';
    const message = known?.message ?? 'Something went wrong in the server; its log tells more.';
    if (!known) log.error('a request failed', error);
    if (code === 'not_stored') log.warn(message);
    counters.countError(code);
    const limit = known?.limit;
    if (isCountedHere(limit)) breaches.count(limit, message);
    send({ type: 'error', id, code, message, ...(limit !== undefined && { limit }) });
    onRefused();
    if (!FAULTS.has(code)) return;
    if (!this.#hasWarned) log.warn(`${code}: ${message} Further faults are counted only.`);
    this.#hasWarned = true;
    if (!this.#faults.take()) onTooManyFaults();
  }
}

/** What is found out here, or before; other limits are counted by who keeps them. */
const COUNTED_HERE: readonly LimitName[] = ['messages_per_second', 'message_bytes', 'offer_bytes', 'targets'];

function isCountedHere(limit: string | undefined): limit is LimitName {
  return (COUNTED_HERE as readonly (string | undefined)[]).includes(limit);
}
