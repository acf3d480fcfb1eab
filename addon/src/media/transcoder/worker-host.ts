/**
 * WorkerHost: the transcoder's one worker thread, started when first needed, restarted when it crashes or hangs,
 * stopped when told. A message for a worker that is not there is refused, never kept.
 */
import { Worker } from 'node:worker_threads';
import type { Closeable } from '../../closeable.ts';
import type { Log } from '../../log.ts';
import type { FromWorker, ToWorker } from './messages.ts';

export interface WorkerHostOptions {
  log: Log;
  /** The bundled worker. */
  workerUrl: URL;
  onMessage: (message: FromWorker) => void;
  /** The worker is gone and all it knew with it. */
  onCrashed: () => void;
  /** Another worker is there; it knows nothing yet. */
  onRestarted: () => void;
  /** Packets unanswered for so long: the worker hangs and is replaced. It reports once a second. Default 5 s. */
  maxSilenceMs?: number;
  /** Before the first restart; doubles with each crash that follows soon. Default 50 ms. */
  minRestartDelayMs?: number;
  /** Default 5 s. */
  maxRestartDelayMs?: number;
  /** A worker that lived so long was well: the delay begins anew. Default 10 s. */
  wellAfterMs?: number;
}

export class WorkerHost implements Closeable {
  restarts = 0;
  readonly #options: WorkerHostOptions;
  readonly #maxSilenceMs: number;
  readonly #minRestartDelayMs: number;
  readonly #maxRestartDelayMs: number;
  readonly #wellAfterMs: number;
  #worker: Worker | undefined;
  #startedAtMs = 0;
  #unansweredSinceMs: number | undefined;
  #restartDelayMs: number;
  #restarting: NodeJS.Timeout | undefined;

  constructor(options: WorkerHostOptions) {
    this.#options = options;
    this.#maxSilenceMs = options.maxSilenceMs ?? 5000;
    this.#minRestartDelayMs = options.minRestartDelayMs ?? 50;
    this.#maxRestartDelayMs = options.maxRestartDelayMs ?? 5000;
    this.#wellAfterMs = options.wellAfterMs ?? 10_000;
    this.#restartDelayMs = this.#minRestartDelayMs;
  }

  get running(): boolean {
    return this.#worker !== undefined;
  }

  /** Starts the worker if there is none and none is about to be restarted. */
  start(): void {
    if (this.#worker || this.#restarting) return;
    const worker = new Worker(this.#options.workerUrl, { name: 'transcoder' });
    this.#worker = worker;
    this.#startedAtMs = performance.now();
    this.#unansweredSinceMs = undefined;
    worker.on('message', (message: FromWorker) => {
      if (this.#worker !== worker) return;
      this.#unansweredSinceMs = undefined;
      this.#options.onMessage(message);
    });
    worker.on('error', (error) => this.#crashed(worker, error));
    worker.on('exit', (code) => this.#crashed(worker, new Error(`it exited with code ${code}`)));
    this.#options.log.debug('worker started');
  }

  /** False when there is no worker to hear it. */
  post(message: ToWorker, transfer: readonly ArrayBuffer[] = []): boolean {
    const worker = this.#worker;
    if (!worker) return false;
    if (message.type === 'packets' || message.type === 'packed') {
      const now = performance.now();
      this.#unansweredSinceMs ??= now;
      if (now - this.#unansweredSinceMs > this.#maxSilenceMs) {
        this.#crashed(worker, new Error(`it said nothing for ${this.#maxSilenceMs} ms`));
        return false;
      }
    }
    worker.postMessage(message, transfer);
    return true;
  }

  /** Stops the worker; it may be started again. */
  async close(): Promise<void> {
    clearTimeout(this.#restarting);
    this.#restarting = undefined;
    this.#restartDelayMs = this.#minRestartDelayMs;
    const worker = this.#worker;
    this.#worker = undefined;
    if (!worker) return;
    await terminate(worker);
    this.#options.log.debug('worker stopped');
  }

  #crashed(worker: Worker, error: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    void terminate(worker);
    this.restarts += 1;
    if (performance.now() - this.#startedAtMs > this.#wellAfterMs) {
      this.#restartDelayMs = this.#minRestartDelayMs;
    }
    this.#options.log.error(`the worker crashed and is restarted in ${this.#restartDelayMs} ms`, error);
    this.#restarting = setTimeout(() => {
      this.#restarting = undefined;
      this.start();
      this.#options.onRestarted();
    }, this.#restartDelayMs);
    this.#restartDelayMs = Math.min(this.#restartDelayMs * 2, this.#maxRestartDelayMs);
    this.#options.onCrashed();
  }
}

async function terminate(worker: Worker): Promise<void> {
  try {
    await worker.terminate();
  } catch {
    // A thread that is gone already needs no ending.
  }
}
