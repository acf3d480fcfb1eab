/** LogRing: the last lines of the log, for the diagnostics. Bounded by lines and by their length. */
import type { LogLevel, LogWriter } from './log.ts';

export interface LogRingOptions {
  write: LogWriter;
  /** Default 300. */
  maxLines?: number;
  /** The rest of a longer line is cut, such as a stack without end. Default 500. */
  maxLineChars?: number;
}

export class LogRing {
  readonly #options: LogRingOptions;
  readonly #lines: string[] = [];

  constructor(options: LogRingOptions) {
    this.#options = options;
  }

  /** Oldest first. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  readonly write = (level: LogLevel, line: string): void => {
    const { write, maxLines = 300, maxLineChars = 500 } = this.#options;
    write(level, line);
    this.#lines.push(line.length > maxLineChars ? `${line.slice(0, maxLineChars)}…` : line);
    if (this.#lines.length > maxLines) this.#lines.shift();
  };
}
