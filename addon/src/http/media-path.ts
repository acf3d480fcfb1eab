/**
 * MediaPath: what a path of the media routes asks for: `/<key>/stream/<id>.mp3`, the same without a key,
 * `/play/<ticket>/<id>.mp3`, `/replay/<ticket>/<talkId>.mp3`. Nothing is decoded, as no right path has anything to decode.
 */
import { AUDIO_FORMATS, FORMAT_EXTENSION, type AudioFormat } from '../media/transcoder/formats.ts';

export type PathKind = 'stream' | 'channel' | 'talk' | 'announcement' | 'play' | 'replay';

export interface MediaPath {
  /** Or a ticket. */
  key: string | undefined;
  kind: PathKind;
  /** With its extension. */
  file: string;
}

const TICKET_PATH = /^\/(play|replay)\/([^/]+)\/([^/]+)$/;
const PATH = /^(?:\/([^/]+))?\/(stream|channel|talk|announcement)\/([^/]+)$/;
const FILE = /^([^.]+)\.(mp3|320\.mp3|wav)$/;

/** Undefined: not ours, `/stream/status` included. */
export function parsePath(path: string): MediaPath | undefined {
  const [, ticketed, ticket, played] = TICKET_PATH.exec(path) ?? [];
  if (ticketed && ticket && played) return { key: ticket, kind: ticketed as PathKind, file: played };
  const [, key, kind, file] = PATH.exec(path) ?? [];
  if (!kind || !file || (key === undefined && file === 'status')) return undefined;
  return { key, kind: kind as PathKind, file };
}

/** Whether the path brings its own permission: then no door need check who asks. */
export function hasTicket(path: MediaPath): boolean {
  return path.kind === 'play' || path.kind === 'replay';
}

/** Undefined: no sound has this name. */
export function parseFile(file: string): { id: string; format: AudioFormat } | undefined {
  const [, id, extension] = FILE.exec(file) ?? [];
  const format = AUDIO_FORMATS.find((each) => FORMAT_EXTENSION[each] === extension);
  return id !== undefined && format ? { id, format } : undefined;
}
