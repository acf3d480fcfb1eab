/**
 * Watch: the server's own figures, once a second, from outside: /proc, /metrics, and Node's inspector, which alone can tell
 * what is left of the heap after a collection and which handles are open. Linux.
 */
import { readdir, readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { WebSocket } from 'ws';
import { request } from '../test/support/player.ts';
import type { TestServer } from '../test/support/server.ts';

export interface Sample {
  atSeconds: number;
  rssMiB: number;
  /** After a collection that the watch asks for each minute; between them the last. */
  heapMiB: number;
  /** Open sockets, timers, servers, threads of the event loop. */
  handles: number;
  files: number;
  loopDelayP99Ms: number;
  cpuPercent: number;
  peers: number;
  streams: number;
  listeners: number;
}

const COLLECT_EVERY_MS = 60_000;
const MIB = 2 ** 20;

export class Watch {
  readonly samples: Sample[] = [];
  readonly #server: TestServer;
  readonly #inspector: Inspector;
  readonly #startedAtMs = performance.now();
  #collectAtMs = 0;
  #heapMiB = 0;
  #cpu: { seconds: number; atMs: number } | undefined;

  private constructor(server: TestServer, inspector: Inspector) {
    this.#server = server;
    this.#inspector = inspector;
  }

  /** The environment in which a server can be watched. */
  static readonly ENVIRONMENT = { NODE_OPTIONS: '--inspect=127.0.0.1:0' };

  static async open(server: TestServer): Promise<Watch> {
    const url = /Debugger listening on (ws:\S+)/.exec(server.log())?.[1];
    if (url === undefined) throw new Error('The server was not started with Watch.ENVIRONMENT.');
    return new Watch(server, await Inspector.open(url));
  }

  async look(): Promise<Sample> {
    const { pid, port } = this.#server;
    const nowMs = performance.now();
    if (nowMs >= this.#collectAtMs) {
      this.#collectAtMs = nowMs + COLLECT_EVERY_MS;
      this.#heapMiB = await this.collectedHeapMiB();
    }
    const [files, handles, metrics] = await Promise.all([
      readdir(`/proc/${pid}/fd`),
      this.#inspector.evaluate('process.getActiveResourcesInfo().length'),
      // A connection of its own: one that is kept may be closed by the server at the very moment of asking.
      request(`http://127.0.0.1:${port}/metrics`).then(text),
    ]);
    const cpuSeconds = sumOf(metrics, 'cpu_seconds_total');
    const sample: Sample = {
      atSeconds: (nowMs - this.#startedAtMs) / 1000,
      rssMiB: (await residentBytes(pid)) / MIB,
      heapMiB: this.#heapMiB,
      handles,
      files: files.length,
      loopDelayP99Ms: sumOf(metrics, 'event_loop_delay_seconds', 'quantile="0.99"') * 1000,
      cpuPercent: this.#cpu ? ((cpuSeconds - this.#cpu.seconds) / (nowMs - this.#cpu.atMs)) * 100_000 : 0,
      peers: sumOf(metrics, 'peers'),
      streams: sumOf(metrics, 'streams'),
      listeners: sumOf(metrics, 'listeners'),
    };
    this.#cpu = { seconds: cpuSeconds, atMs: nowMs };
    this.samples.push(sample);
    return sample;
  }

  async collectedHeapMiB(): Promise<number> {
    await this.#inspector.call('HeapProfiler.collectGarbage');
    const { usedSize } = await this.#inspector.call('Runtime.getHeapUsage');
    return Number(usedSize) / MIB;
  }

  close(): void {
    this.#inspector.close();
  }
}

async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
}

class Inspector {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (result: Record<string, unknown>) => void>();
  #id = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      const { id, result } = JSON.parse(data.toString()) as { id?: number; result?: Record<string, unknown> };
      if (id === undefined) return;
      this.#waiting.get(id)?.(result ?? {});
      this.#waiting.delete(id);
    });
  }

  static async open(url: string): Promise<Inspector> {
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
    return new Inspector(socket);
  }

  call(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    this.#id += 1;
    const id = this.#id;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  async evaluate(expression: string): Promise<number> {
    const { result } = await this.call('Runtime.evaluate', { expression, returnByValue: true });
    return Number((result as { value?: unknown } | undefined)?.value);
  }

  close(): void {
    this.#socket.terminate();
  }
}

/** Of all lines of this metric, those that have `label` in them. */
function sumOf(metrics: string, name: string, label = ''): number {
  let sum = 0;
  for (const line of metrics.split('\n')) {
    const found = new RegExp(`^voice_streaming_${name}(?:\\{([^}]*)\\})? (\\S+)$`).exec(line);
    if (found && (found[1] ?? '').includes(label)) sum += Number(found[2]);
  }
  return sum;
}
