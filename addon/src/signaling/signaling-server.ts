/** SignalingServer: lets WebSockets in, knows all sessions, closes them. The door in front of it checks who comes. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import type { Closeable } from '../closeable.ts';
import type { Log } from '../log.ts';
import { LimitBreaches, type BreachCounter } from '../media/limit-breaches.ts';
import type { PeerFactory } from '../media/ports.ts';
import type { Relay } from '../media/relay.ts';
import type { Stream } from '../media/stream.ts';
import { ClientSocket, type RawSocket } from './client-socket.ts';
import { Counters, type ClientFacts, type SignalingStats } from './counters.ts';
import type { DeviceRegistry } from './device-registry.ts';
import { LevelMeter } from './level-meter.ts';
import { withDefaults, type SignalingLimits } from './limits.ts';
import { MonitorRegistry } from './monitor-registry.ts';
import { Observer } from './observer.ts';
import type {
  Admission,
  Announcer,
  Audit,
  Doctor,
  ListenerCounts,
  MediaUrlBook,
  OtherIds,
  PlayUrlBook,
  ReplayBook,
  StreamObserver,
  TokenAuthority,
} from './ports.ts';
import { fullFor } from './places.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';
import { Session } from './session.ts';
import type { SessionContext } from './session-context.ts';
import { StreamList } from './stream-list.ts';
import type { Viewer } from './viewer.ts';

export interface SignalingServerOptions extends Partial<SignalingLimits> {
  log: Log;
  relay: Relay;
  peers: PeerFactory;
  /** Closed by its owner, after this server. */
  devices: DeviceRegistry;
  tokens: TokenAuthority;
  mediaUrls: MediaUrlBook;
  playUrls: PlayUrlBook;
  /** Left out: nothing can be heard again. */
  replays?: ReplayBook | undefined;
  doctor: Doctor;
  /** Left out: there are no speakers. */
  announcer?: Announcer | undefined;
  /** Left out: nobody writes down who hears what. */
  audit?: Audit | undefined;
  listeners: ListenerCounts;
  /** Left out: devices alone have ids. */
  otherIds?: OtherIds;
  /** Left out: nobody counts how often limits are reached. */
  breaches?: BreachCounter;
  serverVersion: string;
}

/** Sockets above `maxClients` that are given a `bye` rather than a bare 503, which a browser cannot read. */
const MAX_TURNED_AWAY = 16;

export class SignalingServer implements Closeable {
  readonly limits: Readonly<SignalingLimits>;
  readonly #log: Log;
  readonly #webSockets: WebSocketServer;
  readonly #context: SessionContext;
  readonly #counters = new Counters();
  readonly #streamList: StreamList;
  readonly #levelMeter: LevelMeter;
  readonly #monitors: MonitorRegistry;
  readonly #sessions = new Set<Session>();
  /** All sessions and all observers. */
  readonly #viewers = new Set<Viewer>();
  /** Sessions on their way out are in here until their peers are closed. */
  readonly #endings = new Set<Promise<void>>();
  readonly #sockets = new Set<ClientSocket>();
  readonly #breaches: BreachCounter;
  #closing: Promise<void> | undefined;

