/** A Core that speaks badly: its words are told on bounded and without our token, and a broken frame is no end for ever. */
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { Core } from '../../src/homeassistant/core.ts';
import { Players } from '../../src/homeassistant/players.ts';
import { createLog } from '../../src/log.ts';

const TOKEN = 'the-token-of-the-supervisor';

let server: WebSocketServer;
let core: Core;
let lines: string[];

afterEach(async () => {
  await core.close();
  for (const socket of server.clients) socket.terminate();
  await new Promise((resolve) => server.close(resolve));
});

/** Connected to a Core of this version that refuses everything with these words. */
async function connect(version: string, error: unknown): Promise<void> {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  server.on('connection', (socket) => {
    socket.send('{"type":"auth_required"}');
    socket.on('message', (data: Buffer) => {
      const { id, type } = JSON.parse(data.toString()) as { id: number; type: string };
      if (type === 'auth') socket.send(JSON.stringify({ type: 'auth_ok', ha_version: version }));
      else if (type === 'ping') socket.send(JSON.stringify({ id, type: 'pong' }));
      else socket.send(JSON.stringify({ id, type: 'result', success: false, error }));
    });
  });
  lines = [];
  const log = createLog('debug', (_level, line) => lines.push(line));
  core = new Core({
    log,
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: TOKEN,
    shortLifeMs: 1,
  });
  core.start();
  await vi.waitFor(() => expect(core.connected).toBe(true), { timeout: 10_000, interval: 5 });
}

it('a refusal that is a page long and quotes our token', async () => {
  await connect('2026.11.0b3', { code: TOKEN, message: `${TOKEN} ${'x'.repeat(10_000)}` });
  const players = new Players({ log: createLog('error', () => undefined), core });
  const error = await players.callService('media_player.media_stop', 'media_player.kitchen', {}).then(
    () => undefined,
    (refusal: unknown) => refusal,
  );
  expect(error).toMatchObject({
    code: 'refused',
    message: expect.stringMatching(/^\(our token\) x{288}…$/) as string,
    cause: { code: '(our token)' },
  });
  await players.close();
  expect(lines.some((line) => line.endsWith('connected to Home Assistant 2026.11.0b3'))).toBe(true);
});

it('a version that is none', async () => {
  await connect(TOKEN, { code: 'no', message: '' });
  expect(lines.filter((line) => line.includes('connected to Home Assistant'))).toHaveLength(1);
  expect(lines.join('\n')).not.toContain(TOKEN);
});

it.each<[string, (socket: Socket) => void]>([
  ['a broken frame', (socket) => void socket.write(Buffer.from([0xf1, 0x00]))],
  ['a message beyond all measure', (socket) => void socket.write(Buffer.from([0x81, 127, 0, 0, 0, 0, 0x10, 0, 0, 0]))],
])('%s ends the connection, and another one is made', async (_name, say) => {
  await connect('2026.11.0', { code: 'no', message: '' });
  const ended = new Promise<void>((resolve) => core.onDisconnected(resolve));
  const back = new Promise<void>((resolve) => core.onConnected(resolve));
  for (const socket of server.clients) say((socket as unknown as { _socket: Socket })._socket);
  await ended;
  await back;
  expect(core.connected).toBe(true);
});
