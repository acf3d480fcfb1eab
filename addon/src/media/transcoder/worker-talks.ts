/** WorkerTalks: what the worker is at, by number: messages find their talk, and counts of what is over stay counted. */
import type { Closeable } from '../../closeable.ts';
import type { Log } from '../../log.ts';
import type { AudioFormat } from './formats.ts';
import { addTalkStats, NO_TALK_STATS, type FromWorker, type TalkStats, type ToWorker } from './messages.ts';
import { WorkerHost } from './worker-host.ts';

/** The main thread's end of something the worker decodes or encodes. */
export interface WorkerTalk {
  stats: TalkStats;
  chunk(format: AudioFormat, bytes: Buffer): void;
  /** Nothing follows. */
  closedByWorker(): void;
  /** The worker crashed and knows nothing any more. Whether the next one is to go on with this. */
  workerGone(): boolean;
  /** There is another worker. */
  workerBack(): void;
}

export class WorkerTalks implements Closeable {
  readonly #host: WorkerHost;
  readonly #talks = new Map<number, WorkerTalk>();
  #closedTotals: TalkStats = NO_TALK_STATS;
  #made = 0;

  constructor(options: { log: Log; workerUrl: URL }) {
    this.#host = new WorkerHost({
      ...options,
      onMessage: (message) => this.#heard(message),
      onCrashed: () => this.#gone(),
      onRestarted: () => this.#talks.forEach((talk) => talk.workerBack()),
    });
  }

  get running(): boolean {
    return this.#host.running;
  }

  get restarts(): number {
    return this.#host.restarts;
  }

  get totals(): TalkStats {
    return [...this.#talks.values()].reduce((sum, { stats }) => addTalkStats(sum, stats), this.#closedTotals);
  }

  /** Gives it a number and hears for it until the worker closes it. Starts the worker. */
  add<T extends WorkerTalk>(make: (number: number) => T): T {
    this.#host.start();
    this.#made += 1;
    const talk = make(this.#made);
    this.#talks.set(this.#made, talk);
    return talk;
  }

  /** False when there is no worker to hear it. */
  post(message: ToWorker, transfer?: ArrayBuffer[]): boolean {
    return this.#host.post(message, transfer);
  }

  start(): void {
    this.#host.start();
  }

  /** Stops the worker; it may be started again. */
  async close(): Promise<void> {
    await this.#host.close();
    this.#gone();
  }

  #heard(message: FromWorker): void {
    const talk = this.#talks.get(message.talk);
    if (!talk) return;
    if (message.type === 'chunk') {
      talk.chunk(message.format, Buffer.from(message.bytes.buffer));
      return;
    }
    talk.stats = message.stats;
    if (message.type === 'stats') return;
    this.#talks.delete(message.talk);
    this.#closedTotals = addTalkStats(this.#closedTotals, talk.stats);
    talk.closedByWorker();
  }

  #gone(): void {
    for (const [number, talk] of [...this.#talks]) {
      this.#closedTotals = addTalkStats(this.#closedTotals, talk.stats);
      talk.stats = NO_TALK_STATS;
      if (!talk.workerGone()) this.#talks.delete(number);
    }
  }
}
