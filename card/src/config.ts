/** The card's config: what a person wrote in YAML, checked so that a wrong key is named beside what would be right. */
import { isStreamId } from '@voice-streaming/shared/parse';

export const MODES = ['sender', 'receiver', 'intercom'] as const;
export type Mode = (typeof MODES)[number];

export interface CardConfig {
  type: string;
  mode: Mode;
  /** Of the add-on's main server or its `/ws`; without it the page's own origin. */
  url?: string | undefined;
  token?: string | undefined;
  /** `latest`, or the id of one stream. */
  listen?: string | undefined;
  /** This device's name for others; without it the one kept in the browser. */
  name?: string | undefined;
  title?: string | undefined;
}

const OWN_KEYS = ['type', 'mode', 'url', 'token', 'listen', 'name', 'title'];
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
    throw new Error(`"${unknownKey}" is no key of this card. It knows: ${OWN_KEYS.join(', ')}.`);
  }
  const mode = config['mode'] ?? 'intercom';
  if (!isMode(mode)) throw new Error(`"mode" is ${show(mode)}; it must be one of: ${MODES.join(', ')}.`);
  const listen = text(config, 'listen');
  if (listen !== undefined && !isStreamId(listen)) {
    throw new Error(`"listen" is ${show(listen)}; it must be "latest" or a stream's id such as kitchen-tablet.`);
  }
  const url = text(config, 'url');
  if (url !== undefined) signalingUrl(url, 'http://localhost/');
  return {
    type: text(config, 'type') ?? 'custom:voice-streaming-card',
    mode,
    url,
    token: text(config, 'token'),
    listen,
    name: text(config, 'name'),
    title: text(config, 'title'),
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

function isMode(value: unknown): value is Mode {
  return (MODES as readonly unknown[]).includes(value);
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
