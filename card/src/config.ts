/** The card's config: what a person wrote in YAML, checked so that a wrong key is named beside what would be right. */
import { isStreamId } from '@voice-streaming/shared/parse';
import type { ListenTarget } from '@voice-streaming/shared/protocol';
import { nearest } from './nearest.ts';
import type { Needs } from './needs.ts';
import { isMediaPlayer, MAX_SPEAKERS } from './speaker-choice.ts';

export const MODES = ['sender', 'receiver', 'intercom'] as const;
export type Mode = (typeof MODES)[number];

export const TALK_MODES = ['hold', 'latch', 'both'] as const;
export type TalkMode = (typeof TALK_MODES)[number];

export const MICROPHONE_POLICIES = ['press', 'warm', 'always'] as const;
export type MicrophonePolicy = (typeof MICROPHONE_POLICIES)[number];

export interface CardConfig {
  type: string;
  mode: Mode;
  /** Of the add-on's main server or its `/ws`; without it the page's own origin. */
  url?: string | undefined;
  token?: string | undefined;
  /** Slug of the add-on inside Home Assistant; without it the one that registered this file. */
  app?: string | undefined;
  /** `latest`, `all`, the id of one stream, or several ids. */
  listen?: string | readonly string[] | undefined;
  /** True: listens also while hidden. False: not before someone asks for it. Without: while the page is visible. */
  auto_listen?: boolean | undefined;
  /** A sender that listens to its room all the time, as a baby monitor does. */
  always_on: boolean;
  /** Two soft tones before a voice that is heard here. */
  chime: boolean;
  /** Media players that a press goes to as well; without it those chosen on the card. */
  speakers?: readonly string[] | undefined;
  /** How loud they play it, 0 to 1. */
  announce_volume?: number | undefined;
  /** What they play before it: a chime of the server's, or `none`. */
  announce_chime?: string | undefined;
  /** Keeps the screen on. True: while talking and, with `auto_listen`, always. False: never. Without: while talking. */
  wake_lock?: boolean | undefined;
  /** This device's name for others; without it the one kept in the browser. */
  name?: string | undefined;
  title?: string | undefined;
  /** How the button talks: while it is held, from tap to tap, or both. */
  talk: TalkMode;
  /** When the microphone is open: while one talks, 30 s longer, or as long as the page is looked at. */
  microphone: MicrophonePolicy;
  /** A talk ends then; 0: never. */
  max_talk_seconds: number;
  /** The blips at begin, end and refusal. */
  sounds: boolean;
  /** The dashboard gives the card a fixed height (`grid_options.rows`). */
  fixedHeight: boolean;
}

const DEFAULT_MAX_TALK_SECONDS = 300;
export const MAX_TALK_SECONDS = { from: 5, to: 3_600 };

/** Words for `true`, `false` and what is there without the key: an editor has no switch with three positions. */
export const AUTO_LISTEN = { visible: undefined, always: true, never: false } as const;
export const WAKE_LOCK = { talking: undefined, always: true, never: false } as const;

export const OWN_KEYS = [
  'type',
  'mode',
  'url',
  'token',
  'app',
  'listen',
  'auto_listen',
  'always_on',
  'chime',
  'wake_lock',
  'name',
  'title',
  'talk',
  'microphone',
  'max_talk_seconds',
  'sounds',
  'speakers',
  'announce_volume',
  'announce_chime',
];
/** Home Assistant and card-mod keep these beside ours. */
const HOST_KEYS = [
  'grid_options',
  'layout_options',
  'view_layout',
  'visibility',
  'disabled',
  'card_mod',
  'index',
  'view',
];

/** Throws an Error whose message a person can act on; Home Assistant shows it in place of the card. */
export function parseConfig(input: unknown): CardConfig {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new Error('The card needs a config: at least "type: custom:voice-streaming-card".');
  }
  const config = input as Record<string, unknown>;
  const unknownKey = Object.keys(config).find((key) => !OWN_KEYS.includes(key) && !HOST_KEYS.includes(key));
  if (unknownKey !== undefined) {
    const known = `It knows: ${OWN_KEYS.join(', ')}.`;
    throw new Error(`"${unknownKey}" is no key of this card.${didYouMean(unknownKey, OWN_KEYS)} ${known}`);
  }
  const url = text(config, 'url');
  if (url !== undefined) signalingUrl(url, 'http://localhost/');
  return {
    type: text(config, 'type') ?? 'custom:voice-streaming-card',
    mode: oneOf(config, 'mode', MODES, 'intercom'),
    url,
    token: text(config, 'token'),
    app: text(config, 'app'),
    listen: listen(config['listen']),
    auto_listen: flagOrWord(config, 'auto_listen', AUTO_LISTEN),
    always_on: alwaysOn(config),
    chime: flag(config, 'chime', false),
    wake_lock: flagOrWord(config, 'wake_lock', WAKE_LOCK),
    name: text(config, 'name'),
    title: text(config, 'title'),
    talk: oneOf(config, 'talk', TALK_MODES, 'both'),
    microphone: oneOf(config, 'microphone', MICROPHONE_POLICIES, 'press'),
    max_talk_seconds: maxTalkSeconds(config['max_talk_seconds']),
    sounds: flag(config, 'sounds', true),
    speakers: speakers(config),
    announce_volume: announceVolume(config['announce_volume']),
    announce_chime: text(config, 'announce_chime'),
    fixedHeight: typeof (config['grid_options'] as { rows?: unknown } | undefined)?.rows === 'number',
  };
}

