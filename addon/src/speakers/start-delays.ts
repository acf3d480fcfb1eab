/**
 * StartDelays: how long each speaker took from being told to play until it took sound, the last times; the median is told.
 * Kept in `DATA_DIR/speakers.json`; the speakers not heard of for longest go.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import type { Closeable } from '../closeable.ts';
import type { Log } from '../log.ts';
import { messageOf } from './message.ts';

export interface StartDelaysOptions {
  log: Log;
  dataDir: string;
  /** Remembered of each speaker. Default 9. */
  maxDelays?: number;
  /** Default 200. */
  maxSpeakers?: number;
  /** Changes of this time are written at once. Default 2 s. */
  saveAfterMs?: number;
}

const FILE_NAME = 'speakers.json';
/** Longer ones are no start but an accident. */
const MAX_DELAY_MS = 120_000;

const schema = v.object({
  version: v.literal(1),
  startDelaysMs: v.record(
    v.string(),
    v.pipe(v.array(v.pipe(v.number(), v.minValue(0), v.maxValue(MAX_DELAY_MS))), v.maxLength(100)),
  ),
});

export class StartDelays implements Closeable {
  readonly #log: Log;
  readonly #path: string;
  readonly #maxDelays: number;
  readonly #maxSpeakers: number;
  readonly #saveAfterMs: number;
  /** Least recently learned first; the newest delay last. */
  readonly #delays = new Map<string, number[]>();
  #timer: NodeJS.Timeout | undefined;
  #saving: Promise<void> = Promise.resolve();

  private constructor(options: StartDelaysOptions) {
    this.#log = options.log.child('speakers');
    this.#path = join(options.dataDir, FILE_NAME);
    this.#maxDelays = options.maxDelays ?? 9;
    this.#maxSpeakers = options.maxSpeakers ?? 200;
    this.#saveAfterMs = options.saveAfterMs ?? 2_000;
  }

  /** Never rejects: without its file it learns anew. */
  static async open(options: StartDelaysOptions): Promise<StartDelays> {
    const delays = new StartDelays(options);
    await delays.#read();
    return delays;
  }

  /** Null: it has never played. */
  of(entityId: string): number | null {
    const sorted = [...(this.#delays.get(entityId) ?? [])].sort((a, b) => a - b);
    return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
  }

  learn(entityId: string, delayMs: number): void {
    if (!(delayMs >= 0 && delayMs <= MAX_DELAY_MS)) return;
    const known = this.#delays.get(entityId) ?? [];
    this.#delays.delete(entityId);
    this.#delays.set(entityId, [...known, Math.round(delayMs)].slice(-this.#maxDelays));
    this.#shorten();
    this.#timer ??= setTimeout(() => this.#save(), this.#saveAfterMs).unref();
  }

  async close(): Promise<void> {
    if (this.#timer) this.#save();
    await this.#saving;
  }

  #shorten(): void {
    for (const entityId of this.#delays.keys()) {
      if (this.#delays.size <= this.#maxSpeakers) return;
      this.#delays.delete(entityId);
    }
  }

  async #read(): Promise<void> {
    let text: string;
    try {
      text = await readFile(this.#path, 'utf8');
    } catch (error) {
      const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (!isMissing) this.#log.warn(`cannot read ${this.#path}: ${messageOf(error)}`);
      return;
    }
    try {
      const { startDelaysMs } = v.parse(schema, JSON.parse(text));
      for (const [entityId, delays] of Object.entries(startDelaysMs)) {
        if (delays.length > 0) this.#delays.set(entityId, delays.slice(-this.#maxDelays));
      }
      this.#shorten();
    } catch (error) {
      this.#log.warn(`${this.#path} is broken (${messageOf(error)}): start delays are learned anew`);
    }
  }

  #save(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = `${JSON.stringify({ version: 1, startDelaysMs: Object.fromEntries(this.#delays) }, null, 2)}\n`;
    this.#saving = this.#saving.then(() => this.#write(text));
  }

  async #write(text: string): Promise<void> {
    const temporary = `${this.#path}.tmp`;
    try {
      await mkdir(dirname(this.#path), { recursive: true });
      await writeFile(temporary, text, { mode: 0o600 });
      await rename(temporary, this.#path);
    } catch (error) {
      this.#log.warn(`cannot write ${this.#path}: ${messageOf(error)}`);
    }
  }
}
