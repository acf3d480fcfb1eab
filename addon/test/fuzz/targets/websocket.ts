/**
 * Signaling over real WebSockets, beside a model of each client: messages right and wrong, whole, in pieces, binary, huge and
 * compressed though nobody agreed to that, broken frames and all ways to close. Stories of several clients at once.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import fc from 'fast-check';
import { WebSocket } from 'ws';
import type { Relay } from '../../../src/media/relay.ts';
import { ADMINISTRATOR, PLAIN_USER, signalingRig } from '../../support/signaling-rig.ts';
import { FakeAnnouncer } from '../fake-announcer.ts';
import { messageText } from '../messages.ts';
import { defineTarget, must, mustNotTell, SECRET } from '../target.ts';

type Act =
  | { do: 'introduce' | 'connectSender' | 'startTalk' | 'stopTalk' | 'disconnect' }
  | { do: 'text'; text: string; pieces: number }
  | { do: 'binary' | 'ping' | 'frames'; bytes: Uint8Array }
  | { do: 'huge'; bytes: number }
  | { do: 'header'; first: number; length: number }
  | { do: 'close'; code: number; reason: string }
  | { do: 'terminate' | 'unfinished' };
type Step = Act & { client: number };

/** What a client did; how far that got it is seen by the replies. */
interface Model {
  /** Messages, each of which gets one reply. */
  messages: number;
  /** Requests that are right, by their ids. */
  asked: { id: number; type: Right }[];
  /** It said what may have been a request as well: no more can be told of it than that it is answered. */
  isUnclear: boolean;
  /** Its frames cannot be followed any more. */
  isBroken: boolean;
}

type Right = 'introduce' | 'connectSender' | 'startTalk' | 'stopTalk' | 'disconnect';

interface Client {
  socket: WebSocket;
  name: string;
  model: Model;
  said: { type: string; id?: unknown; code?: string; reason?: string }[];
  closed: Promise<unknown>;
}

