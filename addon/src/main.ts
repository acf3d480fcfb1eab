/**
 * The composition root: options -> objects -> listen -> signals -> close. The only file that sees all; nobody imports it.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Check, HostAddress } from '@voice-streaming/shared/protocol';
import { Audit } from './media/audit.ts';
import { closeAll, type Closeable } from './closeable.ts';
import { houseChecks, mqttCheck } from './homeassistant/checks.ts';
import { HomeAssistant, type ChosenPorts } from './homeassistant/home-assistant.ts';
import { Mqtt } from './homeassistant/mqtt.ts';
import { createDiagnostics, secretsOf, streamFacts } from './diagnostics.ts';
import { mainDoor } from './http/access.ts';
import { IngressDoor } from './http/ingress-door.ts';
import { KeyedListeners } from './http/keyed-listeners.ts';
import { MainServer, type MainServerOptions } from './http/main-server.ts';
import { MediaKeys } from './http/media-keys.ts';
import { MediaServer } from './http/media-server.ts';
import { MediaUrlBook } from './http/media-url-book.ts';
import { Metrics } from './http/metrics.ts';
import { PlayTickets } from './http/play-tickets.ts';
import { Secrets } from './http/secrets.ts';
import { Status } from './http/status.ts';
import { ListenerCounters } from './http/stream-listener.ts';
import { createStreamRoutes } from './http/stream-routes.ts';
import { TlsCertificate } from './http/tls-certificate.ts';
import { TokenAuthority } from './http/token-authority.ts';
import { UserRights } from './http/user-rights.ts';
import { Whep } from './http/whep.ts';
import { Whip } from './http/whip.ts';
import { healthUrl, tellHealthCheck } from './health-file.ts';
import { createLog, writeToConsole, type Log } from './log.ts';
import { LogRing } from './log-ring.ts';
import { LoopWatch } from './loop-watch.ts';
import { LimitBreaches } from './media/limit-breaches.ts';
import { Relay } from './media/relay.ts';
import { TalkStore } from './media/talk-store.ts';
import { Transcoder } from './media/transcoder/transcoder.ts';
import { boundAddress, candidateAddresses, lanAddresses, mediaUrlAddress, preferring, urlHost } from './network.ts';
import { readOptions, type Options } from './options.ts';
import { openAnnouncer } from './speakers/open-announcer.ts';
import { closeOnSignals } from './signals.ts';
import { DeviceRegistry } from './signaling/device-registry.ts';
import { SignalingServer } from './signaling/signaling-server.ts';
import { VERSION } from './version.ts';
import { welcome } from './welcome.ts';
import { rehearse } from './webrtc/rehearsal.ts';
import { WeriftPeerFactory } from './webrtc/werift-peer-factory.ts';

/** A clear reason not to start; the rest are bugs and keep their stack. */
interface StartError extends Error {
  exitCode: number;
}

interface RunningServer extends Closeable {
  /** For a person and, as one line of JSON in the log, for programs. */
  listening: { page: string; media: string; latestMp3Url: string };
}

/** How long the Supervisor may take to say which ports; it is on this machine. Nothing else at the start waits for it. */
const PORTS_TIMEOUT_MS = 500;
/** Longer than the Supervisor keeps an idle connection (15 s): else it asks on one that we are just closing, and answers 502. */
const INGRESS_KEEP_ALIVE_MS = 75_000;
const ADDON_NETWORK = "the add-on's network settings";
const PAGE_DIRECTORY = fileURLToPath(new URL('../../card/dist', import.meta.url));
const WORKER_URL = new URL('./transcoder-worker.js', import.meta.url);

await run();

async function run(): Promise<void> {
  const ring = new LogRing({ write: writeToConsole });
  let log = createLog('info', ring.write);
  // A closed pipe (`npm start | head -1`) ends the log, not the service.
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);
  let server: RunningServer | undefined;
  closeOnSignals(
    () => server,
    () => log,
  );
  try {
    const options = readOptions(process.env);
    log = createLog(options.logLevel, ring.write);
    for (const warning of options.warnings) log.warn(warning);
    server = await start(options, log, ring);
    log.info(`listening ${JSON.stringify(server.listening)}`);
    if (!options.supervisor) process.stdout.write(welcome(server.listening, options));
  } catch (error) {
    if (isStartError(error)) {
      process.stderr.write(`${error.message}\n`);
      process.exit(error.exitCode);
    }
    log.error('start failed', error);
    process.exit(1);
  }
}

