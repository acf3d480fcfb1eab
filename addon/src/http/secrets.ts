/**
 * Secrets: the access token and what media keys are made of, in `secrets.json` of DATA_DIR, readable by the owner
 * only. A file that cannot be understood stops the start: new secrets in its place would silently kill every URL that
 * automations hold and hide a failing disk. Whoever wants new ones deletes the file.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { RequestError } from '@voice-streaming/shared/errors';
import * as v from 'valibot';

const FILE_NAME = 'secrets.json';
const SECRET_BYTES = 32;
/** 192 bits: long enough, and its 32 characters are still copied by hand if need be. */
const TOKEN_BYTES = 24;

const schema = v.object({
  version: v.literal(1),
  accessToken: v.pipe(v.string(), v.minLength(16)),
  mediaSecret: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/)),
  /** Counts rotations of all keys. */
  generation: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** Counts rotations of one stream's keys. */
  streamGenerations: v.record(v.string(), v.pipe(v.number(), v.integer(), v.minValue(0))),
  /** See `hasFormerIds`. */
  formerIds: v.optional(v.boolean()),
});
type Stored = v.InferOutput<typeof schema>;

/** DATA_DIR cannot be used, or its secrets cannot; main.ts prints the message and exits with `exitCode`. */
export class SecretsError extends Error {
  readonly exitCode = 2;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SecretsError';
  }
}

export interface SecretsOptions {
  dataDir: string;
  /** Stands instead of the stored token, which stays in the file. */
  accessToken?: string | undefined;
}

export class Secrets {
  readonly accessToken: string;
  /** True when this start made them. */
  readonly isNew: boolean;
  readonly mediaSecret: Buffer;
  readonly #file: string;
  #streamGenerations: ReadonlyMap<string, number>;
  readonly #storedToken: string;
  #generation: number;
  #hasFormerIds: boolean | undefined;
  /** One change after the other. */
  #changing: Promise<void> = Promise.resolve();

  private constructor(file: string, stored: Stored, accessToken: string | undefined, isNew: boolean) {
    this.#file = file;
    this.isNew = isNew;
    this.accessToken = accessToken ?? stored.accessToken;
    this.mediaSecret = Buffer.from(stored.mediaSecret, 'base64url');
    this.#storedToken = stored.accessToken;
    this.#generation = stored.generation;
    this.#hasFormerIds = stored.formerIds;
    this.#streamGenerations = new Map(Object.entries(stored.streamGenerations));
  }

  /** Reads the secrets, or makes them at the first start. Rejects with SecretsError. */
  static async load(options: SecretsOptions): Promise<Secrets> {
    const file = path.join(options.dataDir, FILE_NAME);
    const stored = await readStored(file);
    if (stored) return new Secrets(file, stored, options.accessToken, false);
    const fresh: Stored = {
      version: 1,
      accessToken: randomBytes(TOKEN_BYTES).toString('base64url'),
      mediaSecret: randomBytes(SECRET_BYTES).toString('base64url'),
      generation: 0,
      streamGenerations: {},
      formerIds: false,
    };
    const secrets = new Secrets(file, fresh, options.accessToken, true);
    try {
      await mkdir(options.dataDir, { recursive: true });
      await secrets.#write(fresh.generation, new Map());
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const { dataDir } = options;
      const what = isFull(error)
        ? `The disk of DATA_DIR ${dataDir} is full: make room, as the keys of this server are to be kept there.`
        : `DATA_DIR ${dataDir} cannot be written (${reason}): give this user the right to, or choose another.`;
      throw new SecretsError(what, { cause: error });
    }
    return secrets;
  }

  /** Names the present generation of the keys of `id`; changes with each rotation of its own or of all. */
  generationOf(id: string): string {
    return `${this.#generation}.${this.#streamGenerations.get(id) ?? 0}`;
  }

  /**
   * The next generation of one stream, or of all: stored, then in force. Rejects with RequestError when it could not be
   * stored; then nothing has changed.
   */
  raiseGeneration(id?: string): Promise<void> {
    const raise = async (): Promise<void> => {
      const streamGenerations = new Map(id === undefined ? [] : this.#streamGenerations);
      if (id !== undefined) streamGenerations.set(id, (streamGenerations.get(id) ?? 0) + 1);
      const generation = this.#generation + (id === undefined ? 1 : 0);
      await this.#write(generation, streamGenerations).catch((error: unknown) => {
        throw notStored(error, path.dirname(this.#file));
      });
      this.#generation = generation;
      this.#streamGenerations = streamGenerations;
    };
    this.#changing = this.#changing.then(raise, raise);
    return this.#changing;
  }

  /** Names this installation where several meet, as on an MQTT broker: the same for ever, and no secret. */
  get installationId(): string {
    return createHmac('sha256', this.mediaSecret).update('installation').digest('hex').slice(0, 8);
  }

  /** Whether its entities in Home Assistant have the ids of when installations had none; undefined: not known yet. */
  get hasFormerIds(): boolean | undefined {
    return this.#hasFormerIds;
  }

  /** In force at once; rejects when it could not be stored. */
  settleIds(former: boolean): Promise<void> {
    this.#hasFormerIds = former;
    const store = (): Promise<void> => this.#write(this.#generation, this.#streamGenerations);
    this.#changing = this.#changing.then(store, store);
    return this.#changing;
  }

  #write(generation: number, streamGenerations: ReadonlyMap<string, number>): Promise<void> {
    const stored: Stored = {
      version: 1,
      accessToken: this.#storedToken,
      mediaSecret: this.mediaSecret.toString('base64url'),
      generation,
      streamGenerations: Object.fromEntries(streamGenerations),
      ...(this.#hasFormerIds === undefined ? {} : { formerIds: this.#hasFormerIds }),
    };
    return writeAtomically(this.#file, `${JSON.stringify(stored, null, 2)}\n`);
  }
}

function isFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

function notStored(error: unknown, dataDir: string): RequestError {
  const { code, message } = error as NodeJS.ErrnoException;
  const why = isFull(error) ? `the disk of ${dataDir} is full` : `${dataDir} cannot be written (${code ?? message})`;
  const remedy = isFull(error) ? 'Make room' : 'Make it writable';
  return new RequestError('not_stored', `No new keys, the old ones still open: ${why}. ${remedy}, then try again.`, {
    cause: error,
  });
}

async function readStored(file: string): Promise<Stored | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new SecretsError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`, {
      cause: error,
    });
  }
  try {
    return v.parse(schema, JSON.parse(text));
  } catch {
    // No cause: both JSON.parse and valibot quote what they read.
    throw new SecretsError(
      `${file} is damaged. Restore it from a backup, or delete it: then a new access token and new media URLs are ` +
        'made, and the old ones stop working.',
    );
  }
}

/** A crash leaves the old file or the new one, never half of one. */
async function writeAtomically(file: string, text: string): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}
