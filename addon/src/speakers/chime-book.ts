/** ChimeBook: the chimes there are, built in and from files, and what a speaker hears before a talk: silence, then a chime. */
import type { Prelude } from '../media/ports.ts';
import { BUILT_IN_CHIMES, chirp, samplesIn, synthesize, type BuiltInChime } from './chimes.ts';

export const NO_CHIME = 'none';

/** A chime of the house's own, or why its file is none. */
export type OwnChime = { pcm: Int16Array } | { broken: string };

/** Enough for every chime with every lead-in of the table of platforms. */
const MAX_PRELUDES = 64;

export class ChimeBook {
  readonly #own = new Map<string, OwnChime>();
  readonly #preludes = new Map<string, Prelude>();
  readonly #made = new Map<BuiltInChime, Int16Array>();

  /** Those that can be heard, `none` apart. */
  get names(): string[] {
    const own = [...this.#own].filter(([, chime]) => 'pcm' in chime).map(([name]) => name);
    return [...new Set([...BUILT_IN_CHIMES, ...own])];
  }

  /** All that can be asked for; a broken file can, and is told about then. */
  has(name: string): boolean {
    return name === NO_CHIME || isBuiltIn(name) || this.#own.has(name);
  }

  /** Undefined: it sounds. */
  whyBroken(name: string): string | undefined {
    const own = this.#own.get(name);
    return own && 'broken' in own ? own.broken : undefined;
  }

  setOwn(chimes: ReadonlyMap<string, OwnChime>): void {
    this.#own.clear();
    this.#preludes.clear();
    for (const [name, chime] of chimes) this.#own.set(name, chime);
  }

  /** Makes it now rather than when a voice waits for it. */
  prepare(chime: string): void {
    this.#pcmOf(chime);
  }

  /** The same object for the same wish, so that it is encoded once. */
  preludeOf(chime: string, leadInMs: number): Prelude | undefined {
    return this.#prelude(`${chime} ${leadInMs}`, leadInMs, () => this.#pcmOf(chime));
  }

  /** For who tests a speaker. */
  chirp(leadInMs: number): Prelude | undefined {
    return this.#prelude(`chirp! ${leadInMs}`, leadInMs, chirp);
  }

  #prelude(key: string, leadInMs: number, pcmOf: () => Int16Array | undefined): Prelude | undefined {
    const known = this.#preludes.get(key);
    if (known) return known;
    const chime = pcmOf();
    const silence = samplesIn(leadInMs);
    if (chime === undefined && silence === 0) return undefined;
    const pcm = new Int16Array(silence + (chime?.length ?? 0));
    if (chime) pcm.set(chime, silence);
    const [oldest] = this.#preludes.keys();
    if (this.#preludes.size >= MAX_PRELUDES && oldest !== undefined) this.#preludes.delete(oldest);
    const prelude = { pcm };
    this.#preludes.set(key, prelude);
    return prelude;
  }

  #pcmOf(name: string): Int16Array | undefined {
    const own = this.#own.get(name);
    if (own) return 'pcm' in own ? own.pcm : undefined;
    if (!isBuiltIn(name)) return undefined;
    const made = this.#made.get(name) ?? synthesize(name);
    this.#made.set(name, made);
    return made;
  }
}

export function isBuiltIn(name: string): name is BuiltInChime {
  return (BUILT_IN_CHIMES as string[]).includes(name);
}
