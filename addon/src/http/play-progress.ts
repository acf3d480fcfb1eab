/**
 * PlayProgress: tells an announcement how far one of its players has come, a few times a second while that changes. Taken
 * is what the player's machine has confirmed: neither in our buffers nor in the system's, which hold minutes of sound for
 * a slow microcontroller; of a write that the system has taken in part, nothing yet. What lies in the player's own buffer nobody knows.
 */
import { BITRATE_KBPS, WAV_HEADER_BYTES, type AudioFormat } from '../media/transcoder/formats.ts';
import type { PlayReport } from './ports.ts';
import { unconfirmedBytes, type Connection } from './socket-queue.ts';
import type { ListenerOutcome } from './stream-listener.ts';

export interface PlayProgressOptions {
  report: PlayReport;
  format: AudioFormat;
  /** Bytes that have left our socket for the system. */
  sentBytes: () => number;
  /** The player's end and ours, as long as there is one. */
  connection: Connection;
  /** Default 200 ms. */
  intervalMs?: number;
  /** A player that has all of it on the way is waited for so long before it counts as finished. Default 10 s. */
  maxWaitMs?: number;
  /** Default: what the system says. */
  unconfirmed?: (connection: Connection) => Promise<number>;
}

export class PlayProgress {
  readonly #options: PlayProgressOptions;
  readonly #connection: Connection;
  readonly #timer: NodeJS.Timeout;
  #told = 0;
  #looking = false;
  #outcome: ListenerOutcome | undefined;
  #giveUpAtMs = Infinity;
  #over = false;

  constructor(options: PlayProgressOptions) {
    this.#options = options;
    // A copy: a socket that is closed forgets them while the system still sends.
    const { localPort, remotePort, remoteAddress } = options.connection;
    this.#connection = { localPort, remotePort, remoteAddress };
    this.#timer = setInterval(() => void this.#look(), options.intervalMs ?? 200);
    this.#timer.unref();
  }

  /** No more is sent. The end is reported when the player has all of it, at once when it left or was left. */
  close(outcome: ListenerOutcome): void {
    this.#outcome ??= outcome;
    this.#giveUpAtMs = performance.now() + (this.#options.maxWaitMs ?? 10_000);
    if (outcome === 'finished') void this.#look();
    else this.#end();
  }

  /** One at a time; never rejects. */
  async #look(): Promise<void> {
    if (this.#looking || this.#over) return;
    this.#looking = true;
    const isLast = this.#outcome !== undefined;
    // Before the wait: what leaves meanwhile must not count as taken.
    const sent = this.#options.sentBytes();
    const { unconfirmed = unconfirmedBytes } = this.#options;
    const waiting = await unconfirmed(this.#connection).catch(() => 0);
    this.#looking = false;
    if (this.#isOver) return;
    this.#tell(sent - waiting);
    if (isLast && (waiting === 0 || performance.now() > this.#giveUpAtMs)) this.#end();
    else if (this.#outcome !== undefined && !isLast) void this.#look();
  }

  #tell(bytes: number): void {
    if (bytes <= this.#told) return;
    this.#told = bytes;
    const { report, format } = this.#options;
    const soundBytes = Math.max(0, bytes - (format === 'wav' ? WAV_HEADER_BYTES : 0));
    report.drained(bytes, soundBytes / (BITRATE_KBPS[format] / 8));
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#timer);
    this.#options.report.closed(this.#outcome ?? 'left');
  }

  get #isOver(): boolean {
    return this.#over;
  }
}
