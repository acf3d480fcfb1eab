/**
 * Whip: speak with OBS, GStreamer, ffmpeg or go2rtc (RFC 9725). A session holds its id from the POST on; its talk begins
 * with its first packet, so that an offer whose client never connects is never `latest`.
 */
import { isStreamId, RESERVED_STREAM_IDS } from '@voice-streaming/shared/parse';
import type { Closeable } from '../closeable.ts';
import type { Log } from '../log.ts';
import type { AudioPacket } from '../media/audio-packet.ts';
import { LimitBreaches, type BreachCounter } from '../media/limit-breaches.ts';
import type { PeerFactory, SenderPeer, StreamEndReason } from '../media/ports.ts';
import { RelayFullError, StreamBusyError, type Relay } from '../media/relay.ts';
import type { Stream } from '../media/stream.ts';
import type { DeviceIds } from './ports.ts';
import { WishError, type WishEndpoint, type WishRequest, type WishSession } from './wish-routes.ts';
import { WishSessions, type OpenWishSession } from './wish-sessions.ts';

export interface WhipOptions {
  log: Log;
  relay: Relay;
  peers: PeerFactory;
  devices: DeviceIds;
  breaches?: BreachCounter | undefined;
  /** Default 16. */
  maxSessions?: number;
  /** Ids that spoke over WHIP and may be listened to while idle; the oldest is forgotten. Default 500. */
  maxKnownIds?: number;
  /** A session ends after so long a talk; 0: never, as a camera or a door station may speak for ever. Default 0. */
  maxTalkMs?: number;
  /** Longer names are cut. Default 64. */
  maxNameChars?: number;
}

export class Whip implements WishEndpoint, Closeable {
  readonly protocol = 'whip';
  readonly #options: WhipOptions;
  readonly #sessions: WishSessions<WhipSession>;
  /** Ids of sessions and of offers on their way. */
  readonly #held = new Set<string>();
  readonly #known = new Set<string>();
  readonly #unsubscribe: () => void;

  constructor(options: WhipOptions) {
    this.#options = { ...options, log: options.log.child('whip') };
    this.#sessions = new WishSessions({
      log: this.#options.log,
      maxSessions: options.maxSessions ?? 16,
      limit: 'whip_sessions',
      breaches: options.breaches ?? new LimitBreaches(options),
    });
    this.#unsubscribe = options.relay.subscribe({
      streamStarted: () => undefined,
      streamEnded: (stream, reason) => this.#streamEnded(stream, reason),
    });
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** Whether somebody speaks, is about to, or has spoken under this id by WHIP. */
  has(id: string): boolean {
    return this.#held.has(id) || this.#known.has(id);
  }

  async open({ id, offer, name, admission }: WishRequest): Promise<WishSession> {
    const { relay, devices, peers, log } = this.#options;
    if (admission?.rights?.mayTalk === false) {
      throw new WishError(403, 'You may not talk here: an administrator chose who may.');
    }
    if (!isStreamId(id) || RESERVED_STREAM_IDS.has(id)) {
      throw new WishError(
        404,
        'No stream can have this id: use a-z, 0-9 and -, at most 48, no reserved word such as latest or all.',
      );
    }
    if (devices.has(id)) throw new WishError(409, `"${id}" belongs to a device: choose another id.`);
    if (relay.get(id) || this.#held.has(id)) throw new WishError(409, `"${id}" is live already: choose another id.`);
    this.#held.add(id);
    try {
      return await this.#sessions.open(async (sessionId) => {
        const { maxTalkMs = 0 } = this.#options;
        const stream = { id, name: this.#nameOf(name, id), user: admission?.user?.name ?? null, maxTalkMs };
        const session = new WhipSession(stream, sessionId, relay, log, (ended) => this.#ended(ended));
        const peer = await peers.createSenderPeer(offer, {
          packet: (packet) => session.packet(packet),
          closed: (reason) => void session.close('disconnected', reason),
        });
        log.info(`session of ${id} created`);
        await session.adopt(peer);
        this.#remember(id);
        return session;
      });
    } catch (error) {
      this.#held.delete(id);
      throw error;
    }
  }

  find(id: string, sessionId: string): WishSession | undefined {
    return this.#sessions.find(id, sessionId);
  }

  async close(): Promise<void> {
    this.#unsubscribe();
    for (const session of [...this.#sessions.values()]) await session.close('closing', 'the server is closing');
    await this.#sessions.close();
  }

  #ended(session: WhipSession): void {
    this.#sessions.delete(session);
    this.#held.delete(session.id);
  }

  /** Ended by somebody else, an administrator perhaps: the client is told by the end of its peer. */
  #streamEnded(stream: Stream, reason: StreamEndReason): void {
    for (const session of [...this.#sessions.values()]) {
      if (session.stream === stream) void session.close(reason, `its stream was ended: ${reason}`);
    }
  }

  #remember(id: string): void {
    this.#known.delete(id);
    this.#known.add(id);
    const [oldest] = this.#known;
    if (this.#known.size > (this.#options.maxKnownIds ?? 500) && oldest !== undefined) this.#known.delete(oldest);
  }

  #nameOf(given: string | undefined, id: string): string {
    const name = (given ?? '').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ').trim();
    // By code points, so that no surrogate pair is cut in two.
    return (
      Array.from(name)
        .slice(0, this.#options.maxNameChars ?? 64)
        .join('') || id
    );
  }
}

interface WhipStream {
  id: string;
  name: string;
  user: string | null;
  maxTalkMs: number;
}

class WhipSession implements OpenWishSession {
  readonly id: string;
  readonly sessionId: string;
  stream: Stream | undefined;
  closed = false;
  #peer: SenderPeer | undefined;
  readonly #streamOptions: WhipStream;
  readonly #relay: Relay;
  readonly #log: Log;
  readonly #onEnded: (session: WhipSession) => void;

  constructor(stream: WhipStream, sessionId: string, relay: Relay, log: Log, onEnded: (session: WhipSession) => void) {
    this.id = stream.id;
    this.sessionId = sessionId;
    this.#streamOptions = stream;
    this.#relay = relay;
    this.#log = log;
    this.#onEnded = onEnded;
  }

  get answer(): string {
    return this.#peer?.answer ?? '';
  }

  /** The peer may be gone before its maker is told. */
  async adopt(peer: SenderPeer): Promise<void> {
    this.#peer = peer;
    if (this.closed) await peer.close();
  }

  packet(packet: AudioPacket): void {
    if (this.closed) return;
    this.stream ??= this.#start();
    this.stream?.write(packet);
  }

  end(): Promise<void> {
    return this.close('stopped', 'ended by the client');
  }

  async close(streamReason: StreamEndReason, reason: string): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.#log.info(`session of ${this.id} closed: ${reason}`);
    if (this.stream) this.#relay.end(this.stream, streamReason);
    this.#onEnded(this);
    await this.#peer?.close();
  }

  #start(): Stream | undefined {
    try {
      return this.#relay.start(this.#streamOptions);
    } catch (error) {
      if (!(error instanceof StreamBusyError || error instanceof RelayFullError)) throw error;
      this.#log.warn(`${this.id} cannot speak: ${error.message}`);
      void this.close('disconnected', error.message);
      return undefined;
    }
  }
}
