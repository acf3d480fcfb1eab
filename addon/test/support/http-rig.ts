/** Both servers as main.ts wires them, on free ports of loopback, with real peers and the real transcoder. */
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { closeAll } from '../../src/closeable.ts';
import { mainDoor } from '../../src/http/access.ts';
import { KeyedListeners } from '../../src/http/keyed-listeners.ts';
import { MainServer, type MainServerOptions } from '../../src/http/main-server.ts';
import { MediaKeys } from '../../src/http/media-keys.ts';
import { MediaServer } from '../../src/http/media-server.ts';
import { MediaUrlBook } from '../../src/http/media-url-book.ts';
import { Metrics } from '../../src/http/metrics.ts';
import type { Admission, Audit, Plays, StatusSources } from '../../src/http/ports.ts';
import { PlayTickets } from '../../src/http/play-tickets.ts';
import { Secrets } from '../../src/http/secrets.ts';
import { Status } from '../../src/http/status.ts';
import { ListenerCounters } from '../../src/http/stream-listener.ts';
import { createStreamRoutes } from '../../src/http/stream-routes.ts';
import { TokenAuthority } from '../../src/http/token-authority.ts';
import { Whep } from '../../src/http/whep.ts';
import { Whip } from '../../src/http/whip.ts';
import { Relay } from '../../src/media/relay.ts';
import { TalkStore } from '../../src/media/talk-store.ts';
import { Transcoder } from '../../src/media/transcoder/transcoder.ts';
import { WeriftPeerFactory } from '../../src/webrtc/werift-peer-factory.ts';
import { quietLog, type QuietLog } from './quiet-log.ts';

export interface HttpRigOptions {
  /** `media_access: open`. */
  open?: boolean;
  trustLoopback?: boolean;
  main?: Partial<MainServerOptions>;
  /** Streams that only some may hear. */
  isRestricted?: (streamId: string) => boolean;
  audit?: Audit;
  maxSessions?: number;
  /** Announcements that players may fetch. */
  plays?: Plays;
  /** Of the peers. */
  silenceTimeoutMs?: number;
  /** Of the transcoder. Default: as it ships. */
  workerUrl?: URL;
}

export interface HttpRig {
  log: QuietLog;
  relay: Relay;
  talks: TalkStore;
  peers: WeriftPeerFactory;
  main: MainServer;
  /** As `main` was made: for further doors to the same, as main.ts opens the one of ingress. */
  mainOptions: MainServerOptions;
  media: MediaServer;
  /** `http://localhost:port` of the main server. */
  url: string;
  mediaUrl: string;
  mediaUrls: MediaUrlBook;
  tickets: PlayTickets;
  counters: ListenerCounters;
  transcoder: Transcoder;
  token: string;
  /** What no answer may hold. */
  secrets: readonly string[];
  /** What came through the door of `/ws`; the sockets are held open. */
  upgrades: { admission: Admission; socket: Duplex }[];
  /** Closes all; throws when a fault of ours was logged or a peer is left. */
  close(): Promise<void>;
}

export const WORKER_URL = new URL('../../dist/transcoder-worker.js', import.meta.url);

