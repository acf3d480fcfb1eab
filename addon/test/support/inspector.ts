/** Runs a script in a server that is already running, as no door of its own would let anybody: by Node's inspector. */
import { WebSocket } from 'ws';
import { once } from './once.ts';

/** `url` is what Node prints after SIGUSR1. Does not wait for the script's end, which may never come. */
export async function runInside(url: string, script: string): Promise<void> {
  const socket = new WebSocket(url);
  await once<unknown>((resolve) => socket.on('open', resolve), 'the inspector');
  socket.on('error', () => undefined);
  await new Promise((resolve) =>
    socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression: script } }), resolve),
  );
  socket.terminate();
}
