/** PlayProgress: tells an announcement how far one of its players has come, a few times a second while that changes. */
import { BITRATE_KBPS, WAV_HEADER_BYTES, type AudioFormat } from '../media/transcoder/formats.ts';
import type { PlayReport } from './ports.ts';
import type { ListenerOutcome } from './stream-listener.ts';

const INTERVAL_MS = 200;

export class PlayProgress {
  readonly #report: PlayReport;
  readonly #format: AudioFormat;
  readonly #drainedBytes: () => number;
  readonly #timer: NodeJS.Timeout;
  #told = 0;

  constructor(report: PlayReport, format: AudioFormat, drainedBytes: () => number) {
    this.#report = report;
    this.#format = format;
    this.#drainedBytes = drainedBytes;
    this.#timer = setInterval(() => this.#tell(), INTERVAL_MS);
    this.#timer.unref();
  }

  close(outcome: ListenerOutcome): void {
    clearInterval(this.#timer);
    this.#tell();
    this.#report.closed(outcome);
  }

  #tell(): void {
    const bytes = this.#drainedBytes();
    if (bytes === this.#told) return;
    this.#told = bytes;
    const soundBytes = Math.max(0, bytes - (this.#format === 'wav' ? WAV_HEADER_BYTES : 0));
    this.#report.drained(bytes, soundBytes / (BITRATE_KBPS[this.#format] / 8));
  }
}
