/** The options that concern speakers: `speaker_overrides` from a form, a file or, as JSON, from the environment. */
import * as v from 'valibot';

/** What a person says of one speaker, over what is known of its platform. */
export interface SpeakerOverride {
  entityId: string;
  /** Told as if it were of this integration. */
  platform?: string | undefined;
  announce?: boolean | undefined;
  format?: 'mp3' | 'mp3-320' | 'wav' | undefined;
  url?: 'plain' | 'sonos_radio' | undefined;
  contentType?: string | undefined;
  leadInMs?: number | undefined;
  /** 0 to 1; for announcements that name none. */
  volume?: number | undefined;
}

export interface SpeakerOptions {
  /** A chime's name, or `none`. */
  chime: string;
  /** 0 to 1; undefined: as loud as each speaker is. */
  volume: number | undefined;
  maxSeconds: number;
  overrides: readonly SpeakerOverride[];
}

export const DEFAULT_CHIME = 'ding';
export const DEFAULT_MAX_SECONDS = 120;
const MAX_SECONDS = 600;
const MAX_OVERRIDES = 100;
const MAX_LEAD_IN_MS = 5_000;

const text = v.pipe(v.string(), v.trim(), v.nonEmpty('is empty'), v.maxLength(100, 'is too long'));
const schema = v.strictObject({
  entity_id: v.pipe(v.string(), v.regex(/^media_player\.[a-z0-9_]+$/, 'must be like media_player.kitchen')),
  platform: v.optional(v.pipe(text, v.regex(/^[a-z0-9_]+$/, 'must be the name of an integration, like sonos'))),
  announce: v.optional(v.boolean('must be true or false')),
  format: v.optional(v.picklist(['mp3', 'mp3-320', 'wav'], 'must be mp3, mp3-320 or wav')),
  url: v.optional(v.picklist(['plain', 'sonos_radio'], 'must be plain or sonos_radio')),
  content_type: v.optional(text),
  lead_in_ms: v.optional(
    v.pipe(
      v.number('must be a number'),
      v.integer('must be a whole number'),
      v.minValue(0, 'must be 0 or more'),
      v.maxValue(MAX_LEAD_IN_MS, `must be at most ${MAX_LEAD_IN_MS}`),
    ),
  ),
  volume: v.optional(
    v.pipe(v.number('must be a number'), v.minValue(0, 'must be 0 to 1'), v.maxValue(1, 'must be 0 to 1')),
  ),
});
const EXAMPLE = '[{"entity_id": "media_player.kitchen", "format": "wav"}]';

/** Throws an error whose message goes on after "… is …, but". */
export function parseOverrides(value: unknown): SpeakerOverride[] {
  const list = typeof value === 'string' ? parseList(value) : value;
  if (!Array.isArray(list)) throw new Error(`must be a list like ${EXAMPLE}`);
  if (list.length > MAX_OVERRIDES) throw new Error(`must have at most ${MAX_OVERRIDES} entries`);
  const overrides = list.map((item: unknown, index) => parseOverride(item, index + 1));
  const twice = overrides.find(({ entityId }, index) =>
    overrides.some((other, at) => at > index && other.entityId === entityId),
  );
  if (twice) throw new Error(`must name ${twice.entityId} only once`);
  return overrides;
}

export function parseChime(name: string): string {
  if (!/^[\p{L}\p{N}_ .-]{1,64}$/u.test(name))
    throw new Error(`must be the name of a chime, for example ${DEFAULT_CHIME}, or none`);
  return name;
}

export function parseVolume(given: string): number {
  const volume = Number(given);
  if (given === '' || !(volume >= 0 && volume <= 1)) throw new Error('must be 0 to 1, for example 0.4');
  return volume;
}

export function parseMaxSeconds(given: string): number {
  const seconds = Number(given);
  if (!/^\d{1,4}$/.test(given) || seconds < 1 || seconds > MAX_SECONDS) {
    throw new Error(`must be a whole number of seconds from 1 to ${MAX_SECONDS}`);
  }
  return seconds;
}

function parseList(given: string): unknown {
  try {
    return JSON.parse(given);
  } catch {
    throw new Error(`must be a JSON list like ${EXAMPLE}`);
  }
}

function parseOverride(item: unknown, number: number): SpeakerOverride {
  // Forms of Home Assistant may leave optional fields empty.
  const filled = isRecord(item) ? Object.fromEntries(Object.entries(item).filter(([, each]) => !isEmpty(each))) : item;
  const parsed = v.safeParse(schema, filled);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const field = v.getDotPath(issue) ?? '';
    const what = issue.expected === 'never' ? 'is no field of it' : field === '' ? 'is no object' : issue.message;
    const where = field === '' ? '' : ` "${field}"`;
    throw new Error(`entry ${number} is wrong:${where} ${what.startsWith('Invalid') ? 'is missing or wrong' : what}`);
  }
  const { entity_id, content_type, lead_in_ms, ...rest } = parsed.output;
  return { entityId: entity_id, contentType: content_type, leadInMs: lead_in_ms, ...rest };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmpty(value: unknown): boolean {
  return value === '' || value === null;
}
