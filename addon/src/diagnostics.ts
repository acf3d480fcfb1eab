/**
 * Diagnostics: one readable object with all that helps to find a fault, for administrators to hand on. What opens
 * something is left out where it stands, and looked for once more in the whole text: secrets by their value, and what
 * looks like a key, a ticket, a token or a password in a URL by its looks. Who of the house heard or said what is left out.
 */
import os from 'node:os';
import type { Options } from './options.ts';

export interface DiagnosticsSources {
  version: string;
  options: Options;
  /** Secrets by value: not to be in it, in whatever place they got to. */
  secrets: readonly (string | undefined)[];
  logLines: () => readonly string[];
  /** Name -> what it is like now; asked at most once a second, and one that fails is told and keeps none from being told. */
  parts: Readonly<Record<string, () => unknown>>;
}

/** Of a live stream. */
interface StreamNumbers {
  id: string;
  name: string;
  private: boolean;
  monitor: boolean;
  startedAtMs: number;
  packetsIn: number;
  packetsOut: number;
  packetsLost: number;
  packetsStale: number;
  sinkErrors: number;
  sinkCount: number;
}

/** What the owner or the Supervisor gave us to open doors by. */
export function secretsOf({ accessToken, mqtt, supervisor }: Options): (string | undefined)[] {
  return [accessToken, mqtt?.password, mqtt?.username, supervisor?.token];
}

/** Of a private talk no more than that it is. */
export function streamFacts(stream: StreamNumbers): Record<string, unknown> {
  if (stream.private) return { private: true };
  const { id, name, monitor, startedAtMs, packetsIn, packetsOut, packetsLost, packetsStale, sinkErrors, sinkCount } =
    stream;
  const startedAt = new Date(startedAtMs).toISOString();
  return { id, name, monitor, startedAt, packetsIn, packetsOut, packetsLost, packetsStale, sinkErrors, sinkCount };
}

