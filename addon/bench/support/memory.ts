/**
 * What the server's process holds when its garbage is collected: without that, memory tells how long ago the last
 * collection was. Needs a server started with WITH_INSPECTOR; nothing is attached while anything else is measured.
 */
import { WebSocket } from 'ws';
import type { TestServer } from '../../test/support/server.ts';
import { once } from '../../test/support/once.ts';

export const WITH_INSPECTOR = { NODE_OPTIONS: '--inspect=127.0.0.1:0' };

export interface Memory {
  residentBytes: number;
  /** JavaScript objects and the buffers they own. */
  liveBytes: number;
}

export async function readMemory(server: TestServer): Promise<Memory> {
  const url = /Debugger listening on (ws:\S+)/.exec(server.log())?.[1];
  if (url === undefined) throw new Error('the server was started without WITH_INSPECTOR');
  const socket = new WebSocket(url);
  try {
    await once<unknown>((resolve, reject) => socket.on('open', resolve).on('error', reject), 'the inspector');
    // Twice: what a first collection finalizes only the second one frees.
    for (let i = 0; i < 2; i += 1) await call(socket, 'HeapProfiler.collectGarbage');
    const expression = 'JSON.stringify(process.memoryUsage())';
    const { result } = (await call(socket, 'Runtime.evaluate', { expression })) as { result: { value: string } };
    const usage = JSON.parse(result.value) as NodeJS.MemoryUsage;
    return { residentBytes: usage.rss, liveBytes: usage.heapUsed + usage.external };
  } finally {
    socket.terminate();
  }
}

let calls = 0;

function call(socket: WebSocket, method: string, params: object = {}): Promise<unknown> {
  const id = ++calls;
  return once<unknown>((resolve) => {
    const listener = (data: Buffer): void => {
      const message = JSON.parse(data.toString()) as { id?: number; result?: unknown };
      if (message.id !== id) return;
      socket.off('message', listener);
      resolve(message.result);
    };
    socket.on('message', listener);
    socket.send(JSON.stringify({ id, method, params }));
  }, method);
}