/** Whom this card hears when it is asked to listen. */
export function listenTargetOf({ listen }: Pick<CardConfig, 'listen'>): Exclude<ListenTarget, null> {
  if (listen === undefined || listen === 'latest') return 'latest';
  if (listen === 'all') return 'all';
  return typeof listen === 'string' ? [listen] : [...listen];
}

/** What the session must know of a card, see `Needs`. */
export function needsOf({ mode, auto_listen, chime, wake_lock }: CardConfig): Needs {
  const receiver = mode !== 'sender';
  return {
    sender: mode !== 'receiver',
    receiver,
    autoListen: receiver && auto_listen === true,
    chime: receiver && chime,
    wakeLock: wake_lock,
  };
}

/** The WebSocket URL for a config's `url`, relative to the page when there is none. */
export function signalingUrl(url: string | undefined, base: string): string {
  let result: URL;
  try {
    result = new URL(url ?? 'ws', base);
  } catch {
    throw new Error(`"url" is ${show(url)}; it must be a URL such as https://192.168.1.10:8080.`);
  }
  if (url !== undefined && !result.pathname.endsWith('/ws')) {
    result.pathname = `${result.pathname.replace(/\/$/, '')}/ws`;
  }
  if (result.protocol === 'http:') result.protocol = 'ws:';
  if (result.protocol === 'https:') result.protocol = 'wss:';
  if (result.protocol !== 'ws:' && result.protocol !== 'wss:') {
    throw new Error(`"url" is ${show(url)}; it must begin with http, https, ws or wss.`);
  }
  result.hash = '';
  return result.href;
}

function oneOf<T extends string>(config: Record<string, unknown>, key: string, allowed: readonly T[], otherwise: T): T {
  const value = config[key] ?? otherwise;
  const found = allowed.find((one) => one === value);
  if (found === undefined) {
    throw new Error(
      `"${key}" is ${show(value)}; it must be one of: ${allowed.join(', ')}.${didYouMean(value, allowed)}`,
    );
  }
  return found;
}

/** With a space before it; empty where nothing is near. */
function didYouMean(written: unknown, known: readonly string[]): string {
  const near = typeof written === 'string' ? nearest(written, known) : undefined;
  return near === undefined ? '' : ` Did you mean "${near}"?`;
}

function flag(config: Record<string, unknown>, key: string, otherwise: boolean): boolean {
  const value = config[key] ?? otherwise;
  if (typeof value !== 'boolean') throw new Error(`"${key}" is ${show(value)}; it must be true or false.`);
  return value;
}

function flagOrWord(
  config: Record<string, unknown>,
  key: string,
  words: Record<string, boolean | undefined>,
): boolean | undefined {
  const value = config[key];
  if (value === undefined || value === null || value === '' || typeof value === 'boolean') {
    return typeof value === 'boolean' ? value : undefined;
  }
  if (typeof value === 'string' && Object.hasOwn(words, value)) return words[value];
  const known = Object.keys(words);
  const allowed = `true, false or one of: ${known.join(', ')}`;
  throw new Error(`"${key}" is ${show(value)}; it must be ${allowed}.${didYouMean(value, known)}`);
}

function listen(value: unknown): string | readonly string[] | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const ids = Array.isArray(value) ? (value as unknown[]) : [value];
  if (ids.length > 0 && ids.every((id) => typeof id === 'string' && isStreamId(id))) return value as string | string[];
  throw new Error(
    `"listen" is ${show(value)}; it must be "latest", "all", a stream's id such as kitchen-tablet, or a list of ids.`,
  );
}

function speakers(config: Record<string, unknown>): readonly string[] | undefined {
  const value = config['speakers'] ?? '';
  const ids: unknown[] = Array.isArray(value) ? value : value === '' ? [] : [value];
  if (ids.length === 0) return undefined;
  if (ids.length > MAX_SPEAKERS || !ids.every(isMediaPlayer)) {
    throw new Error(
      `"speakers" is ${show(value)}; it must be a media player such as media_player.kitchen, or a list of at most ${MAX_SPEAKERS}.`,
    );
  }
  if (config['mode'] === 'receiver' || config['always_on'] === true) {
    throw new Error('"speakers" is for a card that somebody talks with: not for "mode: receiver", nor "always_on".');
  }
  return [...new Set(ids as string[])];
}

function announceVolume(value: unknown): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'number' && value >= 0 && value <= 1) return value;
  throw new Error(`"announce_volume" is ${show(value)}; it must be a number from 0 to 1.`);
}

function alwaysOn(config: Record<string, unknown>): boolean {
  const on = flag(config, 'always_on', false);
  if (on && config['mode'] !== 'sender') {
    throw new Error('"always_on" is for a card that only sends: set "mode: sender" beside it.');
  }
  return on;
}

function maxTalkSeconds(input: unknown): number {
  const value = input ?? DEFAULT_MAX_TALK_SECONDS;
  const { from, to } = MAX_TALK_SECONDS;
  if (typeof value === 'number' && (value === 0 || (value >= from && value <= to))) return value;
  throw new Error(
    `"max_talk_seconds" is ${show(value)}; it must be a number from ${from} to ${to}, or 0 for no limit.`,
  );
}

function text(config: Record<string, unknown>, key: string): string | undefined {
  const value = config[key];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') throw new Error(`"${key}" is ${show(value)}; it must be text.`);
  return value;
}

function show(value: unknown): string {
  return typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
}
