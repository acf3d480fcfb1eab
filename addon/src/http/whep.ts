/**
 * Whep: listen with any WebRTC player (draft-ietf-wish-whep). A session may wait for a stream that is known and idle;
 * `latest` and `all` mean here what they mean to cards.
 */
import { isStreamId } from '@voice-streaming/shared/parse';
import type { Closeable } from '../closeable.ts';
import type { Log } from '../log.ts';
import { LimitBreaches, type BreachCounter } from '../media/limit-breaches.ts';
import type { PeerFactory, ReceiverPeer } from '../media/ports.ts';
import type { Relay } from '../media/relay.ts';
import { SlotAssignment, type ListenTarget } from '../media/slot-assignment.ts';
import type { Audit, DeviceIds, Rights } from './ports.ts';
import { WishError, type WishEndpoint, type WishRequest, type WishSession } from './wish-routes.ts';
import { WishSessions, type OpenWishSession } from './wish-sessions.ts';

export interface WhepOptions {
  log: Log;
  relay: Relay;
  peers: PeerFactory;
  /** Whose idle streams may be waited for: devices, and who spoke by WHIP. */
  knownIds: readonly DeviceIds[];
  audit?: Audit | undefined;
  breaches?: BreachCounter | undefined;
  /** Default 32. */
  maxSessions?: number;
}

export class Whep implements WishEndpoint, Closeable {
  readonly protocol = 'whep';
  readonly #options: WhepOptions;
  readonly #breaches: BreachCounter;
  readonly #sessions: WishSessions<WhepSession>;
  readonly #callbacks = new Set<() => void>();

  constructor(options: WhepOptions) {
    this.#options = { ...options, log: options.log.child('whep') };
    this.#breaches = options.breaches ?? new LimitBreaches(options);
    this.#sessions = new WishSessions({
      log: this.#options.log,
      maxSessions: options.maxSessions ?? 32,
      limit: 'whep_sessions',
      breaches: this.#breaches,
    });
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** Sessions that hear this stream now. */
  receiversOf(streamId: string): number {
    return [...this.#sessions.values()].filter((session) => session.heard.includes(streamId)).length;
  }

  /** `callback` must not throw. Returns its own unsubscribe function. */
  onReceiversChanged(callback: () => void): () => void {
    this.#callbacks.add(callback);
    return () => this.#callbacks.delete(callback);
  }

  async open({ id, offer, admission, address }: WishRequest): Promise<WishSession> {
    const { peers, relay, log, audit } = this.#options;
    const target = this.#targetOf(id);
    const rights = admission?.rights;
    if (rights && !(typeof target === 'string' ? rights.mayListen : rights.mayHear(id))) {
      throw new WishError(403, `You may not listen to "${id}": an administrator chose who may.`);
    }
    const named = relay.get(id);
    if (named?.hasRoom === false) throw new WishError(503, this.#full(id), { limit: 'receivers_per_stream' });
    const who = { user: admission?.user?.name ?? null, place: address ?? 'an unknown address', by: 'whep' };
    return this.#sessions.open(async (sessionId) => {
      const session = new WhepSession(id, sessionId, log, {
        ended: (ended) => this.#ended(ended),
        full: (streamId) => void this.#full(streamId),
        heardChanged: () => {
          audit?.hears(session, who, session.heard);
          this.#changed();
        },
      });
      const peer = await peers.createReceiverPeer(offer, { closed: (reason) => void session.close(reason) });
      log.info(`session of ${id} created`);
      await session.start(peer, relay, target, rights);
      return session;
    });
  }

  find(id: string, sessionId: string): WishSession | undefined {
    return this.#sessions.find(id, sessionId);
  }

  async close(): Promise<void> {
    await this.#sessions.close();
    this.#callbacks.clear();
  }

  /** As many hear it as may; a session that waits for it gets it when one leaves. */
  #full(id: string): string {
    const what = `${this.#options.relay.maxReceiversPerStream} listen to "${id}" already: try again later.`;
    this.#breaches.count('receivers_per_stream', what);
    return what;
  }

  #targetOf(id: string): ListenTarget {
    const { relay, knownIds } = this.#options;
    if (id === 'latest' || id === 'all') return id;
    if (isStreamId(id) && (relay.get(id) || knownIds.some((known) => known.has(id)))) return [id];
    throw new WishError(404, 'Nobody has ever spoken under this id.');
  }

  #ended(session: WhepSession): void {
    this.#sessions.delete(session);
    this.#changed();
  }

  #changed(): void {
    for (const callback of this.#callbacks) callback();
  }
}

interface WhepSessionEvents {
  ended(session: WhepSession): void;
  heardChanged(): void;
  full(streamId: string): void;
}

class WhepSession implements OpenWishSession {
  readonly id: string;
  readonly sessionId: string;
  /** Ids of the streams on its slots. */
  heard: readonly string[] = [];
  closed = false;
  readonly #log: Log;
  readonly #events: WhepSessionEvents;
  #peer: ReceiverPeer | undefined;
  #assignment: SlotAssignment | undefined;

  constructor(id: string, sessionId: string, log: Log, events: WhepSessionEvents) {
    this.id = id;
    this.sessionId = sessionId;
    this.#log = log;
    this.#events = events;
  }

  get answer(): string {
    return this.#peer?.answer ?? '';
  }

  /** The peer may be gone before its maker is told. */
  async start(peer: ReceiverPeer, relay: Relay, target: ListenTarget, rights: Rights | undefined): Promise<void> {
    this.#peer = peer;
    if (this.closed) {
      await peer.close();
      return;
    }
    this.#assignment = new SlotAssignment({
      relay,
      slots: peer.slots,
      ownStreamId: () => undefined,
      mayHear: (streamId) => rights?.mayHear(streamId) !== false,
      onFull: (stream) => this.#events.full(stream.id),
      onChange: (slots) => {
        this.heard = Object.values(slots).filter((id) => id !== null);
        this.#events.heardChanged();
      },
    });
    this.#assignment.listen(target);
  }

  end(): Promise<void> {
    return this.close('ended by the client');
  }

  async close(reason: string): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.#log.info(`session of ${this.id} closed: ${reason}`);
    await this.#assignment?.close();
    this.heard = [];
    this.#events.heardChanged();
    this.#events.ended(this);
    await this.#peer?.close();
  }
}
