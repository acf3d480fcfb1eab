/**
 * The composition root: options -> objects -> listen -> signals -> close. The only file that sees all; nobody imports it.
 */
import { fileURLToPath } from 'node:url';
import { closeAll, type Closeable } from './closeable.ts';
import { MainServer } from './http/main-server.ts';
import { MediaKeys } from './http/media-keys.ts';
import { MediaServer } from './http/media-server.ts';
import { MediaUrlBook } from './http/media-url-book.ts';
import { Metrics } from './http/metrics.ts';
import { PlayTickets } from './http/play-tickets.ts';
import { Secrets } from './http/secrets.ts';
import { Status } from './http/status.ts';
import { ListenerCounters } from './http/stream-listener.ts';
import { createStreamRoutes } from './http/stream-routes.ts';
import { TokenAuthority } from './http/token-authority.ts';
import { Whep } from './http/whep.ts';
import { Whip } from './http/whip.ts';
import { healthUrl, writeHealthFile } from './health-file.ts';
import { createLog, type Log } from './log.ts';
import { Relay } from './media/relay.ts';
import { Transcoder } from './media/transcoder/transcoder.ts';
import { boundAddress, candidateAddresses, lanAddresses, mediaUrlHost } from './network.ts';
import { readOptions, type Options } from './options.ts';
import { DeviceRegistry } from './signaling/device-registry.ts';
import { SignalingServer } from './signaling/signaling-server.ts';
import { VERSION } from './version.ts';
import { WeriftPeerFactory } from './webrtc/werift-peer-factory.ts';

/** A clear reason not to start; the rest are bugs and keep their stack. */
interface StartError extends Error {
  exitCode: number;
}

interface RunningServer extends Closeable {
  /** For a person and, as one line of JSON in the log, for programs. */
  listening: { page: string; media: string; latestMp3Url: string };
  healthUrl: string;
}

const FORCED_EXIT_MS = 5_000;
const PAGE_DIRECTORY = fileURLToPath(new URL('../../card/dist', import.meta.url));
const WORKER_URL = new URL('./transcoder-worker.js', import.meta.url);

await run();

async function run(): Promise<void> {
  let log = createLog('info');
  // A closed pipe (`npm start | head -1`) ends the log, not the service.
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);
  let server: RunningServer | undefined;
  closeOnSignals(
    () => server,
    () => log,
  );
  try {
    const options = readOptions(process.env);
    log = createLog(options.logLevel);
    for (const warning of options.warnings) log.warn(warning);
    server = await start(options, log);
    tellHealthCheck(server.healthUrl, log);
    log.info(`listening ${JSON.stringify(server.listening)}`);
    process.stdout.write(welcome(server, options));
  } catch (error) {
    if (isStartError(error)) {
      process.stderr.write(`${error.message}\n`);
      process.exit(error.exitCode);
    }
    log.error('start failed', error);
    process.exit(1);
  }
}