  constructor(options: SignalingServerOptions) {
    const { relay, devices, otherIds } = options;
    this.limits = withDefaults(options);
    this.#breaches = options.breaches ?? new LimitBreaches(options);
    this.#log = options.log.child('signaling');
    // A variable, as @types/ws 8.18 does not know ws's closeTimeout.
    const webSocketOptions = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: this.limits.maxFrameBytes,
      closeTimeout: this.limits.byeTimeoutMs,
    };
    this.#webSockets = new WebSocketServer(webSocketOptions);
    this.#webSockets.on('wsClientError', (_error, socket) => {
      refuseUpgrade(socket, 400, 'This is no handshake of a WebSocket, version 13.', ['Sec-WebSocket-Version: 13']);
    });
    const viewers = this.#viewers;
    const monitors = new MonitorRegistry({
      relay,
      store: devices,
      limits: this.limits,
      breaches: this.#breaches,
      onChanged: () => this.#streamList.changed(),
    });
    this.#monitors = monitors;
    this.#streamList = new StreamList({
      relay,
      listeners: options.listeners,
      viewers,
      nameOf: (id) => devices.nameOf(id),
      monitors,
      intervalMs: this.limits.streamsIntervalMs,
    });
    this.#levelMeter = new LevelMeter({
      relay,
      viewers,
      intervalMs: this.limits.levelsIntervalMs,
      onLook: (stream, levelDbov) => monitors.look(stream, levelDbov),
    });
    this.#context = {
      log: this.#log,
      relay,
      peers: options.peers,
      devices,
      tokens: options.tokens,
      mediaUrls: options.mediaUrls,
      playUrls: options.playUrls,
      replays: options.replays,
      doctor: options.doctor,
      announcer: options.announcer,
      audit: options.audit,
      monitors,
      serverVersion: options.serverVersion,
      limits: this.limits,
      breaches: this.#breaches,
      counters: this.#counters,
      streamList: this.#streamList,
      sessionStreams: new WeakSet<Stream>(),
      isIdInUse: (id) =>
        relay.get(id) !== undefined ||
        otherIds?.has(id) === true ||
        monitors.has(id) ||
        [...viewers].some(({ streamId }) => streamId === id),
    };
  }

  /** Takes over a socket that asks for `/ws`; `admission` is what the door found out about it. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, admission: Admission): void {
    if (this.#closing || this.#sockets.size >= this.limits.maxClients + MAX_TURNED_AWAY) {
      socket.on('error', () => socket.destroy());
      this.#breaches.count('clients', 'WebSockets are refused, as there are too many.');
      refuseUpgrade(socket, 503, 'Too many clients are connected: try again later.');
      return;
    }
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => this.accept(webSocket, admission));
  }

  /** Begins a session on an open WebSocket. */
  accept(raw: RawSocket, admission: Admission): void {
    const socket = new ClientSocket(
      raw,
      this.limits,
      (reason) => this.#counters.countBye(reason),
      (limit, what) => this.#breaches.count(limit, what),
    );
    this.#sockets.add(socket);
    void socket.gone.then(() => this.#sockets.delete(socket));
    const full = fullFor(admission, this.#sessions, this.limits);
    if (full !== undefined) {
      this.#breaches.count(full.limit, `A client is turned away: ${full.why}.`);
      socket.bye('serverFull', full.limit);
      return;
    }
    const session = new Session({
      context: this.#context,
      socket,
      admission,
      onEnded: (ended) => this.#forget(ended),
    });
    this.#sessions.add(session);
    this.#viewers.add(session);
    session.start();
  }

  stats(): SignalingStats {
    const sessions = [...this.#sessions];
    return {
      clients: this.#sockets.size,
      introduced: sessions.filter(({ device }) => device !== undefined).length,
      senderPeers: sessions.filter(({ transports }) => transports.hasSender).length,
      receiverPeers: sessions.filter(({ transports }) => transports.hasReceiver).length,
      messagesIn: this.#counters.messagesIn,
      errors: { ...this.#counters.errors },
      byes: { ...this.#counters.byes },
      packetsDropped: this.#counters.packetsDropped,
    };
  }

  /** Who is here, for the diagnostics: devices, not people, and not what they hear. */
  clients(): ClientFacts[] {
    return [...this.#sessions].map(({ streamId, isAdmitted, isAdmin, transports, talk, heardStreamIds }) => ({
      streamId: streamId ?? null,
      isAdmitted,
      isAdmin,
      hasSender: transports.hasSender,
      hasReceiver: transports.hasReceiver,
      isTesting: talk.isEcho,
      hears: heardStreamIds.length,
    }));
  }

  /** Tells `observer` what is now and what changes. Returns its own unsubscribe function. */
  watch(observer: StreamObserver): () => void {
    const viewer = new Observer(observer, (error) => this.#log.error('an observer failed', error));
    this.#viewers.add(viewer);
    this.#streamList.tell(viewer);
    return () => this.#viewers.delete(viewer);
  }

  /** Whether the device that speaks as this stream is at this address. */
  isAt(streamId: string, address: string): boolean {
    return [...this.#sessions].some((session) => session.device?.id === streamId && session.address === address);
  }

  /** WebRTC clients that hear a stream now. */
  receiversOf(streamId: string): number {
    return this.#streamList.receiversOf(streamId);
  }

  /** Says `bye` to all and waits, at most `closeTimeoutMs`, until their peers and sockets are gone. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #forget(session: Session): void {
    this.#sessions.delete(session);
    this.#viewers.delete(session);
    const ending = Promise.resolve()
      .then(() => session.close())
      .catch((error: unknown) => this.#log.error('a session could not be closed', error))
      .finally(() => this.#endings.delete(ending));
    this.#endings.add(ending);
  }

  async #close(): Promise<void> {
    for (const session of [...this.#sessions]) session.bye('closing');
    const timeout = new AbortController();
    const isInTime = await Promise.race([
      Promise.all([...this.#endings, ...[...this.#sockets].map(({ gone }) => gone)]).then(() => true),
      delay(this.limits.closeTimeoutMs, false, { signal: timeout.signal }).catch(() => false),
    ]);
    timeout.abort();
    if (!isInTime) this.#log.warn(`${this.#sockets.size} clients did not close in time`);
    for (const socket of this.#sockets) socket.terminate();
    await this.#levelMeter.close();
    await this.#monitors.close();
    await this.#streamList.close();
    this.#webSockets.close();
  }
}
