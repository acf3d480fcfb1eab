/** EncodedPreludes: lead-ins and chimes in each format, encoded when first asked for and kept as long as whoever made them. */
import type { Prelude } from '../ports.ts';
import type { AudioFormat } from './formats.ts';
import { NO_TALK_STATS } from './messages.ts';
import type { WorkerTalk, WorkerTalks } from './worker-talks.ts';

export class EncodedPreludes {
  readonly #worker: WorkerTalks;
  readonly #encoded = new WeakMap<Prelude, Map<AudioFormat, Promise<Buffer>>>();

  constructor(worker: WorkerTalks) {
    this.#worker = worker;
  }

  /** Never rejects: without a worker it becomes nothing, and is tried anew the next time. */
  get(prelude: Prelude, format: AudioFormat): Promise<Buffer> {
    const formats = this.#encoded.get(prelude) ?? new Map<AudioFormat, Promise<Buffer>>();
    this.#encoded.set(prelude, formats);
    let bytes = formats.get(format);
    if (!bytes) {
      bytes = this.#encode(prelude, format, () => formats.delete(format));
      formats.set(format, bytes);
    }
    return bytes;
  }

  #encode({ pcm }: Prelude, format: AudioFormat, onFailed: () => void): Promise<Buffer> {
    return new Promise((resolve) => {
      const chunks: Buffer[] = [];
      this.#worker.add((number): WorkerTalk => {
        const begin = (): void => {
          chunks.length = 0;
          this.#worker.post({ type: 'encode', talk: number, format, pcm });
        };
        begin();
        return {
          stats: NO_TALK_STATS,
          chunk: (_format, bytes) => chunks.push(bytes),
          closedByWorker: () => resolve(Buffer.concat(chunks)),
          workerGone: () => {
            onFailed();
            resolve(Buffer.alloc(0));
            return false;
          },
          workerBack: begin,
        };
      });
    });
  }
}
