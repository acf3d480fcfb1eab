/**
 * Logging: levels by audience and blast radius (error: the service is hurt; warn: one client is, or something to mend;
 * info: births and deaths, at most about one a second; debug: for developers, may hold SDP, never a secret).
 * A prefix chain tells who speaks: `[signaling] [session 3f2a] created by Kitchen tablet`.
 */

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface Log {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  /** `error` adds its stack and causes. */
  error(message: string, error?: unknown): void;
  /** A log whose lines begin with `[prefix]` behind this one's own prefixes. */
  child(prefix: string): Log;
}

/** Writes one line: level, time, prefixes, message. */
export type LogWriter = (level: LogLevel, line: string) => void;

export function createLog(minimum: LogLevel, write: LogWriter = writeToConsole, prefix = ''): Log {
  const threshold = LOG_LEVELS.indexOf(minimum);
  const emit = (level: LogLevel, message: string): void => {
    if (LOG_LEVELS.indexOf(level) < threshold) return;
    write(level, `${new Date().toISOString()} ${level.toUpperCase().padEnd(5)} ${prefix}${singleLine(message)}`);
  };
  return {
    debug: (message) => emit('debug', message),
    info: (message) => emit('info', message),
    warn: (message) => emit('warn', message),
    error: (message, error) => emit('error', error === undefined ? message : `${message}: ${describeError(error)}`),
    child: (name) => createLog(minimum, write, `${prefix}[${name}] `),
  };
}

/** An error with its stack and the messages of its causes, in one text. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\ncaused by ${describeError(error.cause)}`;
}

/**
 * What clients say ends up in log lines: stack traces are indented; nothing that begins a line of its own elsewhere, commands a
 * terminal, or turns what follows around.
 */
function singleLine(message: string): string {
  return message
    .replace(/\r?\n/g, '\n    ')
    .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '?');
}

export function writeToConsole(level: LogLevel, line: string): void {
  (level === 'error' || level === 'warn' ? process.stderr : process.stdout).write(`${line}\n`);
}
