import type { Log } from '../../src/log.ts';

/** A log that keeps its warnings and errors for the test to look at. */
export interface QuietLog extends Log {
  readonly lines: string[];
}

export function quietLog(): QuietLog {
  const lines: string[] = [];
  const log: QuietLog = {
    lines,
    debug: () => undefined,
    info: () => undefined,
    warn: (message) => lines.push(`WARN ${message}`),
    error: (message, error) => lines.push(`ERROR ${message} ${error instanceof Error ? (error.stack ?? '') : ''}`),
    child: () => log,
  };
  return log;
}
