/**
 * Options: environment variables over `options.json` in DATA_DIR (same names in lower case) over defaults. Anything
 * wrong is an OptionsError, one line for a person, before anything is opened. A SUPERVISOR_TOKEN in the environment means
 * that we are an add-on of Home Assistant: its network settings are the Supervisor's to tell then.
 */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import path from 'node:path';
import { LOG_LEVELS, type LogLevel } from './log.ts';
import {
  fileIn,
  oneOf,
  parseAddress,
  parseHost,
  parseMaxTalkMinutes,
  parseMqttUrl,
  parseNames,
  parsePort,
  parseRange,
  parseReplayMinutes,
  parseStreamListeners,
  parseSwitch,
  parseToken,
} from './option-parsers.ts';
import {
  DEFAULT_CHIME,
  DEFAULT_MAX_SECONDS,
  parseChime,
  parseMaxSeconds,
  parseOverrides,
  parseVolume,
  type SpeakerOptions,
} from './speaker-options.ts';

export type { SpeakerOptions, SpeakerOverride } from './speaker-options.ts';

export interface UdpPortRange {
  min: number;
  /** Never equal to `min`: werift takes a range of one for none. */
  max: number;
}

/** `key`: media URLs hold an unguessable key; `open`: everybody on the network may listen. */
export type MediaAccess = 'key' | 'open';

export interface Options {
  /** Page, signaling, WHIP and WHEP; 0 takes any free port. */
  port: number;
  /** MP3 and WAV; 0 takes any free port. */
  audioPort: number;
  /** Address to bind to; undefined is every address of the machine, IPv4 and IPv6. */
  host: string | undefined;
  dataDir: string;
  logLevel: LogLevel;
  /** One more host candidate, and the host of media URLs: what others reach a Docker bridge by. */
  announcedAddress: string | undefined;
  /** Undefined: the system chooses. */
  udpPorts: UdpPortRange | undefined;
  mediaAccess: MediaAccess;
  /** Undefined: the one made at first start, see http/secrets.ts. */
  accessToken: string | undefined;
  /** The MQTT broker; undefined: the Supervisor's, if there is one. */
  mqtt: MqttAccess | undefined;
  /** The main server speaks https by these; undefined: http. */
  tls: TlsFiles | undefined;
  /** What was said may be heard again for so long; 0: not. */
  replayMinutes: number;
  /** A talk of a card ends after so long; 0: never. */
  maxTalkMinutes: number;
  /** Announcements on media players; only with a Supervisor. */
  speakers: SpeakerOptions;
  /** Names or ids of the users of Home Assistant who may talk; undefined: all. */
  talkUsers: readonly string[] | undefined;
  listenUsers: readonly string[] | undefined;
  /** Streams that only some may hear, and who. */
  streamListeners: ReadonlyMap<string, readonly string[]>;
  /** Home Assistant's Supervisor; undefined: we are no add-on. */
  supervisor: SupervisorAccess | undefined;
  /** Nothing to stop for: unknown names in options.json. */
  warnings: string[];
}

/** Absolute paths of PEM files. */
export interface TlsFiles {
  /** The whole chain. */
  certFile: string;
  /** Without a passphrase. */
  keyFile: string;
}

export interface MqttAccess {
  /** `mqtt://host:1883` or `mqtts://…`, without user and password. */
  url: string;
  username: string | undefined;
  password: string | undefined;
  verifyCertificate: boolean;
}

export interface SupervisorAccess {
  /** `http://supervisor`; SUPERVISOR_URL names another one, for tests. */
  url: string;
  token: string;
  /** From where its requests come; undefined: from where every Supervisor's do. */
  address: string | undefined;
  /** Home Assistant's configuration, as the Supervisor maps it; HOME_ASSISTANT_DIR names another folder, for tests. */
  homeAssistantFolder: string;
}

/** What is wrong with which option; main.ts prints the message and exits with `exitCode`. */
export class OptionsError extends Error {
  readonly exitCode = 2;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'OptionsError';
  }
}

const FILE_NAME = 'options.json';
/** Where the Supervisor mounts what is ours to keep. */
const ADDON_DATA_DIR = '/data';
const SUPERVISOR_URL = 'http://supervisor';
/** Where the Supervisor maps Home Assistant's certificates; SSL_DIR names another folder, for tests. */
const ADDON_SSL_DIR = '/ssl';
const NAMES = [
  'port',
  'audio_port',
  'host',
  'log_level',
  'announced_address',
  'udp_ports',
  'media_access',
  'access_token',
  'mqtt_url',
  'mqtt_username',
  'mqtt_password',
  'ssl',
  'certfile',
  'keyfile',
  'replay_minutes',
  'max_talk_minutes',
  'announcement_chime',
  'announcement_volume',
  'announcement_max_seconds',
  'speaker_overrides',
  'talk_users',
  'listen_users',
  'stream_listeners',
] as const;
/** Not to be seen in any log. */
const SECRETS: readonly Name[] = ['access_token', 'mqtt_url', 'mqtt_password'];
type Name = (typeof NAMES)[number];

/** Reads a text file, throwing as fs does. */
export type ReadFile = (file: string) => string;

