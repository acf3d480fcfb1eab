/** Session: one client. When it ends, so do its talk and its peers. */
import { randomBytes } from 'node:crypto';
import { RequestError } from '@voice-streaming/shared/errors';
import {
  MIN_PROTOCOL_VERSION,
  PROTOCOL_VERSION,
  type ByeReason,
  type ClientMessage,
  type Direction,
  type RequestType,
  type ServerEvent,
  type ServerMessage,
} from '@voice-streaming/shared/protocol';
import type { Closeable } from '../closeable.ts';
import type { Log } from '../log.ts';
import { Authentication } from './authentication.ts';
import type { ClientSocket } from './client-socket.ts';
import type { Device } from './device-registry.ts';
import { MessageDoor } from './message-door.ts';
import type { Admission, Rights } from './ports.ts';
import { requestHandlers, type Outcome, type RequestTarget } from './requests.ts';
import type { SessionContext } from './session-context.ts';
import { Talk } from './talk.ts';
import { Transports } from './transports.ts';
import type { Viewer } from './viewer.ts';

export interface SessionOptions {
  context: SessionContext;
  socket: ClientSocket;
  admission: Admission;
  /** Once, when the session ends; its peers may still be closing. */
  onEnded: (session: Session) => void;
}

export class Session implements Closeable, Viewer, RequestTarget {
  readonly context: SessionContext;
  readonly authentication: Authentication;
  /** Undefined: all. */
  readonly rights: Rights | undefined;
  /** Undefined: not known. */
  readonly address: string | undefined;
  readonly transports: Transports;
  readonly talk: Talk;
  readonly viewer: Viewer = this;
  readonly send = (event: ServerEvent): void => this.#send(event);
  readonly #socket: ClientSocket;
  readonly #log: Log;
  readonly #door: MessageDoor;
  readonly #onEnded: (session: Session) => void;
  #device: Device | undefined;
  #deviceKey: string | undefined;
  #isEnded = false;
  #closing: Promise<void> | undefined;

