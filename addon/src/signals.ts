/** Signals: the end of the process. */
import type { Closeable } from './closeable.ts';
import type { Log } from './log.ts';

const FORCED_EXIT_MS = 5_000;

/**
 * First signal: an orderly end. Second, or five seconds: an end. Before there is a server: an end at once, as process 1 of
 * a container ignores signals without a handler. The handlers are never changed, or a signal could fall in between.
 */
export function closeOnSignals(running: () => Closeable | undefined, log: () => Log): void {
  let closing = false;
  const close = (signal: string): void => {
    const server = running();
    if (closing) process.exit(1);
    if (!server) process.exit(0);
    closing = true;
    log().info(`closing: ${signal}`);
    setTimeout(() => {
      log().error(`not closed within ${FORCED_EXIT_MS} ms`);
      process.exit(1);
    }, FORCED_EXIT_MS).unref();
    void server.close().then(() => {
      log().info('closed');
      process.exit(0);
    });
  };
  process.on('SIGTERM', close);
  process.on('SIGINT', close);
}
