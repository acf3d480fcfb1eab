/**
 * Secrets: the access token and what media keys are made of, in `secrets.json` of DATA_DIR, readable by the owner
 * only. A file that cannot be understood stops the start: new secrets in its place would silently kill every URL that
 * automations hold and hide a failing disk. Whoever wants new ones deletes the file.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
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
  readonly #streamGenerations: Map<string, number>;
  readonly #storedToken: string;
  #generation: number;
  /** One write after the other. */
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: string, stored: Stored, accessToken: string | undefined, isNew: boolean) {
    this.#file = file;
    this.isNew = isNew;
    this.accessToken = accessToken ?? stored.accessToken;
    this.mediaSecret = Buffer.from(stored.mediaSecret, 'base64url');
    this.#storedToken = stored.accessToken;
    this.#generation = stored.generation;
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
    };
    const secrets = new Secrets(file, fresh, options.accessToken, true);
    try {
      await mkdir(options.dataDir, { recursive: true });
      await secrets.#save();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new SecretsError(
        `DATA_DIR ${options.dataDir} cannot be written (${reason}): give this user the right to, or choose another.`,
        { cause: error },
      );
    }
    return secrets;
  }

  /** Names the present generation of the keys of `id`; changes with each rotation of its own or of all. */
  generationOf(id: string): string {
    return `${this.#generation}.${this.#streamGenerations.get(id) ?? 0}`;
  }

  /** The next generation of one stream, or of all; in force at once, resolved when stored. */
  async raiseGeneration(id?: string): Promise<void> {
    if (id === undefined) {
      this.#generation += 1;
      this.#streamGenerations.clear();
    } else {
      this.#streamGenerations.set(id, (this.#streamGenerations.get(id) ?? 0) + 1);
    }
    await this.#save();
  }

  #save(): Promise<void> {
    const stored: Stored = {
      version: 1,
      accessToken: this.#storedToken,
      mediaSecret: this.mediaSecret.toString('base64url'),
      generation: this.#generation,
      streamGenerations: Object.fromEntries(this.#streamGenerations),
    };
    const write = (): Promise<void> => writeAtomically(this.#file, `${JSON.stringify(stored, null, 2)}\n`);
    this.#writing = this.#writing.then(write, write);
    return this.#writing;
  }
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