const GONE = '[left out]';
/** See LogRing. */
const CUT = '…';
/** Shorter ones would be found in ordinary words. */
const MIN_SECRET_CHARS = 4;
const LOOKS: readonly (readonly [RegExp, string])[] = [
  [/\/[A-Za-z0-9_-]{22}\/(stream|channel|talk|announcement)\//g, `/${GONE}/$1/`],
  [/\breplay\/[A-Za-z0-9_.~-]{8,}\/[A-Za-z0-9_-]{16,}/g, `replay/${GONE}`],
  [/\b(play|replay)\/[A-Za-z0-9_.~-]{8,}\//g, `$1/${GONE}/`],
  [/\/(talk|replay|announcement)\/[A-Za-z0-9_-]{16,}/g, `/$1/${GONE}`],
  [/\b(Bearer)\s+[^\s"\\]+/gi, `$1 ${GONE}`],
  [/([?#&]token=)[^\s"&\\]+/gi, `$1${GONE}`],
  [/(\w:\/\/)[^\s/"@]+@/g, `$1${GONE}@`],
  [/-----BEGIN[^]*?(-----END[^-]+-----|"|$)/g, GONE],
];

/** Who asks again within this time gets the same: it takes milliseconds, in which no packet is relayed. */
const FRESH_MS = 1000;

export function createDiagnostics(sources: DiagnosticsSources): () => Promise<Record<string, unknown>> {
  const find = finder(sources);
  let last: { atMs: number; found: Promise<Record<string, unknown>> } | undefined;
  return () => {
    const nowMs = performance.now();
    if (!last || nowMs - last.atMs >= FRESH_MS) last = { atMs: nowMs, found: find() };
    return last.found;
  };
}

function finder(sources: DiagnosticsSources): () => Promise<Record<string, unknown>> {
  return async () => {
    const { version, options, secrets, logLines, parts } = sources;
    const found: Record<string, unknown> = {
      about: 'Voice Streaming: what helps to find a fault. Without keys, tokens, passwords and who heard whom.',
      time: new Date().toISOString(),
      version,
      node: process.version,
      platform: `${process.platform} ${process.arch} ${os.release()}`,
      cpus: os.cpus().length,
      memory: { ...process.memoryUsage(), freeBytes: os.freemem(), totalBytes: os.totalmem() },
      uptimeSeconds: Math.round(process.uptime()),
      options: shownOptions(options),
    };
    for (const [name, read] of Object.entries(parts)) found[name] = await tried(read);
    found['log'] = logLines().filter(isForOthers).map(withoutPeople);
    // As it goes over the wire: what JSON does not know is gone.
    return cleaned(JSON.parse(JSON.stringify(found)), secretForms(secrets)) as Record<string, unknown>;
  };
}

/** By name: what is not named here is not shown. */
function shownOptions(options: Options): Record<string, unknown> {
  const { port, audioPort, host, logLevel, announcedAddress, udpPorts, mediaAccess, replayMinutes } = options;
  const { maxTalkMinutes, speakers, mqtt, tls, supervisor, talkUsers, listenUsers, streamListeners } = options;
  return {
    ...{ port, audioPort, host, logLevel, announcedAddress, udpPorts, mediaAccess, replayMinutes, maxTalkMinutes },
    speakers,
    accessToken: options.accessToken === undefined ? 'made at first start' : 'chosen by the owner',
    mqtt: mqtt && {
      url: mqtt.url,
      hasUsername: mqtt.username !== undefined,
      hasPassword: mqtt.password !== undefined,
      verifyCertificate: mqtt.verifyCertificate,
    },
    tls: tls !== undefined,
    isAddOn: supervisor !== undefined,
    talkUsers: talkUsers?.length ?? 'all',
    listenUsers: listenUsers?.length ?? 'all',
    streamListeners: Object.fromEntries([...streamListeners].map(([id, names]) => [id, names.length])),
    warnings: options.warnings,
  };
}

async function tried(read: () => unknown): Promise<unknown> {
  try {
    return (await read()) ?? null;
  } catch (error) {
    return `failed: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Who spoke and who listened is for the owner of the log alone. */
function isForOthers(line: string): boolean {
  return !line.includes('[audit]');
}

function withoutPeople(line: string): string {
  return line.replace(/(\] opened by ).*$/, `$1${GONE}`);
}

/** In all texts, names of fields too. */
function cleaned(value: unknown, forms: readonly string[]): unknown {
  if (typeof value === 'string') return withoutSecrets(value, forms);
  if (Array.isArray(value)) return value.map((one) => cleaned(one, forms));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [withoutSecrets(name, forms), cleaned(one, forms)]),
  );
}

/** As they are, and as they look inside of JSON, of a URL and of base64. The longest first: one may begin with another. */
function secretForms(secrets: readonly (string | undefined)[]): string[] {
  return secrets
    .filter((secret) => secret !== undefined && secret.length >= MIN_SECRET_CHARS)
    .flatMap((secret = '') => [
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    ])
    .sort((one, other) => other.length - one.length);
}

function withoutSecrets(text: string, forms: readonly string[]): string {
  const known = withoutTorn(
    forms.reduce((rest, form) => rest.replaceAll(form, GONE), text),
    forms,
  );
  return LOOKS.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), known);
}

/** The log cuts long lines, perhaps in the middle of a secret or of a URL with a key: the last word goes, and what a known one begins with. */
function withoutTorn(text: string, forms: readonly string[]): string {
  if (!text.endsWith(CUT)) return text;
  const line = text.slice(0, -CUT.length);
  const torn = forms.map((form) => {
    let chars = form.length - 1;
    while (chars > 0 && !line.endsWith(form.slice(0, chars))) chars -= 1;
    return chars;
  });
  return `${line.slice(0, line.length - Math.max(0, ...torn)).replace(/\S+$/, '')}${GONE}${CUT}`;
}
