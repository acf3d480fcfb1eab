/**
 * A Home Assistant Core that is broken or hostile, over a real WebSocket: whatever it says instead of what it was asked for, all
 * is well again as soon as it speaks properly, and neither its words nor our token fill the log.
 */
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import fc from 'fast-check';
import { WebSocketServer, type WebSocket } from 'ws';
import { closeAll } from '../../../src/closeable.ts';
import { Administrators } from '../../../src/homeassistant/administrators.ts';
import { AnnounceEvents } from '../../../src/homeassistant/announce-events.ts';
import { Core } from '../../../src/homeassistant/core.ts';
import { Players } from '../../../src/homeassistant/players.ts';
import { createLog } from '../../../src/log.ts';
import { parseAnnounceRequest } from '../../../src/speakers/announce-request.ts';
import { anyJson, bent } from '../arbitraries.ts';
import { entitiesEvents } from './house.ts';
import { defineTarget, must, mustNotTell, SECRET } from '../target.ts';

type Move =
  | { kind: 'right' | 'silence' | 'twice' | 'terminate' }
  | { kind: 'result' | 'event' | 'refuse' | 'whole'; value: unknown }
  | { kind: 'text'; value: string }
  | { kind: 'binary' | 'frames'; value: Uint8Array }
  | { kind: 'close'; value: number };

interface Asked {
  id: number;
  type: string;
}

const MAX_LINE_CHARS = 2_000;
const WELL_AGAIN_MS = 15_000;
/** Fast, as a Core that answers nothing is waited for. */
const TIMES = { firstPauseMs: 1, longestPauseMs: 3, shortLifeMs: 1, requestTimeoutMs: 30 };

const words = fc.constantFrom('', 'No.', SECRET, `It was ${SECRET}!`, 'x'.repeat(5_000), 'a\r\nb');
const refusal = fc.oneof(
  fc.record({ code: fc.oneof(words, fc.integer()), message: words }),
  fc.record({ code: words }),
  anyJson,
);
const message = fc.oneof(
  fc.record({ id: fc.nat({ max: 12 }), type: fc.constantFrom('result', 'event', 'pong', 'auth_ok', 'auth_invalid') }),
  fc.record({ id: fc.nat({ max: 12 }), type: fc.constant('event'), event: fc.oneof(entitiesEvents, anyJson) }),
  fc.record({ type: fc.constant('auth_ok'), ha_version: words }),
  fc.array(fc.record({ id: anyJson, type: fc.constantFrom('result', 'event') }), { maxLength: 3 }),
  anyJson,
);
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('right' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('silence' as const, 'terminate' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('twice' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('result' as const), value: anyJson }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('event' as const), value: fc.oneof(entitiesEvents, anyJson) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('refuse' as const), value: refusal }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('whole' as const), value: message }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('text' as const),
      value: bent(message.map((each) => JSON.stringify(each))),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('binary' as const, 'frames' as const),
      value: fc.uint8Array({ maxLength: 40 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('close' as const), value: fc.constantFrom(1000, 1001, 1011, 4999) }),
  },
);

/** As a small house answers. */
const RIGHT: Record<string, unknown> = {
  'config/auth/list': [{ id: 'ada', is_owner: true }],
  'config/entity_registry/get_entries': { 'media_player.kitchen': null },
  'config/device_registry/list': [],
  'config/area_registry/list': [],
};
const HOUSE = { a: { 'media_player.kitchen': { s: 'idle', a: { friendly_name: 'Kitchen' } } } };

