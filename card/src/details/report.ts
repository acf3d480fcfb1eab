/**
 * "Copy report": what a maintainer needs to know, as text for a forum. In English whatever the page speaks, as that is
 * who reads it. Config and addresses go through a filter, and secrets that got in anyway are struck out.
 */
import { PROTOCOL_VERSION, type Check } from '@voice-streaming/shared/protocol';
import type { CardConfig } from '../config.ts';
import { delayOf, type DetailsFacts, type PathFacts } from './facts.ts';
import type { EchoState } from './echo-test.ts';
import type { Candidate } from './path-stats.ts';
import type { Surroundings } from './surroundings.ts';
import type { TroubleEntry } from '../trouble-log.ts';
import { VERSION } from '../version.ts';

export interface ReportInput {
  facts: DetailsFacts;
  config: CardConfig;
  surroundings: Surroundings | null;
  troubles: readonly TroubleEntry[];
  /** What a doctor looked at. */
  checks?: readonly Check[];
  /** Never to be seen, wherever they may stand. */
  secrets: readonly (string | undefined)[];
  now?: number;
}

export function report({
  facts,
  config,
  surroundings,
  troubles,
  checks = [],
  secrets,
  now = Date.now(),
}: ReportInput): string {
  const { signaling, serverVersion, trouble, hearing, onAir, heardBy, echo, signalingMs } = facts;
  const text = [
    '```',
    `Voice Streaming: card ${VERSION}, server ${serverVersion ?? 'unknown'}, protocol ${PROTOCOL_VERSION}`,
    `Time: ${time(now)}`,
    ...(surroundings ? surroundingsLines(surroundings) : []),
    `Config: ${configText(config)}`,
    `Server: ${signaling}${signalingMs === null ? '' : `, ${ms(signalingMs)} by WebSocket`}`,
    `Wrong now: ${trouble ? troubleText(trouble) : 'nothing'}`,
    ...pathLines('In', facts.receiving),
    ...pathLines('Out', facts.sending),
    `Hears: ${hearing.length}; ${onAir ? `on air, heard by ${heardBy}` : 'not on air'}`,
    delayLine(facts),
    `Echo: ${echoText(echo)}`,
    ...checks.map(({ check, state, why }) => `Check ${check}: ${state}${why === undefined ? '' : `: ${why}`}`),
    troubles.length === 0 ? 'No troubles so far' : 'Last troubles:',
    ...troubles.map((entry) => {
      const end = entry.endedAt === null ? 'lasting' : `until ${time(entry.endedAt)}`;
      return `  ${time(entry.at)} ${troubleText(entry)} (${end})`;
    }),
    '```',
  ].join('\n');
  return withoutSecrets(text, secrets);
}

function surroundingsLines({ userAgent, protocol, secure, place, microphone, devices }: Surroundings): string[] {
  const counts = devices ? Object.entries(devices).map(([kind, count]) => `${count} ${kind}`) : ['not told'];
  return [
    `Browser: ${userAgent}`,
    `Page: ${protocol}, ${secure ? 'secure' : 'not secure'}, ${place}`,
    `Microphone permission: ${microphone}; devices: ${counts.join(', ') || 'none'}`,
  ];
}

function configText({ token, url, ...rest }: CardConfig): string {
  return JSON.stringify({ ...rest, url: url === undefined ? undefined : addressOf(url), token: token && '(set)' });
}

/** Scheme, address and port. A name may tell where somebody lives, a path may be a key. */
function addressOf(url: string): string {
  try {
    const { protocol, hostname, port } = new URL(url);
    const local = /^[\d.]+$|^\[.*\]$|^localhost$|\.local$/.test(hostname);
    return `${protocol}//${local ? hostname : '(name)'}${port === '' ? '' : `:${port}`}`;
  } catch {
    return '(no URL)';
  }
}

function pathLines(name: string, path: PathFacts | null): string[] {
  if (!path) return [`${name}: not open`];
  const { state, local, remote, roundTripMs, jitterMs, codec, quality } = path;
  const numbers = [
    `round trip ${ms(roundTripMs)}`,
    `jitter ${ms(jitterMs)}`,
    ...(quality
      ? [
          `lost ${percent(quality.loss)}`,
          `concealed ${percent(quality.concealed)}`,
          `buffer ${ms(quality.bufferMs)}`,
          `${Math.round(quality.kbps)} kbit/s`,
        ]
      : ['no voice yet']),
  ];
  return [
    `${name}: ${state}, ${codec ?? 'no codec yet'}, ${candidateText(local)} - ${candidateText(remote)}`,
    `  ${numbers.join(', ')}`,
  ];
}

function candidateText(candidate: Candidate | null): string {
  if (!candidate) return 'none';
  const { type, protocol, address, port } = candidate;
  return `${type} ${protocol} ${address ?? 'hidden'}${port === null ? '' : ` port ${port}`}`;
}

function delayLine(facts: DetailsFacts): string {
  const { parts, ms: sum, atLeast } = delayOf(facts);
  const list = parts.map(({ part, ms: known }) => `${part} ${ms(known)}`).join(' + ');
  return `Delay, estimated: ${atLeast ? 'at least ' : ''}${ms(sum)} = ${list}`;
}

function echoText(echo: EchoState): string {
  switch (echo.state) {
    case 'measured':
      return `measured ${ms(echo.ms)} at ${time(echo.at)}`;
    case 'failed':
      return `failed at ${time(echo.at)}: ${typeof echo.reason === 'string' ? echo.reason : troubleText(echo.reason)}`;
    default:
      return 'not measured';
  }
}

const troubleText = ({ code, detail }: { code: string; detail?: string | undefined }): string =>
  detail === undefined ? code : `${code}: ${detail}`;
const time = (at: number): string => new Date(at).toISOString().slice(0, 19);
const ms = (value: number | null): string => (value === null ? 'unknown' : `${value.toFixed(1)} ms`);
const percent = (share: number | null): string => (share === null ? 'unknown' : `${(share * 100).toFixed(1)} %`);

function withoutSecrets(text: string, secrets: readonly (string | undefined)[]): string {
  let result = text;
  for (const secret of secrets) if (secret) result = result.replaceAll(secret, '(secret)');
  // Media keys, and whatever looks like `token=…`: server and browser may quote a URL in what they say.
  return result.replace(/\/[\w-]{22}(?=\/)/g, '/(key)').replace(/(token=)[^&\s"]+/gi, '$1(secret)');
}