async function start(options: Options, log: Log, ring: LogRing): Promise<RunningServer> {
  const loop = new LoopWatch({ log });
  const secrets = await Secrets.load({ dataDir: options.dataDir, accessToken: options.accessToken });
  const tokens = new TokenAuthority(secrets.accessToken);
  const keys = new MediaKeys(secrets);
  const devices = await DeviceRegistry.open({ log, dataDir: options.dataDir });

  const certificate = options.tls && new TlsCertificate({ log, ...options.tls });
  const certificateChecks = (): Check[] => (certificate ? [certificate.check] : []);

  const breaches = new LimitBreaches({ log });
  const rights = new UserRights(options);
  const relay = new Relay({ log: log.child('relay'), breaches, isRestricted: (id) => rights.isRestricted(id) });
  const audit = new Audit({ log, relay });
  // Before all that look a talk up when it begins.
  const talks = new TalkStore({ log, relay, breaches, replayMs: options.replayMinutes * 60_000 });
  const peers = new WeriftPeerFactory({
    log: log.child('webrtc'),
    breaches,
    addresses: () => candidateAddresses({ ...options, addresses: preferring(house?.hostAddress, lanAddresses()) }),
    bindAddress: boundAddress(options.host),
    udpPorts: options.udpPorts && [options.udpPorts.min, options.udpPorts.max],
  });
  const transcoder = new Transcoder({ log, relay, workerUrl: WORKER_URL });
  const whip = new Whip({ log, relay, peers, devices, breaches });
  const whep = new Whep({ log, relay, peers, knownIds: [devices, whip], audit, breaches });
  const keyed = new KeyedListeners();
  /** What the owner chose for the port of speakers. */
  let isMediaOpen = true;
  const ownAddress = (): HostAddress =>
    house?.facts.host_address ?? mediaUrlAddress({ ...options, addresses: lanAddresses() });
  const mediaUrls = new MediaUrlBook({
    keys,
    host: () => ownAddress().address,
    port: () => mediaServer.port,
    isReachable: () => isMediaOpen,
    isOpen: (id) => options.mediaAccess === 'open' && relay.get(id)?.private !== true,
    onRotated: (id) => keyed.cut(id),
  });
  const house: HomeAssistant | undefined =
    options.supervisor &&
    new HomeAssistant({
      log,
      supervisor: options.supervisor,
      homeAssistantFolder: options.supervisor.homeAssistantFolder,
      relay,
      mediaUrls,
      version: VERSION,
      cardFolder: PAGE_DIRECTORY,
      announcedAddress: options.announcedAddress,
      interfaces: () => lanAddresses(),
      mqttFact: () => mqtt?.fact,
      certificateCheck: () => certificate?.check,
      createIngress: (place, administrators) => {
        const door = new IngressDoor({ administrators, rights, supervisorAddress: options.supervisor?.address });
        const keepAliveTimeoutMs = INGRESS_KEEP_ALIVE_MS;
        return new MainServer({ ...main, ...place, keepAliveTimeoutMs, portOption: undefined, door });
      },
    });
  const speakers =
    house &&
    (await openAnnouncer({
      log,
      house: house.players,
      talks,
      urls: mediaUrls,
      dataDir: options.dataDir,
      chimeFolder: path.join(options.supervisor?.homeAssistantFolder ?? options.dataDir, 'voice-streaming', 'chimes'),
      options: options.speakers,
      breaches,
      isAt: (streamId, address) => signaling.isAt(streamId, address),
    }));
  if (speakers) house.announceBy(speakers.announcer);
  const tickets = new PlayTickets({ source: secrets });
  const signaling: SignalingServer = new SignalingServer({
    log,
    relay,
    peers,
    devices,
    tokens,
    mediaUrls,
    audit,
    breaches,
    maxTalkMs: options.maxTalkMinutes * 60_000,
    playUrls: tickets,
    replays: talks,
    doctor: {
      diagnose: () => diagnose(),
      examine: () => ({
        checks: [
          ...status.checks(),
          ...certificateChecks(),
          ...(house ? houseChecks(house.facts) : [mqttCheck(mqtt?.fact)]),
        ],
        hostAddress: ownAddress(),
      }),
    },
    listeners: {
      listenersOf: (streamId) => transcoder.listenersOf(streamId),
      receiversOf: (streamId) => whep.receiversOf(streamId),
      onListenersChanged: (callback) => {
        const unsubscribe = [transcoder.onListenersChanged(callback), whep.onReceiversChanged(callback)];
        return () => unsubscribe.forEach((each) => each());
      },
    },
    otherIds: whip,
    announcer: speakers?.announcer,
    serverVersion: VERSION,
  });

  const counters = new ListenerCounters();
  const sources = {
    signaling,
    transcoder,
    listeners: counters,
    announcer: speakers?.announcer,
    talks,
    peers,
    breaches,
    wish: { stats: () => ({ whip: whip.sessionCount, whep: whep.sessionCount }) },
    webrtcAvailable: () => peers.available,
    udpTrouble: () => peers.udpTrouble(),
    blockedMs: () => loop.blockedMs,
    audioServerRunning: () => mediaServer.listening,
    audioServerReachable: () => isMediaOpen,
  };
  const status: Status = new Status({ relay, sources, log });
  const metrics = new Metrics({ relay, sources, status });
  const diagnose = createDiagnostics({
    version: VERSION,
    options,
    secrets: [secrets.accessToken, secrets.mediaSecret.toString('base64url'), ...secretsOf(options)],
    logLines: () => ring.lines,
    parts: {
      health: () => status.health(),
      checks: () => [...status.checks(), ...certificateChecks()],
      home_assistant: () => house?.facts ?? { mqtt: mqtt?.fact },
      host_address: ownAddress,
      addresses: lanAddresses,
      limits: () => ({ signaling: signaling.limits, breaches: breaches.counts() }),
      streams: () => relay.live.map(streamFacts),
      clients: () => signaling.clients(),
      speakers: () => speakers?.announcer.speakers(),
      announcements: () => speakers?.announcer.stats(),
      metrics: async () => (await metrics.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#')),
    },
  });
  const plays = speakers?.announcer;
  const sounds = { transcoder, relay, talks, plays, knownIds: [devices, whip], log, counters, keyed, audit, breaches };
  const mediaServer: MediaServer = new MediaServer({
    log,
    breaches,
    port: options.audioPort,
    portOption: options.supervisor ? ADDON_NETWORK : 'AUDIO_PORT',
    host: options.host,
    status,
    open: options.mediaAccess === 'open',
    streamRoutes: createStreamRoutes({
      ...sounds,
      checkKey: (key, kind, id) => keys.verify(key, kind, id, kind === 'talk' ? talks.streamIdOf(id) : id),
      open: options.mediaAccess === 'open',
    }),
  });
  const main: Omit<MainServerOptions, 'port' | 'portOption' | 'host' | 'door'> = {
    log,
    breaches,
    pageDirectory: PAGE_DIRECTORY,
    status,
    metrics,
    whip,
    whep,
    announcer: speakers?.announcer,
    streamRoutes: createStreamRoutes({
      ...sounds,
      checkTicket: (ticket, id, kind) => tickets.verify(ticket, id, kind, talks.streamIdOf(id)),
    }),
    onUpgrade: (request, socket, head, admission) => signaling.handleUpgrade(request, socket, head, admission),
  };
  const mainServer = new MainServer({
    ...main,
    port: options.port,
    portOption: options.supervisor ? ADDON_NETWORK : 'PORT',
    host: options.host,
    tls: certificate,
    door: mainDoor({ tokens, trustLoopback: !options.supervisor }),
  });

  const mqttSettings = options.mqtt ? () => Promise.resolve(options.mqtt) : house && (() => house.mqttSettings());
  const mqtt: Mqtt | undefined =
    mqttSettings &&
    new Mqtt({
      log,
      settings: mqttSettings,
      installation: secrets,
      relay,
      streams: signaling,
      players: transcoder,
      known: { has: (id) => devices.has(id) || whip.has(id), nameOf: (id) => devices.nameOf(id) },
      version: VERSION,
    });

  // Who closes whom: design.md section 10 and addon/README.md. `bye` is said while the sockets are still open.
  const close = async (): Promise<void> => {
    mainServer.stopAccepting();
    mediaServer.stopAccepting();
    house?.stopAccepting();
    const servers = [mainServer, mediaServer, metrics, devices, ...(certificate ? [certificate] : [])];
    const outside = [speakers, mqtt, house].filter((each) => each !== undefined);
    const order = [signaling, whip, whep, relay, talks, ...outside, transcoder, peers, ...servers, audit, loop];
    await closeAll(order, (error) => log.error('closing failed', error));
  };
  const listen = async (ports: ChosenPorts): Promise<void> => {
    if (ports.main !== null) {
      await certificate?.start();
      await mainServer.listen({ port: ports.main, host: options.host });
    }
    // Without a port for the house it still answers health checks.
    isMediaOpen = ports.media !== null;
    if (!isMediaOpen) log.warn(`No speaker can play a URL: give port 8081 a number in ${ADDON_NETWORK}.`);
    const host = ports.media === null ? '127.0.0.1' : options.host;
    await mediaServer.listen({ port: ports.media ?? options.audioPort, host });
    tellHealthCheck(healthUrl(host, mediaServer.port), process.env, log);
  };
  try {
    if (house) {
      const chosen = await house.ports(PORTS_TIMEOUT_MS);
      await listen(chosen ?? { main: null, media: options.audioPort });
      if (!chosen) house.onPorts((late) => listen(late).catch((error: unknown) => log.error('cannot listen', error)));
      house.start();
    } else {
      await listen({ main: options.port, media: options.audioPort });
    }
    mqtt?.start();
    loop.guard();
    void rehearse({ log: log.child('webrtc') });
  } catch (error) {
    await close();
    throw error;
  }
  const pageHost = options.host === undefined ? 'localhost' : urlHost(options.host);
  const page = mainServer.port === 0 ? '' : `${options.tls ? 'https' : 'http'}://${pageHost}:${mainServer.port}/`;
  // Not in the add-on's log, which ends up in bug reports: there the page shows it.
  const latest = mediaUrls.urlsOf('latest').mp3Url;
  return {
    listening: { page, media: new URL(latest).origin, latestMp3Url: options.supervisor ? '' : latest },
    close,
  };
}

function isStartError(error: unknown): error is StartError {
  return error instanceof Error && 'exitCode' in error && typeof error.exitCode === 'number';
}
