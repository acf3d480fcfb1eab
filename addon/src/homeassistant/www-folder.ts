/**
 * WwwFolder: the card's files in Home Assistant's `www`, which Core serves as `/local`. Each is replaced whole, and only
 * when it changed, as a browser may load it at any moment.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';

export interface WwwFolderOptions {
  /** Where the bundle is: card/dist. */
  source: string;
  /** Home Assistant's configuration folder: `/homeassistant`. */
  homeAssistantFolder: string;
}

/** The files cannot be copied; the message is a sentence for a person. */
export class WwwFolderError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'WwwFolderError';
  }
}

export interface Copied {
  /** There was no `www` before: Core serves it only after its next start. */
  madeWww: boolean;
  /** Names of the files that were new or other. */
  changed: string[];
}

export const CARD_FILE = 'voice-streaming-card.js';
/** Below `www`. */
export const CARD_FOLDER = 'voice-streaming';
/** Fetched by the card when one of its further pages is opened, and when somebody sets it up. */
const ON_DEMAND = ['pages.js', 'editor.js'];
const TRANSLATIONS = 'translations';
const TEMPORARY = /^\.voice-streaming-[0-9a-f]{12}\.tmp$/;

export class WwwFolder {
  readonly #options: WwwFolderOptions;

  constructor(options: WwwFolderOptions) {
    this.#options = options;
  }

  /** Rejects with WwwFolderError. */
  async copy(): Promise<Copied> {
    const { source, homeAssistantFolder } = this.#options;
    const www = path.join(homeAssistantFolder, 'www');
    const folder = path.join(www, CARD_FOLDER);
    try {
      // Or mkdir would make it inside of the container, where nobody looks.
      await stat(homeAssistantFolder);
      const madeWww = await mkdirNew(www);
      await mkdir(folder, { recursive: true });
      await removeTemporaries(folder);
      const changed: string[] = [];
      for (const name of await filesOf(source)) {
        if (await replace(path.join(source, name), path.join(folder, name))) changed.push(name);
      }
      return { madeWww, changed };
    } catch (error) {
      throw new WwwFolderError(sentenceOf(error, folder), { cause: error });
    }
  }
}

/** The card, what it fetches on demand and, where there are any, its translations. */
async function filesOf(source: string): Promise<string[]> {
  const names = await readdir(path.join(source, TRANSLATIONS)).catch(() => []);
  const translations = names.filter((name) => /^[A-Za-z-]+\.(?:json|js)$/.test(name));
  return [CARD_FILE, ...ON_DEMAND, ...translations.map((name) => path.join(TRANSLATIONS, name))];
}

/** Whether it was not there. */
async function mkdirNew(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && (await stat(folder)).isDirectory()) return false;
    throw error;
  }
}

/** What a power cut left of an earlier copy. */
async function removeTemporaries(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (TEMPORARY.test(name)) await rm(path.join(folder, name), { force: true });
  }
}

/** Whether there was something to do. */
async function replace(from: string, to: string): Promise<boolean> {
  const bytes = await readFile(from);
  const before = await readFile(to).catch(() => undefined);
  if (before?.equals(bytes)) return false;
  await mkdir(path.dirname(to), { recursive: true });
  const temporary = path.join(path.dirname(to), `.voice-streaming-${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx', 0o644);
    try {
      await file.writeFile(bytes);
      // Before the rename, or a power cut leaves an empty file in its place.
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, to);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  return true;
}

function sentenceOf(error: unknown, folder: string): string {
  const place = `The card's files cannot be put into ${folder}`;
  switch (codeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return `${place}: the disk is full. Make room, for example by deleting old backups.`;
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return `${place}: it is read-only.`;
    case 'ENOTDIR':
    case 'EEXIST':
      return `${place}: a file stands where a folder belongs.`;
    case 'ENOENT':
      return `${place}: ${String((error as NodeJS.ErrnoException).path)} is missing.`;
    default:
      return `${place}: ${error instanceof Error ? error.message : String(error)}.`;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