export function readOptions(
  env: Record<string, string | undefined>,
  readFile: ReadFile = (file) => readFileSync(file, 'utf8'),
): Options {
  const supervisor = readSupervisor(env);
  const dataDir = path.resolve(env['DATA_DIR'] || (supervisor ? ADDON_DATA_DIR : 'data'));
  const file = path.join(dataDir, FILE_NAME);
  const stored = readStored(file, readFile);
  const warnings = Object.keys(stored)
    .filter((key) => !isName(key))
    .map((key) =>
      key === 'data_dir'
        ? `"data_dir" in ${file} is ignored: that file is found by it, so set the environment variable DATA_DIR.`
        : `${quote(key)} in ${file} is no option and is ignored; the options are ${NAMES.join(', ')}.`,
    );

  const readAny = <T>(name: Name, parse: (value: unknown) => T, fallback: T): T => {
    const variable = name.toUpperCase();
    const fromEnv = env[variable];
    if (fromEnv !== undefined && fromEnv !== '') {
      return parseOption(name, fromEnv, `${variable} (environment variable)`, parse);
    }
    const value = Object.hasOwn(stored, name) ? stored[name] : undefined;
    // Forms of Home Assistant leave optional fields empty.
    if (value === undefined || value === null || value === '') return fallback;
    return parseOption(name, value, `"${name}" in ${file}`, parse);
  };
  const read = <T>(name: Name, parse: (text: string) => T, fallback: T): T =>
    readAny(name, (value) => parse(textOf(value)), fallback);

  const mqtt = read('mqtt_url', parseMqttUrl, undefined);
  const inSslFolder = fileIn(env['SSL_DIR'] || (supervisor ? ADDON_SSL_DIR : '.'));
  const options: Options = {
    port: read('port', parsePort, 8080),
    audioPort: read('audio_port', parsePort, 8081),
    host: read('host', parseHost, undefined),
    dataDir,
    logLevel: read('log_level', oneOf(LOG_LEVELS), 'info'),
    announcedAddress: read('announced_address', parseAddress, undefined),
    udpPorts: read('udp_ports', parseRange, undefined),
    mediaAccess: read('media_access', oneOf(['key', 'open'] as const), 'key'),
    accessToken: read('access_token', parseToken, undefined),
    mqtt: mqtt && {
      ...mqtt,
      username: read('mqtt_username', String, mqtt.username),
      password: read('mqtt_password', String, mqtt.password),
    },
    tls: read('ssl', parseSwitch, false)
      ? {
          certFile: read('certfile', inSslFolder, inSslFolder('fullchain.pem')),
          keyFile: read('keyfile', inSslFolder, inSslFolder('privkey.pem')),
        }
      : undefined,
    replayMinutes: read('replay_minutes', parseReplayMinutes, 0),
    maxTalkMinutes: read('max_talk_minutes', parseMaxTalkMinutes, 60),
    speakers: {
      chime: read('announcement_chime', parseChime, DEFAULT_CHIME),
      volume: read('announcement_volume', parseVolume, undefined),
      maxSeconds: read('announcement_max_seconds', parseMaxSeconds, DEFAULT_MAX_SECONDS),
      overrides: readAny('speaker_overrides', parseOverrides, []),
    },
    talkUsers: read('talk_users', parseNames, undefined),
    listenUsers: read('listen_users', parseNames, undefined),
    streamListeners: read('stream_listeners', parseStreamListeners, new Map<string, string[]>()),
    supervisor,
    warnings,
  };
  if (options.port !== 0 && options.port === options.audioPort) {
    throw new OptionsError(
      `PORT and AUDIO_PORT are both ${options.port}: they must differ, for example PORT=8080 and AUDIO_PORT=8081.`,
    );
  }
  if (!supervisor && (options.talkUsers ?? options.listenUsers ?? options.streamListeners.size > 0)) {
    warnings.push(
      'TALK_USERS, LISTEN_USERS and STREAM_LISTENERS name users of Home Assistant: without it whoever has the access token may do all.',
    );
  }
  return options;
}

function readSupervisor(env: Record<string, string | undefined>): SupervisorAccess | undefined {
  const token = env['SUPERVISOR_TOKEN'];
  if (!token) return undefined;
  const homeAssistantFolder = env['HOME_ASSISTANT_DIR'] || '/homeassistant';
  const given = env['SUPERVISOR_URL'];
  if (!given) return { url: SUPERVISOR_URL, token, address: undefined, homeAssistantFolder };
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url?.protocol !== 'http:' || isIP(url.hostname) === 0) {
    throw new OptionsError(`SUPERVISOR_URL is ${quote(given)}, but must be like http://127.0.0.1:8090.`);
  }
  return { url: url.origin, token, address: url.hostname, homeAssistantFolder };
}

/** The file's object, or nothing when there is no file. */
function readStored(file: string, readFile: ReadFile): Record<string, unknown> {
  let text: string;
  try {
    text = readFile(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw new OptionsError(`${file} cannot be read: ${messageOf(error)}.`, { cause: error });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    // JSON.parse quotes the text around the fault, which may be the access token.
    throw new OptionsError(`${file} is not JSON: mend it, or delete it to run with the defaults.`, { cause: error });
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new OptionsError(`${file} must hold one JSON object, for example {"port": 8080}.`);
  }
  return json as Record<string, unknown>;
}

function textOf(value: unknown): string {
  if (!['string', 'number', 'boolean'].includes(typeof value)) throw new Error('must be a text or a number');
  return String(value).trim();
}

function parseOption<T>(name: Name, value: unknown, source: string, parse: (value: unknown) => T): T {
  const shown = SECRETS.includes(name) ? '' : ` is ${quote(value)}, but`;
  try {
    return parse(value);
  } catch (error) {
    throw new OptionsError(`${source}${shown} ${messageOf(error)}.`);
  }
}

function isName(key: string): key is Name {
  return (NAMES as readonly string[]).includes(key);
}

function quote(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