export async function httpRig(options: HttpRigOptions = {}): Promise<HttpRig> {
  const dataDir = await mkdtemp(join(tmpdir(), 'http-'));
  const pageDirectory = join(dataDir, 'page');
  await mkdir(join(pageDirectory, 'translations'), { recursive: true });
  await writeFile(join(pageDirectory, 'index.html'), '<!doctype html><title>The page</title>');
  await writeFile(join(pageDirectory, 'voice-streaming-card.js'), 'export {};');
  await writeFile(join(pageDirectory, 'pages.js'), 'export {};');
  await writeFile(join(pageDirectory, 'editor.js'), 'export {};');
  await writeFile(join(pageDirectory, 'translations/de.js'), 'export {};');
  await writeFile(join(pageDirectory, '.hidden'), 'hidden');
  const log = quietLog();
  const secrets = await Secrets.load({ dataDir });
  const keys = new MediaKeys(secrets);
  const tokens = new TokenAuthority(secrets.accessToken);
  const tickets = new PlayTickets({ source: secrets });
  const relay = new Relay({ log, isRestricted: options.isRestricted ?? (() => false) });
  const talks = new TalkStore({ log, relay });
  const silence = options.silenceTimeoutMs === undefined ? {} : { silenceTimeoutMs: options.silenceTimeoutMs };
  const peers = new WeriftPeerFactory({ log, addresses: ['127.0.0.1'], ...silence });
  const transcoder = new Transcoder({ log, relay, workerUrl: options.workerUrl ?? WORKER_URL, idleMs: 100 });
  const limit = options.maxSessions === undefined ? {} : { maxSessions: options.maxSessions };
  const devices = { has: (id: string) => id === 'kitchen-tablet' };
  const whip = new Whip({ log, relay, peers, devices, ...limit });
  const whep = new Whep({ log, relay, peers, knownIds: [devices, whip], audit: options.audit, ...limit });
  const open = options.open ?? false;
  const counters = new ListenerCounters();
  const keyed = new KeyedListeners();
  const sources: StatusSources = {
    signaling: {
      stats: () => ({ clients: 0, senderPeers: 0, receiverPeers: 0, messagesIn: 0, errors: {}, packetsDropped: 0 }),
    },
    transcoder,
    listeners: counters,
    wish: { stats: () => ({ whip: whip.sessionCount, whep: whep.sessionCount }) },
    peers,
    webrtcAvailable: () => peers.available,
    audioServerRunning: () => media.listening,
  };
  const status = new Status({ relay, sources });
  const metrics = new Metrics({ relay, sources, status });
  const media: MediaServer = new MediaServer({
    log,
    port: 0,
    portOption: 'AUDIO_PORT',
    host: '127.0.0.1',
    status,
    open,
    streamRoutes: createStreamRoutes({
      transcoder,
      relay,
      log,
      counters,
      keyed,
      audit: options.audit,
      open,
      talks,
      plays: options.plays,
      knownIds: [devices],
      checkKey: (key, kind, id) => keys.verify(key, kind, id, kind === 'talk' ? talks.streamIdOf(id) : id),
    }),
  });
  const upgrades: HttpRig['upgrades'] = [];
  const mainOptions: MainServerOptions = {
    log,
    port: 0,
    host: '127.0.0.1',
    portOption: 'PORT',
    door: mainDoor({ tokens, trustLoopback: options.trustLoopback ?? true }),
    pageDirectory,
    status,
    metrics,
    whip,
    whep,
    streamRoutes: createStreamRoutes({
      transcoder,
      relay,
      log,
      counters,
      keyed,
      audit: options.audit,
      talks,
      plays: options.plays,
      knownIds: [devices],
      checkTicket: (ticket, id, kind) => tickets.verify(ticket, id, kind, talks.streamIdOf(id)),
    }),
    onUpgrade: (_request: IncomingMessage, socket: Duplex, _head: Buffer, admission: Admission) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      upgrades.push({ admission, socket });
    },
    ...options.main,
  };
  const main = new MainServer(mainOptions);
  await main.listen();
  await media.listen();
  return {
    log,
    relay,
    talks,
    peers,
    main,
    mainOptions,
    media,
    url: `http://localhost:${main.port}`,
    mediaUrl: `http://127.0.0.1:${media.port}`,
    mediaUrls: new MediaUrlBook({
      keys,
      host: () => '127.0.0.1',
      port: () => media.port,
      isOpen: () => open,
      onRotated: (id) => keyed.cut(id),
    }),
    tickets,
    counters,
    transcoder,
    token: secrets.accessToken,
    secrets: [secrets.accessToken, secrets.mediaSecret.toString('base64url')],
    upgrades,
    close: async () => {
      const errors: unknown[] = [];
      await closeAll([whip, whep, relay, talks, transcoder, peers, main, media, metrics], (error) =>
        errors.push(error),
      );
      await rm(dataDir, { recursive: true });
      const faults = [...errors.map(String), ...log.lines.filter((line) => line.startsWith('ERROR'))];
      if (faults.length > 0) throw new Error(`faults of ours: ${faults.join('\n')}`);
      const { senders, receivers } = peers.counts();
      if (senders + receivers > 0) throw new Error(`${senders + receivers} peers are left`);
    },
  };
}

/** Sends these bytes and reads until the server closes the connection. */
export function rawRequest(port: number, text: string, host = '127.0.0.1'): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host }, () => socket.write(text));
    let answer = '';
    socket.setEncoding('latin1').on('data', (data: string) => (answer += data));
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}
