/**
 * Where a health check finds this server: its address in a file, as only the server knows which port it took from options,
 * environment or Supervisor. The image names the file (HEALTH_FILE); elsewhere there is none.
 */
import { rmSync, writeFileSync } from 'node:fs';
import type { Log } from './log.ts';

export const HEALTH_FILE_VARIABLE = 'HEALTH_FILE';

type Environment = Record<string, string | undefined>;

/** What is asked when nothing was written: the media server as it is without options. */
const DEFAULT_URL = 'http://127.0.0.1:8081/health';

/** The URL to ask from inside the machine. `host` is what the server is bound to; undefined is every address. */
export function healthUrl(host: string | undefined, port: number): string {
  if (host === undefined || host === '0.0.0.0') return `http://127.0.0.1:${port}/health`;
  if (host === '::') return `http://[::1]:${port}/health`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/health`;
}

/** Throws as fs does. */
export function writeHealthFile(env: Environment, url: string): void {
  const file = env[HEALTH_FILE_VARIABLE];
  if (file === undefined || file === '') return;
  // Another user may have left one where files belong to whoever made them.
  rmSync(file, { force: true });
  writeFileSync(file, url);
}

/** A server that cannot tell serves all the same. */
export function tellHealthCheck(url: string, env: Environment, log: Log): void {
  try {
    writeHealthFile(env, url);
  } catch (error) {
    log.warn(`The health check may look at the wrong port: ${String(error)}`);
  }
}

/** `read` throws as fs does. */
export function readHealthUrl(env: Environment, read: (file: string) => string): string {
  const file = env[HEALTH_FILE_VARIABLE];
  if (file === undefined || file === '') return DEFAULT_URL;
  try {
    const url = read(file).trim();
    return URL.canParse(url) ? url : DEFAULT_URL;
  } catch {
    return DEFAULT_URL;
  }
}