async function start(options: Options, log: Log): Promise<RunningServer> {
  const secrets = await Secrets.load({ dataDir: options.dataDir, accessToken: options.accessToken });
  const tokens = new TokenAuthority(secrets.accessToken);
  const keys = new MediaKeys(secrets);
  const devices = await DeviceRegistry.open({ log, dataDir: options.dataDir });
  const addresses = lanAddresses();

  const relay = new Relay({ log: log.child('relay') });
  const peers = new WeriftPeerFactory({
    log: log.child('webrtc'),
    addresses: candidateAddresses({ ...options, addresses }),
    bindAddress: boundAddress(options.host),
    udpPorts: options.udpPorts && [options.udpPorts.min, options.udpPorts.max],
  });
  await peers.prepare();
  const transcoder = new Transcoder({ log, relay, workerUrl: WORKER_URL });
  const whip = new Whip({ log, relay, peers, devices });
  const whep = new Whep({ log, relay, peers, knownIds: [devices, whip] });
  const mediaUrls = new MediaUrlBook({
    keys,
    host: () => mediaUrlHost({ ...options, addresses: lanAddresses() }),
    port: () => mediaServer.port,
    isOpen: (id) => options.mediaAccess === 'open' && relay.get(id)?.private !== true,
  });
  const tickets = new PlayTickets({ source: secrets });
  const signaling = new SignalingServer({
    log,
    relay,
    peers,
    devices,
    tokens,
    mediaUrls,
    playUrls: tickets,
    listeners: {
      listenersOf: (streamId) => transcoder.listenersOf(streamId),
      receiversOf: (streamId) => whep.receiversOf(streamId),
      onListenersChanged: (callback) => {
        const unsubscribe = [transcoder.onListenersChanged(callback), whep.onReceiversChanged(callback)];
        return () => unsubscribe.forEach((each) => each());
      },
    },
    otherIds: whip,
    serverVersion: VERSION,
  });

  const counters = new ListenerCounters();
  const sources = {
    signaling,
    transcoder,
    listeners: counters,
    peers,
    wish: { stats: () => ({ whip: whip.sessionCount, whep: whep.sessionCount }) },
    webrtcAvailable: () => peers.available,
    audioServerRunning: () => mediaServer.listening,
  };
  const status = new Status({ relay, sources });
  const metrics = new Metrics({ relay, sources, status });
  const mediaServer: MediaServer = new MediaServer({
    log,
    port: options.audioPort,
    host: options.host,
    status,
    open: options.mediaAccess === 'open',
    streamRoutes: createStreamRoutes({
      transcoder,
      relay,
      log,
      checkKey: (key, kind, id) => keys.verify(key, kind, id),
      open: options.mediaAccess === 'open',
      counters,
    }),
  });
  const mainServer = new MainServer({
    log,
    port: options.port,
    host: options.host,
    door: { tokens, trustLoopback: true },
    pageDirectory: PAGE_DIRECTORY,
    status,
    metrics,
    whip,
    whep,
    streamRoutes: createStreamRoutes({
      transcoder,
      relay,
      log,
      counters,
      checkTicket: (ticket, id) => tickets.verify(ticket, id),
    }),
    onUpgrade: (request, socket, head, admission) => signaling.handleUpgrade(request, socket, head, admission),
  });

  // Who closes whom: design.md section 10 and addon/README.md. `bye` is said while the sockets are still open.
  const close = async (): Promise<void> => {
    mainServer.stopAccepting();
    mediaServer.stopAccepting();
    const order = [signaling, whip, whep, relay, transcoder, peers, mainServer, mediaServer, metrics, devices];
    await closeAll(order, (error) => log.error('closing failed', error));
  };
  try {
    await mainServer.listen();
    await mediaServer.listen();
  } catch (error) {
    await close();
    throw error;
  }
  const page = `http://${options.host === undefined ? 'localhost' : urlHost(options.host)}:${mainServer.port}/`;
  const latestMp3Url = mediaUrls.urlsOf('latest').mp3Url;
  return {
    listening: { page, media: new URL(latestMp3Url).origin, latestMp3Url },
    healthUrl: healthUrl(options.host, mediaServer.port),
    close,
  };
}

function tellHealthCheck(url: string, log: Log): void {
  try {
    writeHealthFile(process.env, url);
  } catch (error) {
    log.warn(`The health check may look at the wrong port: ${String(error)}`);
  }
}

/**
 * First signal: an orderly end. Second, or five seconds: an end. Before there is a server: an end at once, as process 1 of
 * a container ignores signals without a handler. The handlers are never changed, or a signal could fall in between.
 */
function closeOnSignals(running: () => RunningServer | undefined, log: () => Log): void {
  let closing = false;
  const close = (signal: string): void => {
    const server = running();
    if (closing) process.exit(1);
    if (!server) process.exit(0);
    closing = true;
    log().info(`closing: ${signal}`);
    setTimeout(() => {
      log().error(`not closed within ${FORCED_EXIT_MS} ms`);
      process.exit(1);
    }, FORCED_EXIT_MS).unref();
    void server.close().then(() => {
      log().info('closed');
      process.exit(0);
    });
  };
  process.on('SIGTERM', close);
  process.on('SIGINT', close);
}

function welcome({ listening }: RunningServer, options: Options): string {
  return `
Voice Streaming ${VERSION} is running.

  Open      ${listening.page}
            press the button and speak; the same page on a second device, or in a private
            window, hears you (a browser never plays its own voice back)
  Listen    ${listening.latestMp3Url}
            in any player: ffplay, VLC, a speaker; whoever has this URL can listen

  A page on another device asks for the access token: it is ${tokenPlace(options)}.
  Browsers give a microphone to https pages and to localhost only; listening works everywhere.

`;
}

function tokenPlace(options: Options): string {
  return options.accessToken === undefined ? `in ${options.dataDir}/secrets.json` : 'the one you set';
}

function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

function isStartError(error: unknown): error is StartError {
  return error instanceof Error && 'exitCode' in error && typeof error.exitCode === 'number';
}
