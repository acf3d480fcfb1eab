/** Real threads that misbehave. */
import { afterEach, describe, expect, it } from 'vitest';
import type { ToWorker } from '../../src/media/transcoder/messages.ts';
import { WorkerHost, type WorkerHostOptions } from '../../src/media/transcoder/worker-host.ts';
import { once } from '../support/once.ts';
import { quietLog, type QuietLog } from '../support/quiet-log.ts';

const packet = {
  type: 'packets',
  talk: 1,
  packets: [{ sequenceNumber: 1, timestamp: 1, payload: new Uint8Array(1), arrivedAtMs: 0 }],
} satisfies ToWorker;

/** A worker with this code. */
function code(body: string): URL {
  const text = `import { parentPort } from 'node:worker_threads';${body}`;
  return new URL(`data:text/javascript,${encodeURIComponent(text)}`);
}

describe('WorkerHost', () => {
  let host: WorkerHost;
  let log: QuietLog;
  const events: string[] = [];
  let restarted: (() => void) | undefined;

  function create(workerUrl: URL, options: Partial<WorkerHostOptions> = {}): WorkerHost {
    log = quietLog();
    events.length = 0;
    host = new WorkerHost({
      log,
      workerUrl,
      onMessage: (message) => events.push(message.type),
      onCrashed: () => events.push(`crashed, running: ${host.running}`),
      onRestarted: () => {
        events.push(`restarted, running: ${host.running}`);
        restarted?.();
      },
      minRestartDelayMs: 10,
      ...options,
    });
    return host;
  }
  afterEach(() => host.close());

  const restart = (): Promise<unknown> =>
    once<unknown>((resolve) => (restarted = () => resolve(undefined)), 'a restart');

  it('refuses messages while there is no worker', async () => {
    create(code("parentPort.on('message', () => {});"));
    expect(host.post(packet)).toBe(false);
    host.start();
    expect(host.post(packet)).toBe(true);
    await host.close();
    await host.close();
    expect(host.running).toBe(false);
    expect(host.post(packet)).toBe(false);
    expect(events).toEqual([]);
    expect(log.lines).toEqual([]);
  });

  it('restarts a worker that throws, and says why once', async () => {
    create(code("parentPort.on('message', () => { throw new Error('boom'); });"));
    const again = restart();
    host.start();
    host.post(packet);
    await again;
    expect(events).toEqual(['crashed, running: false', 'restarted, running: true']);
    expect(host.restarts).toBe(1);
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toContain('boom');
  });

  it('waits longer each time a worker dies young', async () => {
    create(code('process.exit(3);'), { minRestartDelayMs: 10, maxRestartDelayMs: 40, wellAfterMs: 60_000 });
    host.start();
    await expect.poll(() => host.restarts, { timeout: 5000 }).toBeGreaterThanOrEqual(4);
    const delays = log.lines.slice(0, 4).map((line) => / in (\d+) ms/.exec(line)?.[1]);
    expect(delays).toEqual(['10', '20', '40', '40']);
    expect(log.lines[0]).toContain('exited with code 3');
  });

  it('replaces a worker that hangs', async () => {
    create(code("parentPort.on('message', () => { for (;;); });"), { maxSilenceMs: 50 });
    const again = restart();
    host.start();
    const pushing = setInterval(() => host.post(packet), 10);
    await again;
    clearInterval(pushing);
    expect(log.lines[0]).toContain('it said nothing for 50 ms');
  });

  it('does not restart what was closed while it waited', async () => {
    create(code('process.exit(3);'), { minRestartDelayMs: 5 });
    host.start();
    await expect.poll(() => host.restarts).toBe(1);
    await host.close();
    const { restarts } = host;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(host.restarts).toBe(restarts);
    expect(host.running).toBe(false);
  });
});