  constructor({ context, socket, admission, onEnded }: SessionOptions) {
    const { limits, relay, counters } = context;
    this.context = context;
    this.rights = admission.rights;
    this.address = admission.address;
    this.#socket = socket;
    this.#onEnded = onEnded;
    this.#log = context.log.child(`session ${randomBytes(2).toString('hex')}`);
    this.authentication = new Authentication({
      user: admission.user,
      tokens: context.tokens,
      timeoutMs: limits.authTimeoutMs,
      tries: limits.authTries,
      onFailed: () => this.bye('unauthorized'),
    });
    this.#door = new MessageDoor({
      log: this.#log,
      limits,
      counters,
      breaches: context.breaches,
      handle: (message) => this.#handle(message),
      send: (message) => this.#send(message),
      onRefused: () => this.authentication.endIfOutOfTries(),
      onTooManyFaults: () => this.bye('tooManyErrors'),
    });
    this.talk = new Talk({
      relay,
      sessionStreams: context.sessionStreams,
      maxEchoMs: limits.maxEchoMs,
      maxTalkMs: limits.maxTalkMs,
      setEcho: (stream) => this.transports.setEcho(stream),
      onAir: (talkId) => this.#send({ type: 'onAir', talkId }),
      onEnded: (talkId, reason) => this.#send({ type: 'talkEnded', talkId, reason }),
    });
    this.transports = new Transports({
      relay,
      peers: context.peers,
      maxSlots: limits.slots,
      connectTimeoutMs: limits.connectTimeoutMs,
      ownStreamId: () => this.streamId,
      mayHear: (streamId) => this.rights?.mayHear(streamId) !== false,
      onPacket: (packet) => {
        if (!this.talk.write(packet)) counters.packetsDropped += 1;
      },
      onLost: (direction, reason) => this.#lost(direction, reason),
      onFull: (streamId) => this.#tellFull(streamId),
      onSlots: (slots) => {
        this.#send({ type: 'slots', slots });
        this.#tellAudit();
        context.streamList.changed();
      },
    });
  }

  get isAdmitted(): boolean {
    return this.authentication.user !== undefined && !this.#isEnded;
  }

  get isAdmin(): boolean {
    return this.authentication.user?.isAdmin === true;
  }

  get device(): Device | undefined {
    return this.#device;
  }

  get streamId(): string | undefined {
    return this.#device?.id;
  }

  get heardStreamIds(): readonly string[] {
    return this.transports.heardStreamIds;
  }

  isNamedFor(streamId: string): boolean {
    return this.rights?.isNamedFor(streamId) === true;
  }

  names(streamId: string): boolean {
    return this.transports.names(streamId);
  }

  /** Says hello and begins to listen; once. */
  start(): void {
    this.#socket.start({
      text: (text) => this.#door.receive(text),
      refused: (error) => this.#door.refuse(error),
      ended: (reason) => {
        this.#log.info(`${this.streamId ?? 'an unnamed client'} is gone: ${reason}`);
        void this.close();
      },
    });
    const { serverVersion, limits } = this.context;
    const { maxMessageBytes, maxMessagesPerSecond, slots, maxEchoMs } = limits;
    const { user } = this.authentication;
    this.#send({
      type: 'hello',
      protocolVersion: PROTOCOL_VERSION,
      minProtocolVersion: MIN_PROTOCOL_VERSION,
      serverVersion,
      auth: user ? 'none' : 'required',
      user,
      time: Date.now(),
      limits: { maxMessageBytes, maxMessagesPerSecond, slots, maxEchoMs },
    });
    this.#log.info(user ? `opened by ${user.name ?? 'a client without a name'}` : 'opened, not yet authenticated');
    if (user) this.admit();
  }

  tell(kind: 'streams' | 'levels', text: string): void {
    this.#socket.sendCoalescable(kind, text);
  }

  admit(): void {
    this.context.streamList.tell(this);
  }

  introduce(deviceKey: string, name: string): Device {
    if (this.#deviceKey !== undefined && this.#deviceKey !== deviceKey) {
      throw new RequestError('bad_arguments', 'introduce: this session is another device; open a new connection.');
    }
    const { devices, streamList, isIdInUse } = this.context;
    this.#deviceKey = deviceKey;
    this.#device = devices.introduce(deviceKey, name, isIdInUse);
    this.#log.debug(`is ${this.#device.id}`);
    this.transports.reassign();
    streamList.changed();
    return this.#device;
  }

  /** The last words; the session ends with them. */
  bye(reason: ByeReason): void {
    if (reason === 'closing') this.talk.end('closing');
    this.#socket.bye(reason);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#isEnded = true;
    this.#door.shut();
    this.#onEnded(this);
    if (this.#device) this.context.devices.touch(this.#device.id);
    this.context.monitors.ownerGone(this);
    // Side by side: the talk must not wait for anything.
    await Promise.all([this.authentication.close(), this.talk.close(), this.transports.close()]);
    this.#tellAudit();
    this.context.streamList.changed();
  }

  #handle(message: ClientMessage): Outcome<RequestType> | Promise<Outcome<RequestType>> {
    if (!this.authentication.user && message.type !== 'authenticate') {
      throw new RequestError('unauthorized', 'Send authenticate with the access token first.');
    }
    const handler = requestHandlers[message.type] as (
      target: RequestTarget,
      args: ClientMessage['args'],
    ) => Outcome<RequestType> | Promise<Outcome<RequestType>>;
    return handler(this, message.args);
  }

  #lost(direction: Direction, reason: string): void {
    if (direction === 'sender' || this.talk.isEcho) this.talk.end('disconnected');
    this.#send({ type: 'disconnected', direction, reason });
    this.#tellAudit();
    this.context.streamList.changed();
  }

  #tellFull(streamId: string): void {
    const { breaches, relay } = this.context;
    const message = `${relay.maxReceiversPerStream} listen to "${streamId}" already; it comes as soon as one leaves.`;
    breaches.count('receivers_per_stream', message);
    this.#send({ type: 'notHeard', streamId, code: 'stream_full', message, limit: 'receivers_per_stream' });
  }

  #tellAudit(): void {
    const user = this.authentication.user?.name ?? null;
    const who = { user, place: this.streamId ?? 'an unnamed device', by: 'card' };
    this.context.audit?.hears(this, who, this.heardStreamIds);
  }

  #send(message: ServerMessage): void {
    this.#socket.send(message);
  }
}
