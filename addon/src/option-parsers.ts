/**
 * Option parsers: the text of one option in, its value out; or an error whose message goes on after "PORT is "x", but …".
 */
import { isIP } from 'node:net';
import path from 'node:path';
import { isStreamId } from '@voice-streaming/shared/parse';
import type { MqttAccess, UdpPortRange } from './options.ts';

export const MIN_ACCESS_TOKEN_CHARS = 16;
/** What `authenticate` takes, see shared/parse.ts. */
export const MAX_ACCESS_TOKEN_CHARS = 256;

const MAX_NAMES = 200;
const MAX_NAME_CHARS = 64;

/** Forms of Home Assistant give true and false, environments say it in many ways. */
export function parseSwitch(text: string): boolean {
  const word = text.toLowerCase();
  if (['true', 'yes', 'on', '1'].includes(word)) return true;
  if (['false', 'no', 'off', '0'].includes(word)) return false;
  throw new Error('must be true or false');
}

/** Names or ids of users. */
export function parseNames(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.length > MAX_NAMES || names.some((name) => name === '' || name.length > MAX_NAME_CHARS)) {
    throw new Error(`must be up to ${MAX_NAMES} names of users with commas between, for example Ada, Bob`);
  }
  return names;
}

/** Stream id -> who may hear it. */
export function parseStreamListeners(text: string): Map<string, string[]> {
  const lists = new Map<string, string[]>();
  for (const part of text.split(';').filter((each) => each.trim() !== '')) {
    const [id = '', names = '', more] = part.split(':');
    if (more !== undefined || !isStreamId(id.trim())) {
      throw new Error('must be ids of streams, each with names of users: for example nursery: Ada, Bob; office: Bob');
    }
    lists.set(id.trim(), parseNames(names));
  }
  return lists;
}

/** A path below `folder`, or an absolute one. */
export function fileIn(folder: string): (text: string) => string {
  return (text) => {
    if (text.includes('\0') || text.length > 1024)
      throw new Error('must be the name of a file, for example fullchain.pem');
    return path.resolve(folder, text);
  };
}

export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    throw new Error('must be a port number from 1 to 65535 (0 for any free one), for example 8080');
  }
  return port;
}

/** A name is resolved when listening, which says so when it fails. */
export function parseHost(text: string): string {
  if (isIP(text) === 0 && !/^[a-z0-9](?:[a-z0-9.-]{0,252})$/i.test(text)) {
    throw new Error('must be an address of this machine, for example 192.168.1.5 or 127.0.0.1');
  }
  return text;
}

export function parseAddress(text: string): string {
  if (isIP(text) === 0) throw new Error('must be an IP address without a port, for example 192.168.1.5');
  return text;
}

export function parseRange(text: string): UdpPortRange {
  const match = /^(\d{1,5})\s*-\s*(\d{1,5})$/.exec(text);
  const [min, max] = [Number(match?.[1]), Number(match?.[2])];
  if (!match || min < 1 || max > 65_535 || min >= max) {
    throw new Error('must be two different ports, lower first, for example 50000-50100');
  }
  return { min, max };
}

/** An hour at most: it is memory, and people forget that it is on. */
const MAX_REPLAY_MINUTES = 60;
const MAX_TALK_MINUTES = 24 * 60;

export function parseReplayMinutes(text: string): number {
  const minutes = Number(text);
  if (!/^\d{1,2}$/.test(text) || minutes > MAX_REPLAY_MINUTES) {
    throw new Error(`must be whole minutes from 0 (off) to ${MAX_REPLAY_MINUTES}, for example 10`);
  }
  return minutes;
}

export function parseMaxTalkMinutes(text: string): number {
  const minutes = Number(text);
  if (!/^\d{1,4}$/.test(text) || minutes > MAX_TALK_MINUTES) {
    throw new Error(`must be whole minutes from 1 to ${MAX_TALK_MINUTES}, or 0 for no limit; for example 60`);
  }
  return minutes;
}

export function parseToken(text: string): string {
  if (text.length < MIN_ACCESS_TOKEN_CHARS || text.length > MAX_ACCESS_TOKEN_CHARS || !/^[\x21-\x7e]+$/.test(text)) {
    throw new Error(
      `must have ${MIN_ACCESS_TOKEN_CHARS} to ${MAX_ACCESS_TOKEN_CHARS} characters, only Latin letters, digits and ` +
        'signs, no spaces; for example what "openssl rand -hex 16" prints',
    );
  }
  return text;
}

/** A user and a password may stand in it, as people write such URLs. */
export function parseMqttUrl(text: string): MqttAccess {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['mqtt:', 'mqtts:'].includes(url.protocol) || url.hostname === '' || !isDecodable(url)) {
    throw new Error('must be like mqtt://192.168.1.5:1883, or mqtts://… for an encrypted connection');
  }
  const inUrl = (part: string): string | undefined => (part === '' ? undefined : decodeURIComponent(part));
  const [username, password] = [inUrl(url.username), inUrl(url.password)];
  return { url: `${url.protocol}//${url.host}`, username, password, verifyCertificate: true };
}

function isDecodable({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}

export function oneOf<const T extends string>(values: readonly T[]): (text: string) => T {
  return (text) => {
    const found = values.find((value) => value === text.toLowerCase());
    if (found === undefined) throw new Error(`must be one of ${values.join(', ')}`);
    return found;
  };
}