const REPLY_MS = 15_000;
const LAST_ID = 999_999_999;

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constantFrom(
        ...([
          'introduce',
          'introduce',
          'connectSender',
          'connectSender',
          'startTalk',
          'stopTalk',
          'disconnect',
        ] as const),
      ),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('text' as const),
      text: messageText,
      pieces: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('binary' as const, 'ping' as const, 'frames' as const),
      bytes: fc.uint8Array({ maxLength: 60 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('huge' as const),
      bytes: fc.constantFrom(98_303, 98_304, 98_305, 600_000, 1_572_864, 1_572_865, 2_000_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('header' as const),
      // Compressed, reserved bits, unknown opcodes, pieces of nothing, closes in pieces.
      first: fc.constantFrom(0xc1, 0xa1, 0x91, 0x83, 0x80, 0x00, 0x08, 0x09, 0x8b, 0x88),
      length: fc.constantFrom(0, 1, 5, 125, 126, 127),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('close' as const),
      code: fc.constantFrom(1000, 1001, 1002, 1008, 1011, 3000, 4999),
      reason: fc.string({ maxLength: 30 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('terminate' as const, 'unfinished' as const) }) },
);

export const websocket = defineTarget<Step[]>({
  name: 'websocket',
  share: 60,
  async open() {
    const rig = await signalingRig({
      tokens: { userOfToken: (token) => (token === SECRET ? ADMINISTRATOR : undefined) },
      announcer: new FakeAnnouncer(),
    });
    const server = createServer();
    server.on('upgrade', (request, socket, head) => {
      const user = { '/ada': ADMINISTRATOR, '/anna': PLAIN_USER }[request.url ?? ''];
      rig.server.handleUpgrade(request, socket, head, { user });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const enter = async (path: string, name: string): Promise<Client> => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/${path}`);
      const said: Client['said'] = [];
      socket.on('message', (data: Buffer) => said.push(JSON.parse(data.toString()) as Client['said'][number]));
      socket.on('error', () => undefined);
      const closed = once(socket, 'close');
      await once(socket, 'message');
      const model = { messages: 0, asked: [], isUnclear: false, isBroken: false };
      return { socket, name, said, closed, model };
    };
    const witness = await enter('anna', 'witness');
    const step = fc.tuple(act, fc.nat({ max: 2 })).map(([what, client]): Step => ({ ...what, client }));
    return {
      inputs: fc.oneof(
        { weight: 9, arbitrary: fc.array(step, { minLength: 1, maxLength: 16, size: 'max' }) },
        { weight: 1, arbitrary: fc.array(step, { minLength: 40, maxLength: 160, size: 'max' }) },
      ),
      count: (steps) => steps.length,
      async run(steps) {
        const clients = await Promise.all([enter('ada', 'one'), enter('anna', 'two'), enter('nobody', 'three')]);
        const late = setInterval(() => rig.peers.answerLate(), 2);
        try {
          for (const each of steps) perform(clients[each.client]!, each);
          for (const [index, client] of clients.entries()) await judge(client, index < 2, rig.relay);
        } finally {
          clearInterval(late);
          for (const { socket } of clients) socket.terminate();
          await Promise.all(clients.map(({ closed }) => closed));
        }
        const told = rig.log.lines.splice(0);
        mustNotTell('the log', told.join('\n'));
        const faults = told.filter((line) => line.startsWith('ERROR') && !line.includes('secret detail'));
        must(faults.length === 0, `a fault of ours: ${faults[0] ?? ''}`);
      },
      sizes: () => {
        const { clients, introduced, senderPeers, receiverPeers } = rig.server.stats();
        const isOver = clients === 1;
        if (isOver) rig.peers.senders.length = rig.peers.receivers.length = 0;
        return { clients, introduced, senderPeers, receiverPeers, live: rig.relay.live.length };
      },
      async witness() {
        must(witness.socket.readyState === WebSocket.OPEN, 'the witness was thrown out');
        must((await answerTo(witness, 'getReplays'))?.type === 'result', 'the witness gets no answer');
        witness.said.length = 0;
      },
      async close() {
        witness.socket.terminate();
        await rig.close();
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  },
});

function perform({ socket, name, model }: Client, step: Step): void {
  if (socket.readyState !== WebSocket.OPEN || model.isBroken) return;
  const raw = (socket as unknown as { _socket: Socket })._socket;
  const ask = (type: Right, args: object): void => {
    const id = (model.messages += 1);
    model.asked.push({ id, type });
    socket.send(JSON.stringify({ id, type, args }), () => undefined);
  };
  switch (step.do) {
    case 'introduce':
      ask('introduce', { deviceKey: name.padEnd(22, 'x'), name });
      return;
    case 'connectSender':
      ask('connectSender', { offer: name });
      return;
    case 'startTalk':
    case 'stopTalk':
      ask(step.do, {});
      return;
    case 'disconnect':
      ask('disconnect', { direction: 'sender' });
      return;
    case 'text': {
      model.messages += 1;
      model.isUnclear = true;
      const { text, pieces } = step;
      const length = Math.ceil(text.length / pieces);
      for (let piece = 0; piece < pieces; piece += 1) {
        const part = text.slice(piece * length, (piece + 1) * length);
        socket.send(part, { fin: piece === pieces - 1 }, () => undefined);
      }
      return;
    }
    case 'binary':
      model.messages += 1;
      socket.send(step.bytes, { binary: true }, () => undefined);
      return;
    case 'huge':
      model.messages += 1;
      socket.send('x'.repeat(step.bytes), () => undefined);
      return;
    case 'ping':
      socket.ping(step.bytes, true, () => undefined);
      return;
    case 'frames':
    case 'header':
    case 'unfinished': {
      model.isBroken = true;
      const { bytes, first = 0x81, length = 125 } = step as { bytes?: Uint8Array; first?: number; length?: number };
      raw.write(
        bytes ?? Buffer.from([first, 0x80 | length, 1, 2, 3, 4, ...Array<number>(Math.min(length, 125) >> 1).fill(7)]),
      );
      if (step.do === 'unfinished') raw.end();
      return;
    }
    case 'close':
      model.isBroken = true;
      socket.close(step.code, step.reason);
      return;
    case 'terminate':
      model.isBroken = true;
      socket.terminate();
      return;
  }
}

/** One reply to each message; after all of them it is still answered, and has got as far as its own words take it. */
async function judge(client: Client, isAdmitted: boolean, relay: Relay): Promise<void> {
  const { socket, said, model } = client;
  if (!model.isBroken && socket.readyState === WebSocket.OPEN) {
    const last = await answerTo(client, 'getReplays');
    const replies = said.filter(({ type, id }) => (type === 'result' || type === 'error') && id !== LAST_ID);
    const counts = `${replies.length} replies to ${model.messages} messages`;
    must(replies.length <= model.messages, counts);
    if (last) must(replies.length === model.messages, counts);
    if (last && isAdmitted && !model.isUnclear) follow(model, replies);
    if (!isAdmitted && !model.isUnclear) must(!said.some(({ type }) => type === 'result'), 'a result for nobody');
  }
  mustNotTell('an answer', JSON.stringify(said));
  must(!JSON.stringify(said).includes('secret detail'), 'an answer tells of our insides');
  must(relay.live.length <= 3, `${relay.live.length} talk, and there are three`);
}

function follow({ asked }: Model, replies: Client['said']): void {
  let [isIntroduced, hasSender, isTalking] = [false, false, false];
  for (const { id, type } of asked) {
    const reply = replies.find((each) => each.id === id);
    const got = reply?.type === 'error' ? reply.code : reply?.type;
    if (got === 'rate_limited') continue;
    let wanted = 'result';
    if (type === 'introduce') isIntroduced = true;
    else if (type === 'connectSender') hasSender = true;
    else if (type === 'disconnect') hasSender = isTalking = false;
    else if (type === 'stopTalk') [wanted, isTalking] = [isTalking ? 'result' : 'not_talking', false];
    else if (!isIntroduced) wanted = 'not_introduced';
    else if (!hasSender) wanted = 'not_connected';
    else isTalking = true;
    must(got === wanted, `${got} to ${type}, ${wanted} expected`);
  }
}

/** Undefined: the connection ended instead, as it may for whoever broke the rules. */
async function answerTo({ socket, said, closed }: Client, type: string): Promise<Client['said'][number] | undefined> {
  const before = said.filter(({ id }) => id === LAST_ID).length;
  const find = (): Client['said'][number] | undefined => said.filter(({ id }) => id === LAST_ID).at(before);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer, and no end')), REPLY_MS);
  });
  const answered = new Promise<void>((resolve) => {
    socket.on('message', () => {
      if (find()) resolve();
    });
  });
  socket.send(JSON.stringify({ id: LAST_ID, type, args: {} }), () => undefined);
  await Promise.race([answered, closed, late]).finally(() => clearTimeout(timer));
  return find();
}