export const coreSocket = defineTarget<Move[]>({
  name: 'coreSocket',
  share: 20,
  async open() {
    let script: Move[] = [];
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const lines: string[] = [];
    const log = createLog('debug', (_level, line) => lines.push(line));
    let connections = 0;
    server.on('connection', (socket) => {
      connections += 1;
      socket.on('error', () => undefined);
      say(socket, 0, script.shift(), () => socket.send('{"type":"auth_required"}'));
      socket.on('message', (data: Buffer) => {
        const asked = JSON.parse(data.toString()) as Asked;
        say(socket, asked.id, script.shift(), () => answer(socket, asked));
      });
    });
    return {
      inputs: fc.array(move, { minLength: 1, maxLength: 25, size: 'max' }),
      former: [
        [...Array<Move>(4).fill({ kind: 'right' }), { kind: 'frames', value: Uint8Array.from([0xf1, 0]) }],
        [{ kind: 'right' }, { kind: 'whole', value: { type: 'auth_ok', ha_version: SECRET } }],
        ...(['right', 'twice'] as const).map((kind): Move[] => [
          ...Array<Move>(3).fill({ kind }),
          ...Array<Move>(8).fill({ kind: 'refuse', value: { code: SECRET, message: 'x'.repeat(5_000) } }),
        ]),
      ],
      count: (moves) => moves.length,
      async run(moves) {
        script = structuredClone(moves);
        const core = new Core({ log, url, token: SECRET, ...TIMES });
        const players = new Players({ log, core, ...TIMES, settleMs: 1, serviceTimeoutMs: 30 });
        const administrators = new Administrators({ log, core, timeoutMs: 30 });
        const events = new AnnounceEvents({
          log,
          core,
          ...TIMES,
          announcer: { announceFromEvent: parseAnnounceRequest },
        });
        for (const each of [core, players, events]) each.start();
        try {
          // Not in order of anything: whoever asks, the next move is the answer.
          for (let asked = 0; asked < 200 && script.length > 0; asked += 1) {
            await Promise.allSettled([administrators.has('ada'), players.callService('media_player.x', 'a', {})]);
            await new Promise((resolve) => setTimeout(resolve, 1));
          }
          script = [];
          // It restarts, and is well.
          const before = connections;
          for (const socket of server.clients) socket.terminate();
          await wellAgain(core, players, () => connections > before);
        } finally {
          await closeAll([events, players, core], (error) => lines.push(`ERROR ${String(error)}`));
          for (const socket of server.clients) socket.terminate();
        }
        const told = lines.splice(0);
        mustNotTell('the log', told.join('\n'));
        must(!told.some((line) => line.includes(' ERROR ')), `a fault of ours: ${told.join('\n')}`);
        const longest = told.reduce((most, line) => Math.max(most, line.length), 0);
        must(longest <= MAX_LINE_CHARS, `a line of ${longest} characters`);
      },
      sizes: () => ({ connections: server.clients.size }),
      witness: () => Promise.resolve(),
      async close() {
        for (const socket of server.clients) socket.terminate();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  },
});

async function wellAgain(core: Core, players: Players, isAnew: () => boolean): Promise<void> {
  const untilMs = performance.now() + WELL_AGAIN_MS;
  const isKnown = (): boolean =>
    isAnew() && core.connected && players.available && players.players().some(({ name }) => name === 'Kitchen');
  const isDone = (): Promise<boolean> =>
    players.callService('media_player.media_stop', 'media_player.kitchen', {}).then(
      () => true,
      () => false,
    );
  // On a busy machine it may be late for once.
  while (!isKnown() || !(await isDone())) {
    must(performance.now() < untilMs, `Core is well, and we are not: ${String(core.trouble)}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function say(socket: WebSocket, id: number, said: Move | undefined, right: () => void): void {
  // Of undefined there is no JSON.
  const send = (value: unknown): void => socket.send(value === undefined ? 'undefined' : JSON.stringify(value));
  switch (said?.kind) {
    case undefined:
    case 'right':
      right();
      return;
    case 'twice':
      right();
      right();
      return;
    case 'silence':
      return;
    case 'terminate':
      socket.terminate();
      return;
    case 'close':
      socket.close(said.value);
      return;
    case 'text':
      socket.send(said.value);
      return;
    case 'binary':
      socket.send(said.value, { binary: true });
      return;
    case 'frames':
      return void (socket as unknown as { _socket: Socket | null })._socket?.write(said.value);
    case 'result':
      send({ id, type: 'result', success: true, result: said.value });
      return;
    case 'refuse':
      send({ id, type: 'result', success: false, error: said.value });
      return;
    case 'event':
      send({ id, type: 'result', success: true, result: null });
      send({ id, type: 'event', event: said.value });
      return;
    case 'whole':
      send(said.value);
      return;
  }
}

function answer(socket: WebSocket, { id, type }: Asked): void {
  const send = (value: unknown): void => socket.send(JSON.stringify(value));
  if (type === 'auth') send({ type: 'auth_ok', ha_version: '2026.11.0' });
  else if (type === 'ping') send({ id, type: 'pong' });
  else send({ id, type: 'result', success: true, result: RIGHT[type] ?? null });
  if (type === 'subscribe_entities') send({ id, type: 'event', event: HOUSE });
}
