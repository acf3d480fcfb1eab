/**
 * LoopWatch: notices when nothing gets its turn in this process: no voice is relayed then, and nobody is answered. What has
 * passed is measured here; what still lasts is told by a thread of its own, as whoever restarts us leaves no time for it.
 * A process that nobody restarts (Docker looks at health, and does nothing) is ended by that thread after a minute.
 */
import { Worker } from 'node:worker_threads';
import type { Closeable } from './closeable.ts';
import type { Log } from './log.ts';

export interface LoopWatchOptions {
  log: Log;
  /** Standing still for longer is told. Default 2 s. */
  toldMs?: number;
  /** Told while it still lasts after so many seconds. Default 5. */
  guardSeconds?: number;
  /** Standing still for so many seconds ends this process, so that whoever looks after it starts it anew. Default 60. */
  endSeconds?: number;
}

const TICK_MS = 200;
/** `blockedMs` is of this time. */
const WINDOW_MS = 10_000;

/** EX_SOFTWARE of sysexits.h. */
const EXIT_CODE = 70;

/**
 * Its own process' output may wait for the very thread that stands still: it writes to the descriptor. SIGKILL does nothing to
 * process 1 of a container (pid_namespaces(7)): there the inspector interrupts what runs, which reaches JavaScript only.
 */
const GUARD = `
const { workerData: { beats, seconds, endSeconds } } = require('node:worker_threads');
let last = 0, still = 0;
const tell = (text) => {
  try { require('node:fs').writeSync(2, new Date().toISOString() + ' ERROR [loop] nothing got its turn for ' + text + '\\n'); } catch {}
};
setInterval(() => {
  const now = Atomics.load(beats, 0);
  still = now === last ? still + 1 : 0;
  last = now;
  if (still === seconds) tell(seconds + ' s, and it lasts: no voice is relayed, nobody is answered');
  if (still < endSeconds) return;
  tell(endSeconds + ' s: ended, to be started anew');
  process.kill(process.pid, 'SIGKILL');
  const session = new (require('node:inspector').Session)();
  session.connectToMainThread();
  session.post('Runtime.evaluate', { expression: 'process.reallyExit(${EXIT_CODE})' });
}, 1000);`;

export class LoopWatch implements Closeable {
  readonly #log: Log;
  readonly #toldMs: number;
  readonly #guardSeconds: number;
  readonly #endSeconds: number;
  readonly #beats = new Int32Array(new SharedArrayBuffer(4));
  #guard: Worker | undefined;
  readonly #timer: NodeJS.Timeout;
  #late: { atMs: number; lateMs: number }[] = [];
  #tickedAtMs = performance.now();

  constructor({ log, toldMs = 2_000, guardSeconds = 5, endSeconds = 60 }: LoopWatchOptions) {
    this.#log = log.child('loop');
    this.#toldMs = toldMs;
    this.#guardSeconds = guardSeconds;
    this.#endSeconds = endSeconds;
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  /** Begins to watch from outside; not before the server listens, as a thread takes its time to start. */
  guard(): void {
    this.#guard ??= new Worker(GUARD, {
      eval: true,
      execArgv: [],
      workerData: { beats: this.#beats, seconds: this.#guardSeconds, endSeconds: this.#endSeconds },
      resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 },
    });
    this.#guard.unref();
    this.#guard.on('error', (error) => this.#log.warn(`nobody watches the event loop from outside: ${error.message}`));
  }

  /** Of the last ten seconds, how many milliseconds turns came late. */
  get blockedMs(): number {
    const oldest = performance.now() - WINDOW_MS;
    this.#late = this.#late.filter(({ atMs }) => atMs >= oldest);
    const sum = this.#late.reduce((total, { lateMs }) => total + lateMs, 0);
    return Math.min(WINDOW_MS, sum + Math.max(0, performance.now() - this.#tickedAtMs - TICK_MS));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#guard?.terminate();
  }

  #tick(): void {
    Atomics.add(this.#beats, 0, 1);
    const now = performance.now();
    const lateMs = now - this.#tickedAtMs - TICK_MS;
    this.#tickedAtMs = now;
    if (lateMs < TICK_MS) return;
    this.#late = this.#late.filter(({ atMs }) => atMs >= now - WINDOW_MS);
    this.#late.push({ atMs: now, lateMs });
    if (lateMs < this.#toldMs) return;
    const seconds = (lateMs / 1000).toFixed(1);
    this.#log.warn(`nothing got its turn for ${seconds} s: this program, or the whole machine, stood still`);
  }
}
